"""Scores from 0 to 100, each with a receipt.

A paper's raw score is the weighted cosine to its nearest interest, less a penalty for what the reader
avoids. Without interests it is how well the paper fits the category it was filed under.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.paper import Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.paper import Paper
    from digest.ranking.profile import Profile

    Vectors = npt.NDArray[np.float32]

# With all-MiniLM-L6-v2, unrelated texts lie near 0.0 to 0.1, and a sentence about a subject reaches
# about 0.7 with the abstracts that are most about it.
_COSINE_OF_0 = 0.0
_COSINE_OF_100 = 0.7
_PENALTY = 0.5
_NO_CATEGORY = "all papers"

# How much an announcement counts when nothing is known of the reader: what is new first.
_ANNOUNCED = {"new": 0.05, "none": 0.05, "cross": 0.0, "replace": -0.1, "replace-cross": -0.15}


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of n papers.

    Attributes:
        raw: (n,) float32; what the scores are monotone in.
        scores: 0..100, one for each paper.
        receipts: One for each paper.
    """

    raw: npt.NDArray[np.float32]
    scores: tuple[int, ...]
    receipts: tuple[Receipt, ...]


def score_by_interests(vectors: Vectors, profile: Profile, recent: Vectors) -> Scores:
    """Score papers against a profile that is not empty.

    Args:
        vectors: (n, d), unit rows, of the papers.
        profile: Of the reader.
        recent: (m, d), unit rows, of other recent papers, for the percentiles; m may be 0.
    """
    raw, nearest, cosine, penalty = _raw(vectors, profile)
    background = np.concatenate([raw, _raw(recent, profile)[0]]) if len(recent) else raw
    percentiles = _percentiles(raw, background)
    receipts = tuple(
        Receipt(profile.names[nearest[i]], float(cosine[i]), float(penalty[i]), percentiles[i])
        for i in range(len(raw))
    )
    return Scores(raw, _to_100(raw), receipts)


def _raw(vectors: Vectors, profile: Profile) -> tuple[Vectors, npt.NDArray[np.intp], Vectors, Vectors]:
    """Return raw score, nearest interest, cosine to it, and penalty: four arrays of (n,)."""
    if not len(vectors):
        empty = np.empty(0, np.float32)
        return empty, np.empty(0, np.intp), empty, empty
    cosines = vectors @ profile.interests.T  # (n, i)
    nearest = (cosines * profile.weights).argmax(axis=1)  # (n,)
    rows = np.arange(len(vectors))
    cosine = cosines[rows, nearest]
    weighted = cosine * profile.weights[nearest]
    penalty = np.zeros(len(vectors), np.float32)
    if len(profile.avoid):
        disliked = np.clip(vectors @ profile.avoid.T, 0, None) * profile.avoid_weights  # (n, a)
        # Only what is nearer to a dislike than to the interest is pushed down.
        penalty = _PENALTY * np.clip(disliked.max(axis=1) - np.clip(cosine, 0, None) / 2, 0, None)
    return (weighted - penalty).astype(np.float32), nearest, cosine, penalty


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
    percentiles = _percentiles(raw, raw)
    receipts = tuple(
        Receipt(name, float(cosine), float(max(0.0, -extra)), percentile)
        for name, cosine, extra, percentile in zip(names, cosines, bonus, percentiles, strict=True)
    )
    return Scores(raw, _to_100(raw), receipts)


def _centre(vectors: Vectors) -> Vectors:
    """Return the mean direction of (k, d) vectors, (d,) of unit length."""
    mean = vectors.mean(axis=0)
    length = float(np.linalg.norm(mean))
    return np.asarray(mean / length if length > 0 else mean, np.float32)


def _to_100(raw: Vectors) -> tuple[int, ...]:
    """Put raw scores on a fixed scale, so that a number means the same every day; monotone.

    Only what is exactly unlike comes out as 0: a paper that was scored at all has at least 1.
    """
    scaled = (raw - _COSINE_OF_0) / (_COSINE_OF_100 - _COSINE_OF_0) * 100
    return tuple(int(value) for value in np.clip(np.rint(scaled), 1, 100))


def _percentiles(raw: Vectors, background: Vectors) -> tuple[int, ...]:
    """Return for each raw score the share of the background that lies below it, in percent."""
    below = np.searchsorted(np.sort(background), raw, side="left")
    return tuple(int(count) for count in np.floor(100 * below / max(1, len(background))))
