from __future__ import annotations

import numpy as np
import pytest

from digest.ranking.place import place


def test_neighbours_stay_neighbours() -> None:
    random = np.random.default_rng(1)
    centres = np.eye(3, 16, dtype=np.float32)
    vectors = np.repeat(centres, 5, axis=0) + random.normal(0, 0.02, (15, 16)).astype(np.float32)
    positions = np.array(place(vectors))
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    same = np.repeat(np.arange(3), 5)[:, None] == np.repeat(np.arange(3), 5)
    assert distance[same].max() < distance[~same].min()
    assert positions.min() == 0
    assert positions.max() == 1


def test_the_map_does_not_depend_on_the_order_of_the_papers() -> None:
    vectors = np.random.default_rng(2).normal(size=(9, 5)).astype(np.float32)
    turned = place(vectors[::-1].copy())
    assert np.allclose(np.array(place(vectors)), np.array(turned[::-1]), atol=2e-4)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_two_papers_are_no_map(count: int) -> None:
    assert place(np.ones((count, 4), np.float32)) == [None] * count


def test_papers_that_are_all_the_same_lie_in_the_middle() -> None:
    assert place(np.ones((4, 6), np.float32)) == [(0.5, 0.5)] * 4
    assert place(np.ones((4, 1), np.float32)) == [(0.5, 0.5)] * 4
