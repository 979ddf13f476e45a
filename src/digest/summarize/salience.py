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
    bias: Numbers

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

    def places(self, size: int) -> dict[Gram, list[tuple[int, int]]]:
        """Return where each gram stands: sentence and word."""
        found: dict[Gram, list[tuple[int, int]]] = {}
        for i, row in enumerate(self.rows):
            for j, gram in enumerate(grams(row, size)):
                found.setdefault(gram, []).append((i, j))
        return found

    def features(self, size: int, kept: Mapping[Gram, float]) -> tuple[list[Gram], Numbers]:
        """Return the grams of the abstract and (v, 23) what is known of each."""
        places = self.places(size)
        in_title = {gram: i for i, gram in reversed(list(enumerate(grams(self.title, size))))}
        title = set(self.title)
        last = max(1, len(self.rows) - 1)
        lines = []
        for gram, spots in places.items():
            inside = sorted({i for i, _ in spots})
            beside = 0
            for i, j in spots:
                row = self.rows[i]
                beside += (j > 0 and row[j - 1] in title) or (j + size < len(row) and row[j + size] in title)
            place = in_title.get(gram, -1)
            weights = [idf(word) for word in gram]
            lines.append(
                (
                    float(place >= 0),
                    place / len(self.title) if place >= 0 else -0.5,
                    sum(word in title for word in gram) / size,
                    math.log1p(len(spots)),
                    len(inside) / len(self.rows),
                    inside[0] / last,
                    inside[-1] / last,
                    *self.roles[inside].max(axis=0).tolist(),
                    float(self.own in inside),
                    min(weights),
                    max(weights),
                    kept.get(gram, 0.0),
                    float(gram in kept),
                    max(map(len, gram)),
                    min(j / len(self.rows[i]) for i, j in spots),
                    max(self.titled[i] for i in inside),
                    beside / len(spots),
                    float(any(word[0].isdigit() for word in gram)),
                    math.log1p(len(self.rows)),
                )
            )
        if not lines:
            return [], np.zeros((0, FEATURES), np.float32)
        return list(places), np.array(lines, np.float32)


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
            chances: Any = 1 / (1 + np.exp(-odds))
            found.append(dict(zip(names, chances.tolist(), strict=True)))
        return found[0], found[1]
