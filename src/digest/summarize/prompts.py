"""Prompt templates: one TOML file per language and task, a reader's own folder first."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

from digest.errors import UsageError
from digest.paper import FIELD_NAMES, Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FALLBACK_LANGUAGE = "en"
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FENCE = re.compile(r"<(/?\s*abstract\s*)>", re.IGNORECASE)
_LANGUAGE_NAMES = {"en": "English", "zh": "Simplified Chinese"}


class FieldPrompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of the answer.

    Attributes:
        name: As in `Summary`.
        label: What stands before the model's words; the program writes it, the model never does.
        max_tokens: After so many the field ends, at its last full sentence.
        heading: What stands before the field in the digest; empty means the label.
        roles: From sentences of these roles the field is filled where the model's words are not shown.
        cues: From sentences with one of these words, if it is given.
    """

    name: str
    label: str
    max_tokens: int = 80
    heading: str = ""
    roles: tuple[Role, ...] = ()
    cues: tuple[str, ...] = ()

    @property
    def shown_label(self) -> str:
        """What stands before the field in the digest, without a colon."""
        return self.heading or self.label.rstrip(":： ")


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One worked example, shown to the model as an earlier turn: an invented paper and its answer."""

    title: str
    abstract: str
    answer: dict[str, str]


class PromptTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model is told.

    Attributes:
        system: `{language}` is replaced.
        user: `{title}` and `{abstract}` are replaced; everything from outside stands in them.
        fields: First those of `FIELD_NAMES`, in their order, then a reader's own.
        again: Takes the place of `user` when fields are asked for once more, because what the model
            wrote was not true; empty means that they are not.
        examples: May be empty.
    """

    system: str
    user: str
    fields: tuple[FieldPrompt, ...]
    again: str = ""
    examples: tuple[Example, ...] = ()

    @property
    def sha256(self) -> str:
        """The identity of what the model reads: summaries made with other words are not reused."""
        fields = [(field.name, field.label, field.max_tokens) for field in self.fields]
        words = (self.system, self.user, fields, self.examples)
        return hashlib.sha256(msgspec.json.encode(words)).hexdigest()

    @property
    def instructions(self) -> str:
        """All words of the template itself: what a summary must not say again."""
        shown = (text for one in self.examples for text in (one.title, one.abstract, *one.answer.values()))
        return "\n".join((self.system, self.user, self.again, *shown))

    def once_more(self) -> PromptTemplate:
        """Return the template with the words for a second asking."""
        return msgspec.structs.replace(self, user=self.again)


class Message(msgspec.Struct, frozen=True):
    """One turn of a chat; `role` is system, user or assistant."""

    role: str
    content: str


def load_template(language: str, *, folders: Sequence[Path], task: str = "summary") -> PromptTemplate:
    """Read the template for a language; one without a template of its own gets the English one.

    Args:
        language: `en`, `zh`, or a language's name, which is put into the words.
        folders: Searched in this order.
        task: Name of the file.

    Raises:
        UsageError: No template is found, or it is not valid.
    """
    for code in dict.fromkeys((language, _FALLBACK_LANGUAGE)):
        for folder in folders:
            path = folder / code / f"{task}.toml"
            if path.is_file():
                return _parse(path, _LANGUAGE_NAMES.get(language, language))
    where = ", ".join(str(folder) for folder in folders)
    raise UsageError(f"no prompt {language}/{task}.toml in {where}", "reinstall, or mend --prompts")


def _parse(path: Path, language_name: str) -> PromptTemplate:
    try:
        template = msgspec.toml.decode(path.read_bytes(), type=PromptTemplate)
    except (msgspec.MsgspecError, OSError) as error:
        raise UsageError(f"the prompt {path} is not valid ({error})", "see prompts/README.md") from None
    if problem := _problem(template):
        raise UsageError(f"the prompt {path} {problem[0]}", problem[1])
    return msgspec.structs.replace(template, system=template.system.replace("{language}", language_name))


def _problem(template: PromptTemplate) -> tuple[str, str] | None:
    """Return what is wrong with a template and what to do about it."""
    names = tuple(field.name for field in template.fields)
    if names[: len(FIELD_NAMES)] != FIELD_NAMES or len(set(names)) < len(names):
        return f"has the fields {names}", f"it needs {FIELD_NAMES} first, in this order, and each name once"
    if odd := next((name for name in names if not _FIELD_NAME.fullmatch(name)), None):
        return f"has a field named {odd!r}", "take small letters, digits and underscores"
    if empty := next((field.name for field in template.fields if not field.label.strip()), None):
        return f"has no label for {empty}", "say what stands before the model's words"
    for key, words in (("user", template.user), ("again", template.again)):
        missing = [name for name in ("{title}", "{abstract}") if name not in words]
        if missing and (words or key == "user"):
            return f"lacks {missing[0]} in `{key}`", "say where it goes"
    for example in template.examples:
        if left_out := [name for name in names if name not in example.answer]:
            return f"has an example without {left_out[0]}", "give every field an answer"
    return None


def build_messages(template: PromptTemplate, title: str, abstract: str) -> list[Message]:
    """Return the chat that ends where the answer's first label begins."""
    messages = [Message("system", template.system.strip())]
    for example in template.examples:
        messages.append(Message("user", _fill(template.user, example.title, example.abstract)))
        messages.append(Message("assistant", _answer(template, example)))
    messages.append(Message("user", _fill(template.user, title, abstract)))
    return messages


def _fill(user: str, title: str, abstract: str) -> str:
    # The abstract goes in last, so that no abstract can bring a placeholder of its own to life; and none
    # can leave the fence that the template puts around it.
    before, _, after = user.strip().partition("{abstract}")
    title, abstract = (_FENCE.sub(r"(\1)", text) for text in (title, abstract))
    return before.replace("{title}", title) + abstract + after.replace("{title}", title)


def _answer(template: PromptTemplate, example: Example) -> str:
    return "\n".join(f"{field.label} {example.answer[field.name].strip()}" for field in template.fields)
