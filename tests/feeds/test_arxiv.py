from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import UsageError
from digest.feeds.arxiv import api_url, arxiv_url, categories_of, halves, names_category


def test_arxiv_url() -> None:
    assert arxiv_url(["cs.CL", "cs.AI", "hep-th", "cs.CL", "cond-mat.mes-hall"]) == (
        "https://rss.arxiv.org/atom/cs.CL+cs.AI+hep-th+cond-mat.mes-hall"
    )


@pytest.mark.parametrize("category", ["cs.", "CS.CL", "cs/CL", "", "cs.CL\n", "../x", "cs.CL+cs.AI"])
def test_arxiv_url_names_the_bad_one(category: str) -> None:
    with pytest.raises(UsageError) as caught:
        arxiv_url(["cs.CL", category])
    assert repr(category) in str(caught.value)


@pytest.mark.parametrize(
    ("url", "categories"),
    [
        ("https://rss.arxiv.org/atom/cs.CL+cs.AI", ("cs.CL", "cs.AI")),
        ("http://export.arxiv.org/rss/hep-th/", ("hep-th",)),
        ("https://arxiv.org/rss/cs", ("cs",)),
        ("https://export.arxiv.org/api/query?search_query=cat:cs.CL", ()),
        ("https://rss.arxiv.org.evil.example/atom/cs.CL", ()),
        ("https://example.org/rss/cs.CL", ()),
        ("https://[::bad/rss/cs.CL", ()),
    ],
)
def test_categories_of(url: str, categories: tuple[str, ...]) -> None:
    assert categories_of(url) == categories


@given(st.lists(st.sampled_from(["cs.AI", "cs.CL", "hep-th", "math.QA", "stat.ML"]), min_size=1, unique=True))
def test_halves_ask_for_the_same(categories: list[str]) -> None:
    url = arxiv_url(categories)
    assert categories_of(url) == tuple(categories)
    parts = [name for half in halves(url) for name in categories_of(half)]
    assert parts == (categories if len(categories) > 1 else [])


def test_api_url() -> None:
    since, until = (dt.datetime(2026, 2, n, 19, tzinfo=dt.UTC) for n in (2, 3))
    assert api_url(["cs.CL", "cs.AI"], since, until) == (
        "https://export.arxiv.org/api/query?search_query=(cat:cs.CL+OR+cat:cs.AI)"
        "+AND+submittedDate:[202602021900+TO+202602031900]&max_results=2000"
    )


@pytest.mark.parametrize(
    ("word", "is_one"),
    [("cs", True), ("cs.CL", True), ("hep-th", True), ("papers", False), ("my.xml", False)],
)
def test_what_can_only_mean_a_category(word: str, is_one: bool) -> None:
    assert names_category(word) is is_one
