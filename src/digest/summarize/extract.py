"""The summary that needs no model: the abstract's own sentences, chosen by what they do in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.paper import FIELD_NAMES, Field, Role, Sentence, Summary
from digest.text.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING_LEFT = "the abstract has no sentence for this"
NO_ABSTRACT = "the feed has no abstract"

_CUES = {
    name: re.compile(r"\b(?:" + "|".join(parts) + ")", re.IGNORECASE)
    for name, parts in {
        "proposes": (
            r"(?:in this (?:paper|work|article|study|report|letter|thesis)|here"
            r"|this (?:paper|work|article|study|report|letter))\b.{0,60}\b(?:propos|present|introduc|develop"
            r"|describ|stud(?:y|ies)|investigat|explor|address|show|demonstrat|examin|report|provid)",
            r"we (?:\w+ly )?(?:then |here |therefore |thus )?(?:propose|present|introduce|develop|describe"
            r"|design|release|construct|build|study|investigate|explore|formulate)\b",
            r"(?:is|are) (?:proposed|presented|introduced)\b",
        ),
        "objective": (
            r"we (?:aim|seek|ask|address|tackle|want|question|challenge)",
            r"our (?:goal|aim|objective)",
            r"the (?:goal|aim|objective|purpose) of",
            r"to (?:address|tackle|fill|bridge|close|overcome|mitigate|answer)\b",
            r"(?:this|the present) (?:paper|work|study|article) (?:aims|asks|addresses|investigates"
            r"|examines|studies)",
        ),
        "method": (
            r"we (?:\w+ly )?(?:use|train|apply|employ|leverage|combine|adopt|evaluate|compare|collect"
            r"|annotate|fine-?tune|implement|extend|derive|model|analy[sz]e|conduct|perform|test|measure"
            r"|design|first|then|further)",
            r"our (?:method|approach|framework|model|system|algorithm|pipeline|benchmark|key idea)",
            r"it (?:uses|combines|consists|learns|integrates)",
            r"(?:specifically|concretely|in particular)",
            r"by (?:using|combining|introducing|leveraging|modell?ing)",
            r"is (?:trained|based|evaluated|built)",
            r"consists of",
        ),
        "result": (
            r"results?\b",
            r"experiments? (?:on|show|demonstrate)",
            r"experimental",
            r"we (?:\w+ly )?(?:find|found|show|observe|demonstrate|prove|report|achieve|conclude)",
            r"our (?:findings|analysis|evaluation|work (?:highlights|suggests|shows))",
            r"(?:significantly|consistently|substantially) \w+",
            r"(?:outperform|achiev|surpass)\w*",
            r"(?:improv|reduc)(?:es|ed|ing)\b",
            r"yields?\b",
            r"state[- ]of[- ]the[- ]art",
            r"findings",
            r"suggest(?:s|ing)?\b",
            r"compared (?:to|with)",
            r"code (?:is|and|will)",
            r"available at",
        ),
        "background": (
            r"(?:however|but|still|yet|despite|although|existing|recent(?:ly)?|traditional|current)\b",
            r"(?:previous|prior|often|remains?|challeng\w+|difficult|lack\w*|limited|limitations?)\b",
            r"(?:unclear|crucial|essential|important|increasingly|typically)\b",
            r"(?:have|has) (?:become|been|shown)\b",
        ),
    }.items()
}
_TIES = re.compile(
    r"^(?:However|Moreover|Furthermore|Additionally|In addition|Also|Therefore|Thus|Hence|Consequently"
    r"|As a result|Finally|Besides|Nevertheless|Nonetheless|Meanwhile|In contrast|Yet|Accordingly"
    r"|To this end|For example|For instance),?\s+",
)


def label_roles(abstract: str) -> tuple[Sentence, ...]:
    """Split an abstract and say what each sentence does in it, by cue words and order."""
    texts = split_sentences(abstract)
    sentences: list[Sentence] = []
    seen_own_work = False
    for i, text in enumerate(texts):
        role = _role(text, i, len(texts), seen_own_work=seen_own_work)
        seen_own_work = seen_own_work or role in ("objective", "method", "result")
        sentences.append(Sentence(text, role))
    return tuple(sentences)


def _role(text: str, index: int, total: int, *, seen_own_work: bool) -> Role:
    cues = {name for name, cue in _CUES.items() if cue.search(text)}
    ending = total > 2 and index >= 2 * total / 3  # noqa: PLR2004 - the last third of an abstract
    role: Role
    if "proposes" in cues:
        role = "method" if seen_own_work else "objective"
    elif "objective" in cues and not ending:
        role = "objective"
    elif seen_own_work:
        is_result = ("result" in cues and (ending or "method" not in cues)) or (ending and index == total - 1)
        role = "result" if is_result else "method"
    elif "method" in cues:
        role = "method"
    else:
        role = "result" if "result" in cues and "background" not in cues and index > 0 else "background"
    return role


def extractive_summary(sentences: Sequence[Sentence]) -> Summary:
    """Choose the abstract's own sentences for the four fields; none of them twice.

    An abstract with too few sentences leaves fields empty, and they say why.
    """
    if not sentences:
        empty = Field("", "extract", flags=(NO_ABSTRACT,))
        return Summary(empty, empty, empty, empty)
    chosen: dict[str, tuple[int, ...]] = {"tldr": (_tldr(sentences),)}
    used = set(chosen["tldr"])
    for name, roles, last in (
        ("conclusion", ("result",), True),
        ("motivation", ("background", "objective"), False),
        ("method", ("method", "objective"), False),
    ):
        indices = [i for i, sentence in enumerate(sentences) if sentence.role in roles and i not in used]
        if name == "motivation":  # the sentence that names the problem says more than the one before it
            problem = [i for i in indices if _CUES["background"].search(sentences[i].text)]
            indices = problem or indices
        picked = tuple(indices[-1:] if last else indices[:1])
        chosen[name] = picked
        used.update(picked)
    return Summary.of({name: _field(sentences, chosen[name]) for name in FIELD_NAMES})


def _tldr(sentences: Sequence[Sentence]) -> int:
    """Return the first sentence that says what is proposed, else the first of the authors' own work."""
    for matches in (
        lambda s: _CUES["proposes"].search(s.text),
        lambda s: s.role in ("objective", "method"),
        lambda s: s.role == "result",
    ):
        for i, sentence in enumerate(sentences):
            if matches(sentence):
                return i
    return 0


def _field(sentences: Sequence[Sentence], indices: tuple[int, ...]) -> Field:
    if not indices:
        return Field("", "extract", flags=(NOTHING_LEFT,))
    text = " ".join(untie(sentences[i].text) for i in indices)
    return Field(text, "extract", evidence=indices)


def untie(sentence: str) -> str:
    """Cut the word that ties a sentence to the one before it, which is not shown."""
    rest = _TIES.sub("", sentence)
    return rest[:1].upper() + rest[1:] if rest != sentence else sentence
