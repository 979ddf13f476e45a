"""Which of the scored papers go into the digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from digest.paper import Paper
    from digest.ranking.score import Scores

    Vectors = npt.NDArray[np.float32]

_SAME = 0.97
"""Cosine of two announcements of one text; different papers of one day stay below."""

_MANY = 20
_DIVERSITY_OF_MANY = 0.3
_CANDIDATES = 5
"""So many times the papers wanted are looked at for a diverse choice."""

_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class Selection:
    """What goes into the digest.

    Attributes:
        chosen: Indices of papers, in the order in which they are shown.
        explored: Those of them that are shown to look beyond the reader's interests.
        folded: Ids of the papers that one chosen paper stands for, by its index.
    """

    chosen: list[int]
    explored: frozenset[int] = frozenset()
    folded: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def select(
    papers: Sequence[Paper],
    scores: Scores,
    vectors: Vectors,
    *,
    top: int,
    min_score: int,
    diversity: float | None = None,
    explore: int = 0,
) -> Selection:
    """Choose the papers to show.

    Ties in the raw score are broken by the paper's id, so that the order of the feeds does not matter.

    Args:
        papers: n of them.
        scores: Theirs.
        vectors: (n, d), unit rows.
        top: Most papers to show, explored ones among them.
        min_score: Papers below are left out, unless explored.
        diversity: 0 takes the best, 1 only looks for what is new; None means 0.3 where 20 or more papers
            are shown, else 0.
        explore: How many papers are shown from outside what the reader is interested in.
    """
    order = sorted(range(len(papers)), key=lambda i: (-float(scores.raw[i]), papers[i].id))
    order, folded = _fold(order, papers, vectors)
    good = [i for i in order if scores.scores[i] >= min_score]
    explore = min(explore, top)
    dial = (_DIVERSITY_OF_MANY if top >= _MANY else 0.0) if diversity is None else diversity
    chosen = _diverse(good, scores.raw, vectors, top - explore, dial)
    beyond = _beyond(order, chosen, vectors, explore)
    if missing := top - len(chosen) - len(beyond):
        chosen += [i for i in good if i not in {*chosen, *beyond}][:missing]
    return Selection(
        chosen + beyond, frozenset(beyond), {i: folded[i] for i in chosen + beyond if i in folded}
    )


def _fold(
    order: Sequence[int], papers: Sequence[Paper], vectors: Vectors
) -> tuple[list[int], dict[int, tuple[str, ...]]]:
    """Leave out papers with nearly the text of a better one; name them there."""
    kept: list[int] = []
    folded: dict[int, tuple[str, ...]] = {}
    gone: set[int] = set()
    for i in order:
        if i in gone:
            continue
        kept.append(i)
        near = np.flatnonzero(vectors @ vectors[i] >= _SAME).tolist()
        same = [j for j in near if j not in gone and j not in kept and papers[j].abstract]
        if same and papers[i].abstract:
            folded[i] = tuple(sorted(papers[j].id for j in same))
            gone.update(same)
    return kept, folded


def _diverse(
    good: list[int], raw: npt.NDArray[np.float32], vectors: Vectors, count: int, dial: float
) -> list[int]:
    """Choose by maximal marginal relevance (Carbonell & Goldstein 1998); best first."""
    if count <= 0 or dial == 0:
        return list(good[: max(0, count)])
    pool = good[: _CANDIDATES * count]
    rows = vectors[pool]  # (c, d)
    worth = raw[pool].astype(np.float64)
    redundancy = np.zeros(len(pool))
    taken: list[int] = []
    free = np.ones(len(pool), np.bool_)
    while free.any() and len(taken) < count:
        gain = np.where(free, (1 - dial) * worth - dial * redundancy, -np.inf)
        best = int(gain.argmax())  # the first of equals: they stand in the order of their scores
        free[best] = False
        taken.append(best)
        redundancy = np.maximum(redundancy, rows @ rows[best])
    return [pool[i] for i in sorted(taken)]


def _beyond(order: Sequence[int], chosen: Sequence[int], vectors: Vectors, count: int) -> list[int]:
    """Choose papers that scored low but have many neighbours: what the day was about elsewhere.

    Each lies far from what is shown already, so that they show several subjects.
    """
    rest = [i for i in order[len(order) // 2 :] if i not in set(chosen)]
    found: list[int] = []
    if count <= 0 or not rest:
        return found
    rows = vectors[rest]  # (r, d)
    near = np.sort(rows @ rows.T, axis=1)[:, -_NEIGHBOURS - 1 : -1]  # (r, 5), without itself
    density = near.mean(axis=1) if near.size else np.zeros(len(rest))
    shown = rows @ vectors[list(chosen)].T if chosen else np.zeros((len(rest), 1))
    closeness = shown.max(axis=1)  # (r,)
    free = np.ones(len(rest), np.bool_)
    while free.any() and len(found) < count:
        best = int(np.where(free, density - closeness, -np.inf).argmax())
        free[best] = False
        found.append(rest[best])
        closeness = np.maximum(closeness, rows @ rows[best])
    return found
