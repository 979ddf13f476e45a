"""Scores when nothing is known of the reader: how well a paper fits the category it was filed under."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from digest.paper import Receipt
from digest.ranking.calibrate import percentiles, to_100
from digest.ranking.score import Scores

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.paper import Paper

    Vectors = npt.NDArray[np.float32]

_COSINE_OF_100 = 0.7
"""With all-MiniLM-L6-v2, a paper in the middle of its category."""

_NO_CATEGORY = "all papers"

# How much an announcement counts when nothing is known of the reader: what is new first.
_ANNOUNCED = {"new": 0.05, "none": 0.05, "cross": 0.0, "replace": -0.1, "replace-cross": -0.15}


def score_by_category(papers: Sequence[Paper], vectors: Vectors, wanted: Sequence[str]) -> Scores:
    """Score papers of which only the category can tell whether they fit.

    A paper is compared with the mean direction of its day's papers in a category: the categories asked
    for, or, when none were, its own first one.

    Args:
        papers: n of them.
        vectors: (n, d), unit rows.
        wanted: Categories that were asked for; may be empty.
    """
    groups: dict[str, list[int]] = {}
    for i, paper in enumerate(papers):
        for category in set(paper.categories[: None if wanted else 1]) or {""}:
            groups.setdefault(category, []).append(i)
    chosen = [category for category in wanted if category in groups] or list(groups)
    centres = {category: _centre(vectors[groups[category]]) for category in chosen}
    names: list[str] = []
    cosines = np.zeros(len(papers), np.float32)
    for i, paper in enumerate(papers):
        own = [category for category in (paper.categories or ("",)) if category in centres]
        category = own[0] if own else chosen[0]
        names.append(f"category {category}" if category else _NO_CATEGORY)
        cosines[i] = float(vectors[i] @ centres[category])
    bonus = np.array([_ANNOUNCED[paper.announce_type] for paper in papers], np.float32)
    raw = cosines + bonus
    raw = raw / np.float32(_COSINE_OF_100)
    below = percentiles(raw, raw)
    receipts = tuple(
        Receipt(name, float(cosine), float(max(0.0, -extra)), percentile)
        for name, cosine, extra, percentile in zip(names, cosines, bonus, below, strict=True)
    )
    return Scores(raw, to_100(raw), receipts)


def _centre(vectors: Vectors) -> Vectors:
    """Return the mean direction of (k, d) vectors, (d,) of unit length."""
    mean = vectors.mean(axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length > 0 else mean, np.float32)
