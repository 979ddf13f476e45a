"""What the role classifier sees of a sentence: which words and phrases stand in it, and where it stands.

A feature is known by the CRC-32 of its text, so that no list of words ships; the few function words aside,
whose surroundings show tense, person and voice ("we -ed the *").
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    import numpy.typing as npt

    Keys = npt.NDArray[np.uint32]

BLOCKS = ("words", "shapes", "ends", "stems")
"""The kinds of features; each sentence's features of a kind are scaled to unit length."""

_TOKEN = re.compile(r"https?://\S+|[A-Za-z]+(?:['’][a-z]+)?|\d+(?:[.,]\d+)*|[^\sA-Za-z0-9]")
_ENDINGS = ("ing", "ed", "ly", "tion", "ness", "ment", "ity", "able", "ive", "al", "ic", "est", "er", "s")
_MOST_TOKENS = 200  # of a sentence; more is no sentence
_START_BINS, _END_BINS, _PLACE_BINS, _COUNT_BINS = 6, 6, 8, 10
POSITIONS = _START_BINS + _END_BINS + _PLACE_BINS + _COUNT_BINS + 3
"""How many numbers tell where a sentence stands."""


def tokenize(sentence: str) -> list[str]:
    """Return words in lower case and marks; any number is `0`, any link `URL`."""
    tokens = []
    for match in _TOKEN.finditer(sentence):
        word = match[0].lower()
        if word[0].isdecimal():
            word = "0"
        elif word.startswith("http"):
            word = "URL"
        tokens.append(word)
        if len(tokens) == _MOST_TOKENS:
            break
    return tokens


def sentence_features(tokens: Sequence[str], function_words: AbstractSet[str]) -> dict[str, Keys]:
    """Return the features of each block, as sorted keys without repeats."""
    bounded = ["<", *tokens, ">"]
    shapes = ["<", *(_shape(token, function_words) for token in tokens), ">"]
    texts = {
        "words": _grams(bounded, 3),
        "shapes": (f"s:{gram}" for gram in _grams(shapes, 4)),
        "ends": _ends(tokens),
        "stems": _stems(tokens),
    }
    return {name: _keys(texts[name]) for name in BLOCKS}


def positions(count: int) -> npt.NDArray[np.float32]:
    """Return where each of `count` sentences stands, (count, POSITIONS) float32."""
    rows = np.zeros((count, POSITIONS), np.float32)
    index = np.arange(count)
    place = index / max(1, count - 1)  # (n,), 0..1
    start = 0
    for values, bins in (
        (index, _START_BINS),
        (count - 1 - index, _END_BINS),
        ((place * _PLACE_BINS).astype(int), _PLACE_BINS),
        (np.full(count, count - 1), _COUNT_BINS),
    ):
        rows[index, start + np.minimum(values, bins - 1)] = 1
        start += bins
    rows[:, start:] = np.stack([place, np.ones(count), place**2], axis=1)
    return rows


def _keys(texts: Iterator[str]) -> Keys:
    return np.array(sorted({zlib.crc32(text.encode("utf-8", "replace")) for text in texts}), np.uint32)


def _grams(tokens: Sequence[str], longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        for i in range(len(tokens) - size + 1):
            yield " ".join(tokens[i : i + size])


def _shape(token: str, function_words: AbstractSet[str]) -> str:
    """Keep a function word or mark; of any other word keep the ending."""
    if token in function_words or not token[0].isalpha():
        return token
    for ending in _ENDINGS:
        if token.endswith(ending) and len(token) > len(ending) + 2:
            return f"-{ending}"
    return "*"


def _ends(tokens: Sequence[str]) -> Iterator[str]:
    for i, token in enumerate(tokens[:6]):
        yield f"h{i}:{token}"
    for size in range(1, 5):
        yield "h:" + " ".join(tokens[:size])
    for size in (2, 3):
        yield "t:" + " ".join(tokens[-size:])


def _stems(tokens: Sequence[str]) -> Iterator[str]:
    for token in tokens:
        if len(token) > 5:  # noqa: PLR2004 - shorter words are their own stems
            yield f"{token[:5]}-"
        if len(token) > 6:  # noqa: PLR2004 - an ending of four letters needs something before it
            yield f"-{token[-4:]}$"
