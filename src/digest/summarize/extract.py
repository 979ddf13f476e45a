"""The summary that needs no model: the abstract's own sentences, chosen by what they do in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.paper import FIELD_NAMES, Field, Role, Sentence, Summary
from digest.summarize.compress import compressions, tidy, untie
from digest.summarize.rank import repeats_title, score
from digest.summarize.standalone import hangs, leans, presentable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

NOTHING_LEFT = "the abstract has no sentence for this"
NO_ABSTRACT = "the feed has no abstract"

FIELD_ROLES: dict[str, tuple[Role, ...]] = {
    "motivation": ("background", "objective"),
    "method": ("method", "objective"),
    "conclusion": ("result",),
}
"""The roles that fill each field beside the tldr, the better ones first."""

_FIELDS_TO_COME = {"conclusion": 2, "motivation": 1, "method": 0}
_SHORT, _ENOUGH, _LONG, _MOST_WORDS = 6, 18, 40, 60
"""Words: too few for a field, enough without a second sentence, more than one reads at ease, two together."""

_LINK = re.compile(
    r"https?://|www\.|\bgithub\b|\b(?:codes?|data ?sets?|data|models?|implementations?|weights|demo"
    r"|videos?|project page"
    r"|materials?)\b[^.]{0,60}\b(?:is|are|will be|made|can be) (?:\w+ )?(?:available|released|found"
    r"|accessed|public|open)"
    r"|\b(?:release|open[- ]source)\b[^.]{0,40}\b(?:code|data|models?|weights)\b|\bavailable at\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"\b(?:show|demonstrate|find|found|prove|reveal|confirm|suggest|outperform|achiev|improv|reduc"
    r"|surpass|exceed"
    r"|results?|findings|state[- ]of[- ]the[- ]art|conclude)\w*",
    re.IGNORECASE,
)
# What nobody says of a method alone. More would be taken from the field that it belongs to.
_FINDING = re.compile(
    r"\b(?:outperform|surpass)\w*"
    r"|\bwe (?:\w+ly )?(?:show|find|found|demonstrate|confirm|observe|prove) that\b"
    r"|\b(?:improves?|achieves?|reduces?|reach(?:es)?|raises?|reveals)\b[^.]*\d"
    r"|\b(?:experiments?|results|findings|stud(?:y|ies)|analys[ie]s)\b[^.]{0,60}"
    r"\b(?:show|demonstrate|reveal|confirm|indicate|suggest)s?\b",
    re.IGNORECASE,
)
_PROBLEM = re.compile(
    r"\b(?:however|but|yet|although|despite|unfortunately|challeng\w+|difficult\w*|lack\w*|limit(?:s|ed"
    r"|ations?)|remains?|unclear"
    r"|problems?|fails?|suffers?|costly|expensive|hard|cannot|rarely|little|bottleneck|gap|unknown"
    r"|ignores?|overlook\w*|struggles?)\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:we|our|proposed|(?:the|this) (?:method|approach|framework|model|algorithm))\b", re.IGNORECASE
)
_WE_DO = re.compile(
    r"(?:(?:here|in this \w+),? )?we (?:\w+ly |also |further )?(?:propos|present|introduc|develop"
    r"|deriv|extend"
    r"|study|investigat|show|prov|construct|build|design|us|analy[sz]|give|train|evaluat|describ"
    r"|formulat)e?\b"
    r"|this (?:paper|work|article) (?:present|propos|introduc|develop|stud|investigat|describ)",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:prior|previous|existing|recent|current|conventional|traditional) (?:\w+ )?(?:works?|methods?"
    r"|approach(?:es)?|studies|models|systems)\b|\blargely un\w+",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\A(?:for example|for instance|e\.g\.|note that|as an example|see )", re.IGNORECASE)


def extractive_summary(sentences: Sequence[Sentence], title: str = "") -> Summary:
    """Choose the abstract's own sentences for the four fields; none of them twice.

    An abstract with too few sentences leaves fields empty, and they say why.

    Args:
        sentences: Of the abstract.
        title: Of the paper: its words tell what matters. It is never the summary itself.
    """
    if not sentences:
        empty = Field("", "extract", flags=(NO_ABSTRACT,))
        return Summary(empty, empty, empty, empty)
    tldr = best_sentence(sentences, title)
    fields = {"tldr": tldr}
    used = set(tldr.evidence)
    for name in ("conclusion", "motivation", "method"):
        # While a field may still be without a sentence, none takes two.
        most = 2 if len(sentences) - len(used) > _FIELDS_TO_COME[name] + 1 else 1
        fields[name] = extract_field(sentences, roles=FIELD_ROLES[name], exclude=used, most=most)
        if name == "conclusion" and not fields[name].text:
            fields[name] = _finding(sentences, used)
        used.update(fields[name].evidence)
    return Summary.of({name: fields[name] for name in FIELD_NAMES})


def _finding(sentences: Sequence[Sentence], used: Collection[int]) -> Field:
    """Return the last sentence that tells of a finding, though it was taken for a method."""
    for i in reversed(range(len(sentences))):
        text = sentences[i].text
        if i not in used and _role(sentences[i]) in ("method", "other") and _FINDING.search(text):
            return Field(presentable(text), "extract", evidence=(i,))
    return Field("", "extract", flags=(NOTHING_LEFT,))


def best_sentence(sentences: Sequence[Sentence], title: str = "") -> Field:
    """Return the sentence, or the shorter form of one, that says best in one sentence what a paper does."""
    forms = [(form, i) for i, sentence in enumerate(sentences) for form in compressions(sentence.text)]
    new = [(form, i) for form, i in forms if not repeats_title(form, title)] or forms
    steady = [(form, i) for form, i in new if not (hangs(form) or leans(form))] or new
    if not steady:
        return Field("", "extract", flags=(NOTHING_LEFT,))
    scores = score([form for form, _ in steady], title, sentences)
    text, index = steady[int(scores.argmax())]
    return Field(text, "extract", evidence=(index,))


def extract_field(
    sentences: Sequence[Sentence],
    *,
    roles: Sequence[Role] = (),
    cues: Sequence[str] = (),
    exclude: Collection[int] = (),
    most: int = 2,
) -> Field:
    """Return the best sentence or two of some roles, or with some words, as one field.

    Args:
        sentences: Of the abstract.
        roles: The better ones first. With cues they only say which sentence to prefer.
        cues: Beginnings of words, in any case; a sentence must have one of them. Empty: roles decide.
        exclude: Indices that stand in other fields already.
        most: Sentences.

    Returns:
        A field that is empty, and says so, when no sentence fits.
    """
    marks = _cue_pattern(cues)
    fitting = {
        i: _worth(sentences, i, roles)
        for i, sentence in enumerate(sentences)
        if i not in exclude
        and tidy(sentence.text)  # a lone mark is no sentence
        and (marks.search(sentence.text) if marks else _role(sentence) in roles)
    }
    telling = (
        {i: worth for i, worth in fitting.items() if not _LINK.search(sentences[i].text)} if not marks else {}
    )
    pool = telling or fitting
    if not pool:
        return Field("", "extract", flags=(NOTHING_LEFT,))
    first = max(pool, key=lambda i: (pool[i], -i))
    chosen = {first}
    if most > 1 and (second := _second(sentences, first, pool, exclude)) is not None:
        chosen.add(second)
    evidence = tuple(sorted(chosen))
    shown = [tidy(sentences[i].text) if i - 1 in chosen else presentable(sentences[i].text) for i in evidence]
    return Field(" ".join(shown), "extract", evidence=evidence)


def _role(sentence: Sentence) -> Role:
    """Return a sentence's role; what "we" do is no background, whatever it was taken for."""
    return "method" if sentence.role == "background" and _WE_DO.match(untie(sentence.text)) else sentence.role


