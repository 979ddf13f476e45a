"""The summary that needs no model: the abstract's own sentences, chosen by what they do in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.paper import FIELD_NAMES, Field, Sentence, Summary

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
