from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.calibrate import Scale, percentiles, soft_maximum, to_100
from digest.ranking.reference_sample import centred, mean_direction, reference_vectors

NUMBERS = st.lists(st.floats(-1, 2), min_size=2, max_size=20)


@given(NUMBERS, st.floats(-0.5, 1), st.floats(0.05, 0.5), st.floats(0.5, 1.5))
def test_relevance_is_positive_and_monotone(
    similarities: list[float], mean: float, deviation: float, full: float
) -> None:
    numbers = np.sort(np.array(similarities))
    found = Scale(mean, deviation, full).relevance(numbers)
    assert (found > 0).all()
    assert (np.diff(found) >= 0).all()
    apart = np.diff(numbers) > 1e-3
    assert (np.diff(found)[apart] > 0).all()


def test_relevance_is_low_for_the_usual_and_one_for_the_full() -> None:
    usual, full = Scale(0.1, 0.15, 1.0).relevance(np.array([0.1, 1.0]))
    assert usual < 0.1
    assert full == pytest.approx(1, abs=0.01)


def test_what_is_common_for_an_interest_counts_less() -> None:
    narrow, broad = Scale(0.1, 0.1, 1.0), Scale(0.1, 0.4, 1.0)
    assert narrow.relevance(np.array([0.5])) > broad.relevance(np.array([0.5]))


def test_a_scale_is_learned_and_few_papers_do_not_move_it_far() -> None:
    randomness = np.random.default_rng(1)
    many = Scale.of(randomness.normal(0.5, 0.1, 5000), 1.0)
    assert (many.mean, many.deviation) == pytest.approx((0.5, 0.1), abs=0.01)
    few = Scale.of(np.array([0.5]), 1.0)
    assert few.mean < 0.2
    assert Scale.of(np.array([]), 1.0).mean == pytest.approx(0.1)


def test_a_scale_is_the_same_from_one_month_to_the_next() -> None:
    randomness = np.random.default_rng(2)
    papers = np.linspace(0, 1, 50)
    months = [Scale.of(randomness.normal(0.2, 0.15, 2000), 1.0).relevance(papers) for _ in range(6)]
    assert np.ptp(np.stack(months), axis=0).max() < 0.03


@given(
    st.integers(1, 60).flatmap(
        lambda n: st.lists(st.lists(st.floats(0.01, 1), min_size=n, max_size=n), min_size=1, max_size=5)
    )
)
def test_the_soft_maximum_is_the_maximum_and_a_little(rows: list[list[float]]) -> None:
    table = np.array(rows)
    found = soft_maximum(table)
    assert (found >= table.max(axis=1) - 1e-9).all()
    assert (found <= table.max(axis=1) * 1.06).all()


@given(NUMBERS, NUMBERS)
def test_percentiles_are_monotone_and_within_bounds(raw: list[float], others: list[float]) -> None:
    numbers = np.sort(np.array(raw))
    found = percentiles(numbers, np.array(others))
    assert list(found) == sorted(found)
    assert all(0 <= each <= 100 for each in found)
    assert list(to_100(numbers)) == sorted(to_100(numbers))
    assert all(1 <= each <= 100 for each in to_100(numbers))


def test_usual_papers_are_shipped_for_the_default_embedder_alone() -> None:
    assert reference_vectors("another", 7).shape == (0, 7)
    identity = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    rows = reference_vectors(identity, 384)
    assert rows.shape == (256, 384)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-5)


def test_centred_rows_have_nothing_in_common() -> None:
    rows = np.array([[1, 0.1, 0], [1, -0.1, 0], [1, 0, 0.1], [1, 0, -0.1]], np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    moved = centred(rows, mean_direction(rows))
    assert np.linalg.norm(moved, axis=1) == pytest.approx(1, abs=1e-5)
    assert (moved @ moved.T).sum() == pytest.approx(0, abs=0.01)
    assert (rows @ rows.T).min() > 0.9
