"""How likely each word and word pair of an abstract stands in a summary of it that a person would write.

A small network looks at where the word stands (title, which sentences, what they do, how early), how
often, how rare it is elsewhere, and how often it was kept when it stood in other abstracts. Summing these
chances over a text gives the overlap to expect between it and a person's summary.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from digest.ranking.background import word_list
from digest.ranking.lexical import shipped_frequencies, stem

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float32]

Gram = tuple[str, ...]

PROPOSES = re.compile(
    r"\b(?:(?:in this (?:paper|work|article|study|report|letter|thesis)|here"
    r"|this (?:paper|work|article|study|report|letter))\b.{0,60}\b(?:propos|present|introduc|develop"
    r"|describ|stud(?:y|ies)|investigat|explor|address|show|demonstrat|examin|report|provid)"
    r"|we (?:\w+ly )?(?:then |here |therefore |thus )?(?:propose|present|introduce|develop|describe"
    r"|design|release|construct|build|study|investigate|explore|formulate)\b"
    r"|(?:is|are) (?:proposed|presented|introduced)\b)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_STOP = frozenset(word_list("stop"))
FEATURES = 23


def tokens(text: str) -> list[str]:
    """Return the stems of all words, small ones too; a Chinese character is a word."""
    return [stem(word) for word in _TOKEN.findall(text.lower())]


def grams(words: Sequence[str], size: int) -> list[Gram]:
    """Return all runs of `size` words."""
    return list(zip(*(words[i:] for i in range(size)), strict=False))


@functools.lru_cache(maxsize=65536)
def idf(word: str) -> float:
    """Return the inverse document frequency of a stem; one that stands everywhere has 0."""
    shipped = shipped_frequencies()
    if word in _STOP or len(word) == 1:
        return 0.0
    return math.log((shipped.documents + 1) / (shipped.counts.get(word, 1) + 1))


@dataclass(frozen=True)
class Network:
    """A perceptron with one hidden layer beside a direct way.

    Attributes:
        mean: (f,) of the inputs.
        scale: (f,) their spread.
        first: (f, h).
        first_bias: (h,).
        second: (h,).
        direct: (f,) from input to output; zeros where there is none.
        bias: ().
    """

    PARTS: ClassVar = ("mean", "scale", "first", "first_bias", "second", "direct", "bias")

    mean: Numbers
    scale: Numbers
    first: Numbers
    first_bias: Numbers
    second: Numbers
    direct: Numbers
    bias: np.float32 | Numbers

    def __call__(self, rows: Numbers) -> Numbers:
        """Return one number for each row of (n, f), (n,) float32."""
        rows = (rows - self.mean) / self.scale
        hidden = np.maximum(rows @ self.first + self.first_bias, 0)  # (n, h)
        out: Numbers = (hidden @ self.second + rows @ self.direct + self.bias).astype(np.float32)
        return out


class Document:
    """A title and an abstract's sentences, taken apart once.

    Args:
        title: Of the paper; may be empty.
        texts: n sentences.
        roles: (n, 5) how likely each sentence has each role.
    """

    def __init__(self, title: str, texts: Sequence[str], roles: Numbers) -> None:
        self.title = tokens(title)
        self.texts = texts
        self.rows = [tokens(text) for text in texts]
        self.roles = roles
        own = (i for i, text in enumerate(texts) if PROPOSES.search(text))
        self.own = next(own, -1)
        """Index of the first sentence that says what is proposed; -1 without one."""
        weight = sum(idf(word) for word in set(self.title)) or 1.0
        self.titled = [sum(idf(w) for w in set(self.title) & set(row)) / weight for row in self.rows]
        """Share of the title's weight in each sentence."""

    def grams(self, size: int) -> set[Gram]:
        """Return all grams of the abstract."""
        return {gram for row in self.rows for gram in grams(row, size)}

    def features(self, size: int, kept: Mapping[Gram, float]) -> tuple[list[Gram], Numbers]:
        """Return the grams of the abstract and (v, 23) what is known of each."""
        number: dict[Gram, int] = {}
        ids, where, early, beside = [], [], [], []  # of each occurrence
        title = set(self.title)
        for i, row in enumerate(self.rows):
            titled = [False, *(word in title for word in row), False]
            for j, gram in enumerate(grams(row, size)):
                ids.append(number.setdefault(gram, len(number)))
                where.append(i)
                early.append(j / len(row))
                beside.append(titled[j] or titled[j + size + 1])
        if not number:
            return [], np.zeros((0, FEATURES), np.float32)
        order = np.argsort(ids, kind="stable")  # (o,), by gram, then by sentence
        gram_of, sentence_of = np.array(ids)[order], np.array(where)[order]
        starts = np.flatnonzero(np.diff(gram_of, prepend=-1))  # (v,)
        fresh = np.diff(sentence_of, prepend=-1) != 0
        fresh[starts] = True  # the first time in a sentence
        counts = np.diff(starts, append=len(order))
        last = max(1, len(self.rows) - 1)
        in_title = {gram: i for i, gram in reversed(list(enumerate(grams(self.title, size))))}
        known = [self._known(gram, in_title.get(gram, -1), title, kept) for gram in number]
        columns = (
            np.array(known, np.float32),  # (v, 9)
            np.log1p(counts),
            np.add.reduceat(fresh.astype(int), starts) / len(self.rows),
            np.minimum.reduceat(sentence_of, starts) / last,
            np.maximum.reduceat(sentence_of, starts) / last,
            np.maximum.reduceat(self.roles[sentence_of], starts),
            np.maximum.reduceat(sentence_of == self.own, starts),
            np.minimum.reduceat(np.array(early)[order], starts),
            np.maximum.reduceat(np.array(self.titled)[sentence_of], starts),
            np.add.reduceat(np.array(beside, int)[order], starts) / counts,
            np.full(len(starts), math.log1p(len(self.rows))),
        )
        return list(number), np.column_stack(columns).astype(np.float32)

    def _known(
        self, gram: Gram, place: int, title: set[str], kept: Mapping[Gram, float]
    ) -> tuple[float, ...]:
        """Return what is known of a word or pair without looking at the abstract, 9 numbers."""
        first, last = gram[0], gram[-1]
        weight, other = idf(first), idf(last)
        return (
            place >= 0,
            place / len(self.title) if place >= 0 else -0.5,
            ((first in title) + (last in title)) / 2,
            min(weight, other),
            max(weight, other),
            kept.get(gram, 0.0),
            gram in kept,
            max(len(first), len(last)),
            first[0].isdigit() or last[0].isdigit(),
        )


@dataclass(frozen=True)
class Salience:
    """The model: for each size of gram how often known ones are kept (log odds), networks, and chances.

    Attributes:
        kept: For sizes 1 and 2: log odds that a gram is in the summary when it stands in the abstract.
        networks: For sizes 1 and 2.
        unseen: Chance that a word is in the summary when it does not stand in the abstract.
    """

    kept: tuple[Mapping[Gram, float], Mapping[Gram, float]]
    networks: tuple[Network, Network]
    unseen: Mapping[str, float]

    def __call__(self, document: Document) -> tuple[dict[Gram, float], dict[Gram, float]]:
        """Return the chance of each word and of each pair of words, 0..1."""
        found: list[dict[Gram, float]] = []
        for size in (1, 2):
            names, rows = document.features(size, self.kept[size - 1])
            odds = self.networks[size - 1](rows) if names else np.zeros(0, np.float32)
            chances: Any = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
            found.append(dict(zip(names, chances.tolist(), strict=True)))
        return found[0], found[1]
