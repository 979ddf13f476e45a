"""How similar papers are to one topic: its text, its examples, its terms and its categories together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.paper import Paper
    from digest.ranking.lexical import Words
    from digest.ranking.likes import Taste
    from digest.ranking.pool import Pool
    from digest.ranking.profile import Target

    Numbers = npt.NDArray[np.float64]
    Vectors = npt.NDArray[np.float32]

_WORDS = 1.2
"""What the words weigh beside the cosine. Tuned on CSFCube (Mysore et al. 2021); 0.8 to 1.5 do as well."""

_USUAL_WORDS = 0.03
"""Share of a topic's words in a paper that has nothing to do with it; for rows whose words are not read."""

_TERM = 0.1
_CATEGORY = 0.1
_ONLY_CATEGORY = 0.3

# Similarities of a paper that is all about a topic, with its feedback.
_FULL_TEXT = 1.0
_FULL_EXAMPLES = 0.85
_FULL_TASTE = 0.6


@dataclass(frozen=True, slots=True)
class Comparison:
    """A topic compared with N rows, of which the first n are today's papers.

    Attributes:
        similarity: (N,) float64.
        full: The similarity of a paper that is all about the topic.
        cosine: (n,) float32, to the nearest of its parts, for receipts.
        part: (n,) which part that is: the text, then the examples.
        terms: For each paper the topic's terms that stand in it.
    """

    similarity: Numbers
    full: float
    cosine: Vectors
    part: npt.NDArray[np.intp]
    terms: tuple[tuple[str, ...], ...]

    def query(self, target: Target, paper: int) -> str:
        """Return the text of the part that a paper is nearest to."""
        queries = _queries(target)
        return queries[int(self.part[paper])] if queries else ""


def compare(pool: Pool, words: Words, papers: Sequence[Paper], target: Target) -> Comparison:
    """Compare a topic with all rows of a pool."""
    count = len(papers)
    shared = _WORDS * words.similarity(_queries(target))  # (n, p)
    parts: list[tuple[Numbers, float]] = []
    texts = len(target.text_vector)
    if texts:
        near = pool.cosines(target.text_vector)[:, 0].astype(np.float64)  # (N,)
        near[:count] += shared[:, 0]
        near[count:] += _WORDS * _USUAL_WORDS
        parts.append((near, _FULL_TEXT))
    if len(target.example_vectors):
        weights = np.ones(len(target.example_vectors), np.float32)
        near = pool.taste(target.example_vectors, weights, shared[:, texts:], _WORDS * _USUAL_WORDS)
        parts.append((near, _FULL_EXAMPLES))
    vectors = np.concatenate([target.text_vector, target.example_vectors])
    members = np.array([bool(set(p.categories) & set(target.topic.categories)) for p in papers], np.bool_)
    bonus = _CATEGORY
    if not parts:
        vectors = _centre(pool, members)
        parts.append((pool.centred_cosines(vectors)[:, 0].astype(np.float64), _FULL_EXAMPLES))
        bonus = _ONLY_CATEGORY
    similarity = np.mean([near for near, _ in parts], axis=0)
    terms = tuple(_found(target.topic.terms, paper.text) for paper in papers)
    similarity = pool.with_feedback(similarity)
    similarity[:count] += bonus * members + _TERM * np.array([bool(found) for found in terms])
    cosines = pool.today_rows() @ vectors.T  # (n, p)
    part = cosines.argmax(axis=1)
    nearest = cosines[np.arange(count), part]
    return Comparison(similarity, float(np.mean([full for _, full in parts])), nearest, part, terms)


def compare_taste(pool: Pool, taste: Taste) -> tuple[Numbers, float]:
    """Return how like the papers of one verdict each row is, (N,), and how like is all of it.

    Words add nothing here: measured, they cost a point of MAP.
    """
    near = pool.with_feedback(pool.taste(taste.vectors, taste.weights))
    return pool.among_neighbours(near), _FULL_TASTE


def _queries(target: Target) -> list[str]:
    return [*([target.text] if target.text else []), *(example.text for example in target.topic.examples)]


def _centre(pool: Pool, members: npt.NDArray[np.bool_]) -> Vectors:
    """Return where today's papers of a category lie, (1, d), a unit row; the middle of all without any."""
    rows = pool.today_rows()
    mean = rows[members].mean(axis=0) if members.any() else pool.mean
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), np.float32)[None]


def _found(terms: Sequence[str], text: str) -> tuple[str, ...]:
    return tuple(term for term in terms if re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.IGNORECASE))
