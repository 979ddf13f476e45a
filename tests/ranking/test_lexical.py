from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.lexical import Frequencies, Words, content_words, shipped_frequencies, stem

TEXTS = ["Graphs of moths", "the moth and the lamp", "deep learning for ships", ""]
ANY = st.text("abc dé 中文-", max_size=40)


def test_words_are_lower_case_without_what_says_nothing() -> None:
    assert content_words("The Lamp-post, of x und 2 Moths!") == ["lamp", "post", "und", "moths"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("graphs", "graph"),
        ("learning", "learned"),
        ("images", "image"),
        ("policies", "policy"),
        ("studied", "studies"),
        ("classes", "class"),
        ("generated", "generate"),
    ],
)
def test_endings_are_cut(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_short_words_are_left_whole() -> None:
    assert [stem(word) for word in ("ring", "bus", "used")] == ["ring", "bus", "used"]


def test_shared_words_make_texts_similar() -> None:
    found = Words(TEXTS).similarity(["moth lamp", "ships", "zebra"])
    assert found.shape == (4, 3)
    assert found[1, 0] > found[0, 0] > 0
    assert found[2, 1] > 0
    assert not found[:, 2].any()
    assert not found[3].any()


def test_rare_words_tell_more() -> None:
    words = Words(["model moth", "model lamp"], Frequencies(1000, {"model": 900, "moth": 5, "lamp": 5}))
    assert words.idf("moth") > words.idf("model") > 0
    first, second = words.similarity(["model moth"])[:, 0]
    assert first > 5 * second > 0


def test_the_best_words_come_as_the_text_has_them() -> None:
    words = Words(["Graphs of Moths, and learned moths"])
    assert words.best("moth learning graph zebra", 0, 2) == ("moths", "graphs")


@given(st.lists(ANY, max_size=5), st.lists(ANY, max_size=3))
def test_similarity_is_a_share(texts: list[str], queries: list[str]) -> None:
    found = Words(texts).similarity(queries)
    assert found.shape == (len(texts), len(queries))
    assert ((found >= 0) & (found <= 1)).all()


@given(ANY.filter(lambda text: bool(content_words(text))))
def test_a_text_shares_most_with_itself(text: str) -> None:
    found = Words([text, "lamp"]).similarity([text])[:, 0]
    assert found[0] >= found[1]


def test_shipped_counts_know_common_words() -> None:
    counts = shipped_frequencies()
    assert counts.documents > 1000
    assert counts.counts["model"] > counts.counts["graph"] > 3
    assert max(counts.counts.values()) <= counts.documents
