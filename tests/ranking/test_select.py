from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.paper import Paper, Receipt
from digest.ranking.score import Scores
from digest.ranking.select import select
from papers import day, paper, profile, score, vectors_of

DAY = day()
VECTORS = vectors_of(DAY)
SCORES = score(DAY, profile("moths", "ships"))
FAR = np.eye(40, dtype=np.float32)


def scores_of(*raw: float) -> Scores:
    numbers = np.array(raw, np.float32)
    return Scores(numbers, tuple(round(value * 100) for value in raw), (Receipt("", 0, 0, 0),) * len(raw))


def numbers(*ids: int) -> list[Paper]:
    return [paper(n, abstract="text") for n in ids]


def test_the_best_are_selected_best_first_and_ties_do_not_depend_on_order() -> None:
    papers, scores = numbers(3, 1, 2, 4), scores_of(0.5, 0.5, 0.1, 0.4)
    for top, least, expected in ((3, 0, [1, 0, 3]), (9, 40, [1, 0, 3]), (9, 0, [1, 0, 3, 2]), (9, 99, [])):
        assert select(papers, scores, FAR[:4], top=top, min_score=least).chosen == expected


@given(st.integers(1, 30), st.floats(0, 1), st.integers(0, 100), st.integers(0, 5))
def test_a_selection_holds_what_was_asked_for(top: int, dial: float, least: int, explore: int) -> None:
    found = select(DAY, SCORES, VECTORS, top=top, min_score=least, diversity=dial, explore=explore)
    assert len(found.chosen) == len(set(found.chosen)) <= top
    assert len(found.explored) <= explore
    assert found.explored <= set(found.chosen)
    main = [i for i in found.chosen if i not in found.explored]
    assert all(SCORES.scores[i] >= least for i in main)
    assert [SCORES.raw[i] for i in main] == sorted((SCORES.raw[i] for i in main), reverse=True)
    good = sum(value >= least for value in SCORES.scores)
    assert len(main) >= min(top - explore, good)


@given(st.floats(0.05, 1))
def test_whatever_the_dial_the_best_paper_is_there(dial: float) -> None:
    found = select(DAY, SCORES, VECTORS, top=3, min_score=0, diversity=dial)
    assert int(SCORES.raw.argmax()) in found.chosen


def test_more_diversity_brings_papers_that_are_less_alike() -> None:
    def likeness(dial: float) -> float:
        chosen = select(DAY, SCORES, VECTORS, top=8, min_score=0, diversity=dial).chosen
        near = VECTORS[chosen] @ VECTORS[chosen].T
        return float((near.sum() - len(chosen)) / (len(chosen) * (len(chosen) - 1)))

    assert likeness(1.0) < likeness(0.5) <= likeness(0.0)


@pytest.mark.parametrize(("top", "diverse"), [(19, False), (20, True)])
def test_diversity_is_off_by_default_below_20_papers(top: int, diverse: bool) -> None:
    rows = np.repeat(np.eye(2, 40, dtype=np.float32), [30, 10], axis=0)
    rows[:, 2:] += np.eye(40, 38, dtype=np.float32) * 0.3
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scores = scores_of(*(0.9 - 0.01 * n for n in range(40)))
    chosen = select(numbers(*range(40)), scores, rows, top=top, min_score=0).chosen
    assert (chosen != list(range(top))) is diverse


def test_one_text_announced_twice_is_shown_once_and_named() -> None:
    rows = FAR[[0, 1, 0, 2, 0]]
    papers = numbers(5, 6, 7, 8, 9)
    found = select(papers, scores_of(0.5, 0.6, 0.7, 0.1, 0.2), rows, top=9, min_score=0)
    assert found.chosen == [2, 1, 3]
    assert found.folded == {2: (papers[0].id, papers[4].id)}


def test_papers_without_an_abstract_are_not_taken_for_one_another() -> None:
    papers = [paper(1, "Editorial"), paper(2, "Editorial")]
    assert len(select(papers, scores_of(0.5, 0.5), FAR[[0, 0]], top=9, min_score=0).chosen) == 2


def test_explored_papers_lie_outside_and_differ_from_each_other() -> None:
    found = select(DAY, SCORES, VECTORS, top=6, min_score=0, explore=2)
    assert found.chosen[-2:] == sorted(found.explored, key=found.chosen.index)
    subjects = {DAY[i].id[-3] for i in found.explored}  # hundreds tell the subject
    assert subjects == {"1", "3"}, "owls and bread, of which the reader did not speak"


def test_explored_papers_need_no_score() -> None:
    found = select(DAY, SCORES, VECTORS, top=6, min_score=99, explore=2)
    assert len(found.explored) == 2


def test_nothing_gives_nothing() -> None:
    empty = select([], scores_of(), np.empty((0, 3), np.float32), top=3, min_score=0, explore=1)
    assert empty.chosen == []
