from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from digest.paper import AnnounceType, Paper
from digest.ranking.profile import Profile
from digest.ranking.score import score_by_category, score_by_interests
from digest.ranking.select import select


def paper(
    number: int, categories: tuple[str, ...] = ("cs.CL",), announce_type: AnnounceType = "new"
) -> Paper:
    return Paper(
        id=f"2600.{number:05}",
        version=1,
        title="",
        authors=(),
        abstract="",
        categories=categories,
        published=dt.date(2026, 2, 2),
        announce_type=announce_type,
        url="",
        pdf_url="",
        source="",
    )


def unit(*rows: tuple[float, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    matrix = np.array(rows, np.float32).reshape(len(rows), -1)
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), np.float32)


def profile(
    interests: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    weights: tuple[float, ...] | None = None,
    avoid: np.ndarray[tuple[int, int], np.dtype[np.float32]] | None = None,
) -> Profile:
    return Profile(
        names=tuple(f"interest {i}" for i in range(len(interests))),
        interests=interests,
        weights=np.array(weights or [1.0] * len(interests), np.float32),
        avoid=avoid if avoid is not None else np.empty((0, interests.shape[1]), np.float32),
        avoid_weights=np.ones(0 if avoid is None else len(avoid), np.float32),
    )


NONE = np.empty((0, 0), np.float32)
X, Y, Z = (1, 0, 0), (0, 1, 0), (0, 0, 1)


def test_the_nearest_interest_makes_the_score_and_is_on_the_receipt() -> None:
    scores = score_by_interests(unit((1, 0.2, 0), (0.1, 1, 0), Z), profile(unit(X, Y)), NONE)
    assert [receipt.interest for receipt in scores.receipts[:2]] == ["interest 0", "interest 1"]
    assert scores.scores[0] == scores.scores[1] == 100
    assert scores.scores[2] == 1
    assert scores.receipts[0].cosine == pytest.approx(1 / np.hypot(1, 0.2))


def test_a_second_interest_takes_nothing_from_the_first() -> None:
    papers = unit((1, 0.5, 0.3))
    alone = score_by_interests(papers, profile(unit(X)), NONE)
    both = score_by_interests(papers, profile(unit(X, Z)), NONE)
    assert both.raw[0] == alone.raw[0]


def test_a_weight_lifts_its_interest() -> None:
    papers = unit((1, 0.9, 0))
    light = score_by_interests(papers, profile(unit(X, Y)), NONE)
    heavy = score_by_interests(papers, profile(unit(X, Y), (1.0, 2.0)), NONE)
    assert (light.receipts[0].interest, heavy.receipts[0].interest) == ("interest 0", "interest 1")


def test_what_is_avoided_costs_and_is_on_the_receipt() -> None:
    papers = unit((1, 1, 0), (1, 0, 0.2))
    with_avoid = score_by_interests(papers, profile(unit(X), avoid=unit(Y)), NONE)
    without = score_by_interests(papers, profile(unit(X)), NONE)
    assert with_avoid.receipts[0].penalty > 0
    assert with_avoid.raw[0] < without.raw[0]
    assert with_avoid.receipts[1].penalty == 0
    assert with_avoid.raw[1] == without.raw[1]


def test_percentiles_count_recent_papers_too() -> None:
    papers = unit((1, 0.5, 0))
    assert score_by_interests(papers, profile(unit(X)), NONE).receipts[0].percentile == 0
    recent = unit(Y, Z, (0.1, 1, 0))
    assert score_by_interests(papers, profile(unit(X)), recent).receipts[0].percentile == 75


@given(arrays(np.float32, (6, 3), elements=st.floats(-1, 1, width=16)))
def test_scores_are_monotone_in_the_raw_score(
    matrix: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> None:
    matrix = matrix + np.float32(1e-3)
    vectors = unit(*map(tuple, matrix))
    scores = score_by_interests(vectors, profile(unit(X, (1, 1, 0)), avoid=unit(Z)), NONE)
    order = np.argsort(scores.raw, kind="stable")
    ordered = [scores.scores[i] for i in order]
    assert ordered == sorted(ordered)
    assert all(1 <= score <= 100 for score in ordered)
    percentiles = [scores.receipts[i].percentile for i in order]
    assert percentiles == sorted(percentiles)


def test_without_interests_the_category_decides_and_nobody_gets_zero() -> None:
    papers = [paper(1), paper(2), paper(3, ("cs.CV",)), paper(4, ())]
    scores = score_by_category(papers, unit(X, (1, 0.5, 0), Y, Z), [])
    assert [receipt.interest for receipt in scores.receipts] == [
        "category cs.CL", "category cs.CL", "category cs.CV", "all papers"]  # fmt: skip
    assert min(scores.scores) > 0


def test_categories_asked_for_are_what_papers_are_compared_with() -> None:
    papers = [paper(1), paper(2), paper(3, ("cs.CV", "cs.CL")), paper(4, ("math.CO",))]
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
    empty = np.empty((0, 3), np.float32)
    assert score_by_category([], empty, []).scores == ()
    assert score_by_interests(empty, profile(unit(X)), NONE).scores == ()


def test_the_best_are_selected_best_first_and_ties_do_not_depend_on_order() -> None:
    papers = [paper(3), paper(1), paper(2), paper(4)]
    vectors = unit(X, X, Y, (1, 1, 0))
    scores = score_by_interests(vectors, profile(unit(X)), NONE)
    assert [papers[i].id[-1] for i in select(papers, scores, top=3, min_score=0)] == ["1", "3", "4"]
    assert [papers[i].id[-1] for i in select(papers, scores, top=3, min_score=100)] == ["1", "3", "4"]
    assert [papers[i].id[-1] for i in select(papers, scores, top=9, min_score=2)] == ["1", "3", "4"]
    assert len(select(papers, scores, top=9, min_score=0)) == 4
