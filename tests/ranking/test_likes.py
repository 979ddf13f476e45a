from __future__ import annotations

import pytest

from digest.ranking.likes import hidden, last_words, taste_of
from fakes import MemoryStore
from papers import EMBEDDER, NOW, opinion, paper

ONE, TWO = paper(1, "Moths of St. Petersburg at night"), paper(2, "Owls")


def test_the_last_word_on_a_paper_counts() -> None:
    opinions = [opinion(ONE, "hide", 1), opinion(ONE, "like", 5), opinion(TWO, "like", 2)]
    assert [(o.paper_id, o.verdict) for o in last_words(opinions)] == [(TWO.id, "like"), (ONE.id, "hide")]
    assert hidden(opinions) == {ONE.id}
    assert hidden(reversed(opinions)) == {ONE.id}
    assert hidden([*opinions, opinion(ONE, "like", 0)]) == frozenset()


def test_a_taste_knows_its_papers_and_forgets_slowly() -> None:
    store = MemoryStore()
    taste = taste_of([opinion(ONE, "like", 90), opinion(TWO, "dislike")], "like", EMBEDDER, store, NOW)
    assert (taste.ids, taste.titles) == ((ONE.id,), (ONE.title,))
    assert taste.weights == pytest.approx([0.5])
    assert taste.vectors.shape == (1, 256)


def test_a_clock_that_was_wrong_by_decades_makes_no_nonsense() -> None:
    taste = taste_of([opinion(ONE, "like", 20_000)], "like", EMBEDDER, MemoryStore(), NOW)
    assert 0 < taste.weights[0] < 0.01
    assert 0 < taste.confidence < 0.01


def test_confidence_grows_with_every_like_and_shrinks_with_age() -> None:
    def confidence(count: int, days_ago: float = 0) -> float:
        likes = [opinion(paper(n, f"text {n}"), "like", days_ago) for n in range(count)]
        return taste_of(likes, "like", EMBEDDER, MemoryStore(), NOW).confidence

    values = [confidence(n) for n in (0, 1, 5, 50)]
    assert values == sorted(values)
    assert (values[0], values[2]) == (0, 0.5)
    assert values[-1] < 1
    assert confidence(5, 200) < confidence(5)


def test_a_paper_that_is_no_longer_known_teaches_nothing() -> None:
    assert taste_of([opinion(paper(3, ""))], "like", EMBEDDER, MemoryStore(), NOW).is_empty
