"""Words of a text: plain forms, stems, and how ordinary a word is."""

from __future__ import annotations

import functools
import math
import re
import unicodedata

from digest.ranking.background import background

_COMMON_STEM = 6
_LEAST_WORD = 3
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_PLAIN = str.maketrans(
    {
        "⁄": "/",
        "−": "-",
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
    }
)
_TEX = re.compile(r"\\(?=%)|\$|\{\\em\b|(?<=\d)\{,\}(?=\d)|[{}]")
_MARKED = re.compile(r"[\\${}]")
_SMALL_WORDS = (
    "a an the this that these those it its they them their he she we us our ours you your i my is are "
    "was were be been being am do does did done has have had having can could may might must shall "
    "should will would of in on at by for from to into onto over under with within without about across "
    "after against along among around as before between beyond during per than then through throughout "
    "toward towards until up upon via and or but nor so yet if while whereas although though because "
    "since when where which who whom whose what how why whether not no also only just even more most "
    "less least much many very such same other another each every any all both either neither some few "
    "own there here thus hence therefore however moreover furthermore still again further too rather "
    "quite well e.g i.e etc"
)
FUNCTION_WORDS = frozenset(_SMALL_WORDS.split())


@functools.lru_cache(maxsize=2048)
def plain(text: str) -> str:
    """Return a text in NFKC with plain dashes, quotes and no TeX around its numbers."""
    if text.isascii() and not _MARKED.search(text):
        return text
    return _TEX.sub("", unicodedata.normalize("NFKC", text.replace("\\times", "×")).translate(_PLAIN))


@functools.lru_cache(maxsize=512)
def folded(text: str) -> str:
    """Return a plain text without accents on its letters."""
    if text.isascii():
        return plain(text)
    decomposed = unicodedata.normalize("NFD", plain(text))
    return "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f")


def words(text: str) -> list[str]:
    """Return the words of a text in lower case; runs of CJK are left out."""
    return [word for word in _WORD.findall(plain(text).lower()) if not _CJK.search(word)]


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return what a word in lower case has in common with its other forms.

    Crude on purpose: endings are cut, then the word to six letters, so that "generates", "generation" and
    "generative" meet.
    """
    for ending in (
        "ization",
        "isation",
        "ities",
        "ness",
        "ings",
        "ing",
        "ies",
        "ied",
        "ed",
        "es",
        "ly",
        "s",
        "e",
        "y",
    ):
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_WORD:
            word = word[: -len(ending)]
            break
    if len(word) > _LEAST_WORD and word[-1] == word[-2]:
        word = word[:-1]
    return word[:_COMMON_STEM]


def content_stems(text: str) -> list[str]:
    """Return the stems of a text's words that carry meaning, in order."""
    return [
        stem(word)
        for word in words(text)
        if word not in FUNCTION_WORDS and (len(word) >= _LEAST_WORD or word.isdigit())
    ]


@functools.cache
def _ordinary_stems() -> dict[str, int]:
    """Return in how many abstracts the words of a stem stand that are usually written small."""
    found: dict[str, int] = {}
    for word, entry in background().words.items():
        if entry.usual.islower():
            found[stem(word)] = found.get(stem(word), 0) + entry.documents
    return found


def is_ordinary(word: str) -> bool:
    """Say whether a word, in any casing, is one that is usually written small."""
    low = word.lower()
    known = background().words.get(low)
    return known.usual.islower() if known else low in FUNCTION_WORDS or stem(low) in _ordinary_stems()


@functools.lru_cache(maxsize=20_000)
def weight(stemmed: str) -> float:
    """Return how telling a stem is, from 0.1 (in nearly every abstract) to 1 (in none)."""
    share = _ordinary_stems().get(stemmed, 0) / background().size
    return max(0.1, 1 - min(1.0, math.sqrt(share)))
