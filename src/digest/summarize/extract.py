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

_PROPOSES = re.compile(
    r"""\b(?:
      (?:in\ this\ (?:paper|work|article|study|report|letter|thesis)|here|this\ (?:paper|work|article|study|report|letter))\b.{0,60}
        \b(?:propos|present|introduc|develop|describ|stud(?:y|ies)|investigat|explor|address|show|demonstrat|examin|report|provid)
    | we\ (?:\w+ly\ )?(?:then\ |here\ |therefore\ |thus\ )?
        (?:propose|present|introduce|develop|describe|design|release|construct|build|study|investigate|explore|formulate)\b
    | (?:is|are)\ (?:proposed|presented|introduced)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_OBJECTIVE = re.compile(
    r"\b(?:we\s+(?:aim|seek|ask|address|tackle|want|question|challenge)|our\s+(?:goal|aim|objective)"
    r"|the\s+(?:goal|aim|objective|purpose)\s+of|to\s+(?:address|tackle|fill|bridge|close|overcome|mitigate|answer)\b"
    r"|(?:this|the\s+present)\s+(?:paper|work|study|article)\s+(?:aims|asks|addresses|investigates|examines|studies))",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:results?\b|experiments?\s+(?:on|show|demonstrate)|experimental|we\s+(?:\w+ly\s+)?(?:find|found|show|observe|demonstrate|prove|"
    r"report|achieve|conclude)|our\s+(?:findings|analysis|evaluation|work\s+(?:highlights|suggests|shows))"
    r"|(?:significantly|consistently|substantially)\s+\w+|outperform\w*|achiev\w+|surpass\w*|improv(?:es|ed|ing)\b"
    r"|reduc(?:es|ed|ing)\b|yields?\b|state[- ]of[- ]the[- ]art|findings|suggest(?:s|ing)?\b|compared\s+(?:to|with)"
    r"|code\s+(?:is|and|will)|available\s+at)",
    re.IGNORECASE,
)
_METHOD = re.compile(
    r"\b(?:we\s+(?:\w+ly\s+)?(?:use|train|apply|employ|leverage|combine|adopt|evaluate|compare|collect|annotate|fine-?tune|implement|"
    r"extend|derive|model|analy[sz]e|conduct|perform|test|measure|design|first|then|further)|our\s+(?:method|approach|framework|model|"
    r"system|algorithm|pipeline|benchmark|key\s+idea)|it\s+(?:uses|combines|consists|learns|integrates)|(?:specifically|concretely|in\s+particular)"
    r"|by\s+(?:using|combining|introducing|leveraging|modeling|modelling)|is\s+(?:trained|based|evaluated|built)|consists\s+of)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"\b(?:however|but|still|despite|although|existing|recent(?:ly)?|traditional|current|previous|prior|often|remains?|challeng\w+|difficult|"
    r"lack\w*|limited|limitations?|unclear|crucial|essential|important|increasingly|typically|have\s+(?:become|been|shown)|has\s+(?:become|been)|yet)\b",
    re.IGNORECASE,
)
_TIES = re.compile(
    r"^(?:However|Moreover|Furthermore|Additionally|In addition|Also|Therefore|Thus|Hence|Consequently|As a result|Finally|"
    r"Besides|Nevertheless|Nonetheless|Meanwhile|In contrast|Yet|Accordingly|To this end|For example|For instance),?\s+",
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
    last_third = total > 2 and index >= 2 * total / 3  # noqa: PLR2004
    if _PROPOSES.search(text):
        return "objective" if not seen_own_work else "method"
    if _OBJECTIVE.search(text) and not last_third:
        return "objective"
    if not seen_own_work:
        if _METHOD.search(text):
            return "method"
        if _RESULT.search(text) and not _BACKGROUND.search(text) and index > 0:
            return "result"
        return "background"
    if _RESULT.search(text) and (last_third or not _METHOD.search(text)):
        return "result"
    return "result" if last_third and index == total - 1 else "method"


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
            problem = [i for i in indices if _BACKGROUND.search(sentences[i].text)]
            indices = problem or indices
        picked = tuple(indices[-1:] if last else indices[:1])
        chosen[name] = picked
        used.update(picked)
    return Summary(**{name: _field(sentences, chosen[name]) for name in FIELD_NAMES})


def _tldr(sentences: Sequence[Sentence]) -> int:
    """Return the first sentence that says what is proposed, else the first of the authors' own work."""
    for matches in (
        lambda s: _PROPOSES.search(s.text),
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
