from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.category import score_by_category
from papers import paper

if TYPE_CHECKING:
    from digest.paper import AnnounceType

X, Y, Z = (1, 0, 0), (0, 1, 0), (0, 0, 1)


def unit(*rows: tuple[float, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    matrix = np.array(rows, np.float32).reshape(len(rows), -1)
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), np.float32)


def test_without_interests_the_category_decides_and_nobody_gets_zero() -> None:
    papers = [paper(1), paper(2), paper(3, categories=("cs.CV",)), paper(4, categories=())]
    scores = score_by_category(papers, unit(X, (1, 0.5, 0), Y, Z), [])
    assert [receipt.interest for receipt in scores.receipts] == [
        "category cs.CL", "category cs.CL", "category cs.CV", "all papers"]  # fmt: skip
    assert min(scores.scores) > 0


def test_categories_asked_for_are_what_papers_are_compared_with() -> None:
    papers = [
        paper(1),
        paper(2),
        paper(3, categories=("cs.CV", "cs.CL")),
        paper(4, categories=("math.CO",)),
    ]
    scores = score_by_category(papers, unit(X, X, (1, 1, 0), Z), ["cs.CL"])
    assert {receipt.interest for receipt in scores.receipts} == {"category cs.CL"}
    assert scores.raw[0] > scores.raw[2] > scores.raw[3]


def test_what_is_new_comes_before_what_is_cross_listed_or_replaced() -> None:
    kinds: tuple[AnnounceType, ...] = ("replace-cross", "replace", "cross", "new")
    papers = [paper(n, announce_type=kind) for n, kind in enumerate(kinds)]
    raw = score_by_category(papers, unit(X, X, X, X), []).raw
    assert list(raw) == sorted(raw)
    assert len(set(raw.tolist())) == 4


def test_no_papers_give_no_scores() -> None:
    assert score_by_category([], np.empty((0, 3), np.float32), []).scores == ()
