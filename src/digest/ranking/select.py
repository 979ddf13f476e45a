"""Which of the scored papers go into the digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.paper import Paper
    from digest.ranking.score import Scores


def select(papers: Sequence[Paper], scores: Scores, *, top: int, min_score: int) -> list[int]:
    """Return the indices of the best papers, best first.

    Ties in the raw score are broken by the paper's id, so that the order of the feeds does not matter.
    """
    order = sorted(range(len(papers)), key=lambda i: (-float(scores.raw[i]), papers[i].id))
    return [i for i in order if scores.scores[i] >= min_score][:top]
