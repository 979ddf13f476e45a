"""Prompt templates: one TOML file per language and task, a reader's own folder first."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from digest.errors import UsageError
from digest.paper import FIELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FALLBACK_LANGUAGE = "en"
_LANGUAGE_NAMES = {"en": "English", "zh": "Simplified Chinese"}


class FieldPrompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of the answer.

    Attributes:
        name: As in `Summary`.
        label: What stands before the model's words; the program writes it, the model never does.
        max_tokens: After so many the field ends, at its last full sentence.
    """

    name: str
    label: str
    max_tokens: int = 80


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
        fields: In the order of `FIELD_NAMES`.
        examples: May be empty.
    """

    system: str
    user: str
    fields: tuple[FieldPrompt, ...]
    examples: tuple[Example, ...] = ()

    @property
    def sha256(self) -> str:
        """The identity of these words: summaries made with others are not reused."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


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
    names = tuple(field.name for field in template.fields)
    if names != FIELD_NAMES:
        raise UsageError(
            f"the prompt {path} has the fields {names}", f"it needs {FIELD_NAMES}, in this order"
        )
    if missing := [name for name in ("{title}", "{abstract}") if name not in template.user]:
        raise UsageError(f"the prompt {path} lacks {missing[0]} in `user`", "say where it goes")
    return msgspec.structs.replace(template, system=template.system.replace("{language}", language_name))


def build_messages(template: PromptTemplate, title: str, abstract: str) -> list[Message]:
    """Return the chat that ends where the answer's first label begins."""
    messages = [Message("system", template.system.strip())]
    for example in template.examples:
        messages.append(Message("user", _fill(template.user, example.title, example.abstract)))
        messages.append(Message("assistant", _answer(template, example)))
    messages.append(Message("user", _fill(template.user, title, abstract)))
    return messages


def _fill(user: str, title: str, abstract: str) -> str:
    # The abstract goes in last, so that no abstract can bring a placeholder of its own to life.
    before, _, after = user.strip().partition("{abstract}")
    return before.replace("{title}", title) + abstract + after.replace("{title}", title)


def _answer(template: PromptTemplate, example: Example) -> str:
    return "\n".join(f"{field.label} {example.answer[field.name].strip()}" for field in template.fields)
