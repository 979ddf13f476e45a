"""Check what a model wrote against the abstract it came from, before anyone sees it.

A field that fails is replaced by the abstract's own words, and says why.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from digest.paper import Field
from digest.text.clean import clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.paper import Sentence

EMPTY = "the model wrote nothing"
CUT = "cut at its length limit"
LOOP = "the model repeats itself"
GARBLED = "has broken characters"
REPEATED = "the same as another field"
BROKEN_OFF = "began to repeat what was said"
LINK = "names a link that the abstract does not have"
WRONG_LANGUAGE = "not in the language asked for"
TITLE = "only repeats the title"
UNRELATED = "says little of what the abstract says"

_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_THOUGHT_END = re.compile(r"^.*</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.IGNORECASE)
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])[-+]?\d+(?:[.,]\d+)*")
_NAME = re.compile(r"\b(?=\w*[A-Za-z])(?:\w*[a-z0-9]+[A-Z]\w*|[A-Z]{2,}\w*|[A-Za-z]+-?\d[\w.-]*)\b", re.ASCII)
_LINK = re.compile(r"https?://|www\.|\b[\w-]+\.(?:com|org|io|net)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE_END = re.compile(r"[.!?。！？][\"”’)]?(?=\s|$)|[。！？]")
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_MOST_EVIDENCE = 2
_LEAST_OVERLAP = 0.5
_LEAST_CJK = 0.3
_LOOP_WORDS = 6
_STAMMER = re.compile(r"([^\W\d_]{1,3})\1{3,}")
_SAME = 0.75


def ground(
    raw: str,
    *,
    title: str,
    sentences: Sequence[Sentence],
    language: str,
    label: str,
    cut: bool,
    repeats: bool = False,
    others: Sequence[str] = (),
) -> Field:
    """Clean and check one field that a model wrote.

    Args:
        raw: The model's words.
        title: Of the paper.
        sentences: Of the abstract.
        language: That was asked for.
        label: That stood before the field; a model sometimes repeats it.
        cut: The field ran into its budget: only its full sentences are kept.
        repeats: It was ended because it began as another field did, or came round to what it had said.
        others: Fields of the same summary that were accepted already.

    Returns:
        A field with origin `model`; `grounded` is False when it must not be shown as it is.
    """
    text = tidy(raw, label)
    if cut:
        text = _full_sentences(text)
    source = " ".join((title, *(sentence.text for sentence in sentences)))
    flags = [*_form_flags(text, title, language, others), *_fact_flags(text, source)]
    if repeats and not {LOOP, REPEATED} & set(flags):
        flags.append(BROKEN_OFF)
    evidence, overlap = _evidence(text, sentences)
    if not flags and _is_latin(text) and overlap < _LEAST_OVERLAP:
        flags.append(UNRELATED)
    if cut and _SENTENCE_END.search(text[-2:]) is None:
        flags.append(CUT)
    return Field(text, "model", evidence, grounded=not flags, flags=tuple(flags))


def tidy(raw: str, label: str) -> str:
    """Take away what is not the field's text: thoughts, controls, a repeated label."""
    text = clean_text(without_thoughts(raw))
    bare = label.rstrip(":： ")
    return re.sub(rf"^\W*{re.escape(bare)}\W*[:：][\s*_]*", "", text, flags=re.IGNORECASE).strip()


def without_thoughts(raw: str) -> str:
    """Take away what a thinking model thought aloud, whether it closed its thought or not."""
    return _THOUGHT_END.sub("", _THOUGHT.sub("", raw))


def _full_sentences(text: str) -> str:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]] if ends else text


def _form_flags(text: str, title: str, language: str, others: Sequence[str]) -> list[str]:
    if not any(c.isalnum() for c in text):
        return [EMPTY]
    flags = []
    if loops(text):
        flags.append(LOOP)
    if "\ufffd" in text:  # half a character: the model stopped in the middle of one
        flags.append(GARBLED)
    if any(_says_the_same(text, other) for other in others):
        flags.append(REPEATED)
    if _says_the_same(text, title):
        flags.append(TITLE)
    cjk = len(_CJK.findall(text)) / max(1, sum(character.isalpha() for character in text))
    if (language == "zh" and cjk < _LEAST_CJK) or (language == "en" and cjk > 1 - _LEAST_CJK):
        flags.append(WRONG_LANGUAGE)
    return flags


def _fact_flags(text: str, source: str) -> list[str]:
    flags = []
    known = set(_numbers(source))
    flags += [f"number not in the abstract: {number}" for number in _numbers(text) if number not in known]
    # A name may be built from a known one: an acronym's plural, "LLM-based".
    lower = source.lower()
    for name in dict.fromkeys(_NAME.findall(text)):
        if name.lower() not in lower and name.rstrip("s").lower() not in lower:
            flags.append(f"name not in the abstract: {name}")
    if _LINK.search(text) and not _LINK.search(source):
        flags.append(LINK)
    return flags


def _numbers(text: str) -> list[str]:
    """Return the numbers of a text without their thousands separators and trailing zeros."""
    found = []
    for number in _NUMBER.findall(unicodedata.normalize("NFKC", text)):
        bare = re.sub(r",(?=\d{3}(?!\d))", "", number).lstrip("+-").rstrip(".,")
        found.append(bare.rstrip("0").rstrip(".") if "." in bare else bare)
    return list(dict.fromkeys(found))


def loops(text: str) -> bool:
    """Say whether six words come twice, a run of characters three times, or a few letters again and again.

    Runs of characters, for Chinese has no spaces.
    """
    if _STAMMER.search(text):
        return True
    words = _plain(text).split()
    grams = [tuple(words[i : i + _LOOP_WORDS]) for i in range(len(words) - _LOOP_WORDS + 1)]
    return len(grams) != len(set(grams)) or bool(re.search(r"(.{6,})\1\1", text))


def _says_the_same(one: str, other: str) -> bool:
    """Say whether two texts have nearly the same words (Jaccard)."""
    first, second = set(_plain(one).split()), set(_plain(other).split())
    return len(first & second) >= _SAME * max(1, len(first | second))


def _evidence(text: str, sentences: Sequence[Sentence]) -> tuple[tuple[int, ...], float]:
    """Return the sentences that share most of the text's words, and the share that the source has."""
    words = _stems(text)
    if not words:
        return (), 0.0
    shares = [(len(words & _stems(sentence.text)), -i) for i, sentence in enumerate(sentences)]
    best = sorted(shares, reverse=True)[:_MOST_EVIDENCE]
    evidence = sorted(-index for count, index in best if count and count * 2 >= best[0][0])
    everything = frozenset().union(*(_stems(sentence.text) for sentence in sentences)) if sentences else set()
    return tuple(evidence), len(words & everything) / len(words)


def _stems(text: str) -> frozenset[str]:
    """Return a text's longer words and its names and numbers, words cut to six letters."""
    return frozenset(
        [word.lower()[:6] for word in _WORD.findall(text) if not _CJK.search(word)]
        + [name.lower() for name in _NAME.findall(text)]
        + _numbers(text)
    )


def _is_latin(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(letter.isascii() for letter in letters) > len(letters) / 2


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()
