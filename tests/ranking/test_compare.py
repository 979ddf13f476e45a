"""What counts beside the vectors, with vectors that are all the same."""

from __future__ import annotations

import numpy as np
import pytest

from digest.ranking.interests import Topic
from digest.ranking.pool import Pool
from digest.ranking.score import score_by_interests
from papers import NONE, Vectors, day, paper, profile, vectors_of

PAIR = [paper(1, "moth lamp", ("q-bio.PE",)), paper(2, "ship sail")]
SAME = vectors_of([paper(3, "moth ship")])[[0, 0]]


@pytest.mark.parametrize(
    "topic",
    [
        Topic("words", text="moth lamp"),
        Topic("terms", text="bread", terms=("moth lamp",)),
        Topic("category", text="bread", categories=("q-bio.PE",)),
        Topic("category alone", categories=("q-bio.PE",)),
    ],
    ids=lambda topic: topic.name,
)
def test_each_part_of_a_topic_counts_where_vectors_are_the_same(topic: Topic) -> None:
    first, second = score_by_interests(PAIR, SAME, profile(topic), NONE).raw
    assert first > second + 0.01


def test_a_term_counts_more_than_its_words() -> None:
    papers = [paper(1, "moth lamp here"), paper(2, "lamp here moth")]
    first, second = score_by_interests(papers, SAME, profile(Topic("t", terms=("moth lamp",))), NONE).raw
    assert first > second + 0.01


def pool() -> tuple[Pool, Vectors]:
    rows = vectors_of(day())  # six papers on each of four subjects
    return Pool(rows, rows[:0], rows[:0]), rows


def test_neighbours_draw_a_paper_towards_them() -> None:
    here, _ = pool()
    similarity = np.repeat([1.0, 0.0], [6, 18])
    similarity[0] = 0.0  # one moth among moths
    moved = here.among_neighbours(similarity)
    assert moved[0] > 0.1
    assert moved[1:6].min() < 1
    assert np.abs(moved[6:]).max() < moved[0]
    assert similarity[0] == 0


def test_the_best_show_what_is_sought() -> None:
    here, _ = pool()
    similarity = np.zeros(24)
    similarity[:2] = 0.5
    gained = here.with_feedback(similarity) - similarity
    assert gained[2:6].mean() > gained[6:].mean() + 0.005


def test_a_pool_is_its_rows_whole_or_in_parts() -> None:
    whole, rows = pool()
    parts = Pool(rows[:5], rows[5:9], rows[9:])
    assert parts.cosines(rows[:3]) == pytest.approx(rows @ rows[:3].T, abs=1e-6)
    assert parts.centred_cosines(rows[:3]) == pytest.approx(whole.centred_cosines(rows[:3]), abs=1e-5)
    assert np.diag(whole.centred_cosines(rows)) == pytest.approx(1, abs=1e-3)