def _worth(sentences: Sequence[Sentence], index: int, roles: Sequence[Role]) -> float:
    """Return how well a sentence would stand in a field; numbers set by reading, not by fitting."""
    sentence = sentences[index]
    text = sentence.text
    words = len(text.split())
    place = index / max(1, len(sentences) - 1)
    role = _role(sentence)
    worth = 1.0 - 0.3 * roles.index(role) if role in roles else 0.0
    worth -= 1.0 * hangs(presentable(text)) + 0.4 * leans(presentable(text))
    worth -= 0.8 * (words < _SHORT) + 0.02 * max(0, words - _LONG)
    worth -= 0.5 * bool(_ASIDE.search(text))
    if role == "result":
        worth += 0.5 * bool(_CLAIM.search(text)) + 0.2 * bool(re.search(r"\d", text)) + 0.4 * place
    elif role == "background":
        worth += 0.8 * bool(_PROBLEM.search(text)) + 0.2 * place
    else:
        worth += 0.3 * bool(_OWN.search(text)) - 0.8 * bool(_OTHERS.search(text)) - 0.3 * place
    return worth


def _second(
    sentences: Sequence[Sentence], first: int, pool: Collection[int], exclude: Collection[int]
) -> int | None:
    """Return a neighbour that a short or pointing sentence is better with, the latter of any role."""
    words = len(sentences[first].text.split())
    beside: tuple[int, ...] = ()
    text = presentable(sentences[first].text)
    if hangs(text) or leans(text):
        told = first and first - 1 not in exclude and not _OTHERS.search(sentences[first - 1].text)
        beside = (first - 1,) if told else ()
    elif words < _ENOUGH:
        beside = tuple(i for i in (first + 1, first - 1) if i in pool)
    for i in beside:
        together = words + len(sentences[i].text.split())
        if together <= _MOST_WORDS and not (i < first and hangs(presentable(sentences[i].text))):
            return i
    return None


def _cue_pattern(cues: Sequence[str]) -> re.Pattern[str] | None:
    parts = [rf"(?<!\w){re.escape(cue)}" if cue[:1].isascii() else re.escape(cue) for cue in cues if cue]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None
