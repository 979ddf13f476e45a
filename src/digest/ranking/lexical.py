"""Which words a query and a paper share, and how telling they are: BM25 on a scale of its own.

BM25 (Robertson & Zaragoza 2009) with document frequencies from shipped counts and the day's papers
together, divided by what a paper would reach that holds every word of the query endlessly often: so
that a number means the same on a day with few papers and on one with many.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digest.ranking.background import word_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    Numbers = npt.NDArray[np.float32]

_K1 = 1.5
_B = 0.75
_MOST_REPEATS = 3
"""A word that a query repeats more often counts so many times."""

_LENGTH = 85.0
"""Content words of a usual title and abstract (mean over SciTLDR and CSAbstruct)."""

_SHORTEST_QUERY = 10
"""Words: a query of fewer is treated as if so many were asked, or a single common word would decide."""

_STOP = word_list("stop")
_WORD = re.compile(r"[^\W_]+")
_NO_PLURAL = ("ss", "us", "is")
_SHORTEST_STEM = 4


@functools.lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Cut common English endings, so that "graphs" and "graph", "images" and "image" meet."""
    if word.endswith(("ies", "ied")) and len(word) > _SHORTEST_STEM:
        word = f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith(_NO_PLURAL) and len(word) > _SHORTEST_STEM:
        word = word[:-1]
    for suffix in ("ing", "ed"):
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            word = word[: -len(suffix)]
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST_STEM else word


def content_words(text: str) -> list[str]:
    """Return the words of a text that say something, lower case, as they stand."""
    return [word for word in _WORD.findall(text.lower()) if len(word) > 1 and word not in _STOP]


def stems(text: str) -> list[str]:
    """Return the stems of a text's content words, in order."""
    return [stem(word) for word in content_words(text)]


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many of so many documents a stem stands."""

    documents: int
    counts: Mapping[str, int]


@functools.cache
def shipped_frequencies() -> Frequencies:
    """Return counts from abstracts of computer science (`bench/train/reference.py` makes them)."""
    path = Path(__file__).parent / "reference" / "frequencies.tsv"
    first, *lines = [
        line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    pairs = (line.split("\t") for line in lines)
    return Frequencies(int(first), {word: int(count) for word, count in pairs})


class Words:
    """The words of a day's papers, counted once, for any number of queries.

    Args:
        texts: n of them: title and abstract.
        frequencies: Of stems in other documents; the texts' own are added.
    """

    def __init__(self, texts: Sequence[str], frequencies: Frequencies | None = None) -> None:
        self._shipped = frequencies or shipped_frequencies()
        self._texts = texts
        self._counts: list[Counter[str]] = [Counter(stems(text)) for text in texts]
        self._lengths = np.array([counts.total() for counts in self._counts], np.float32)  # (n,)
        self._own = Counter(word for counts in self._counts for word in counts)

    def idf(self, word: str) -> float:
        """Return the inverse document frequency of a stem, above 0."""
        documents = self._shipped.documents + len(self._counts)
        found = self._shipped.counts.get(word, 0) + self._own[word]
        return float(np.log(1 + (documents - found + 0.5) / (found + 0.5)))

    def similarity(self, queries: Sequence[str]) -> Numbers:
        """Return how much of each query's weight stands in each text, (n, q) float32, 0..1."""
        from scipy import sparse

        asked = [self._weights(query) for query in queries]
        index = {word: i for i, word in enumerate(dict.fromkeys(word for query in asked for word in query))}
        if not index or not self._counts:
            return np.zeros((len(self._counts), len(queries)), np.float32)
        papers = self._matrix(index)  # (n, v) saturated counts, 0..1
        columns = sparse.lil_matrix((len(index), len(queries)), dtype=np.float32)
        for column, query in enumerate(asked):
            whole = sum(query.values()) * max(1.0, _SHORTEST_QUERY / max(1, len(query)))
            for word, weight in query.items():
                columns[index[word], column] = weight / whole
        product: Any = papers @ columns.tocsc()
        return np.asarray(product.toarray(), np.float32)

    def best(self, query: str, text: int, count: int) -> tuple[str, ...]:
        """Return the words shared by a query and a text that weigh most, best first, as the text has them."""
        counts = self._counts[text]
        asked = self._weights(query)
        shared = sorted(
            (word for word in asked if word in counts),
            key=lambda word: (-asked[word] * counts[word] / (counts[word] + _K1), word),
        )
        written: dict[str, str] = {}
        for word in content_words(self._texts[text]):
            written.setdefault(stem(word), word)
        return tuple(written[word] for word in shared[:count])

    def _weights(self, query: str) -> dict[str, float]:
        counts = Counter(stems(query))
        return {word: min(number, _MOST_REPEATS) * self.idf(word) for word, number in counts.items()}

    def _matrix(self, index: Mapping[str, int]) -> Any:  # noqa: ANN401 - scipy's classes carry no types
        from scipy import sparse

        rows, columns, numbers = [], [], []
        for row, counts in enumerate(self._counts):
            for word in counts.keys() & index.keys():
                rows.append(row)
                columns.append(index[word])
                numbers.append(counts[word])
        cells = np.array(rows, np.intp)
        counted = np.array(numbers, np.float32)
        norm = _K1 * (1 - _B + _B * self._lengths[cells] / _LENGTH)
        shape = (len(self._counts), len(index))
        return sparse.csr_matrix((counted / (counted + norm), (cells, columns)), shape=shape)
