from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from digest.paper import Paper
from digest.ranking.embed import embed_once
from digest.ranking.keywords import candidates, extract_keywords
from fakes import FakeEmbedder, MemoryStore


def paper(title: str, abstract: str) -> Paper:
    return Paper(
        id="1",
        version=1,
        title=title,
        authors=(),
        abstract=abstract,
        categories=(),
        published=dt.date(2026, 2, 2),
        announce_type="none",
        url="",
        pdf_url="",
        source="",
    )


MOTHS = paper(
    "LanternNet: Counting Moths with Graph Attention",
    "In this paper, we propose LanternNet, a novel method that uses graph attention to count moths "
    "(Lepidoptera). "
    "Experiments on 3,400 clips show that graph attention networks outperform state-of-the-art baselines.",
)


def keywords(*papers: Paper, count: int = 8) -> list[list[str]]:
    embedder, store = FakeEmbedder(), MemoryStore()
    vectors = embed_once(embedder, store, [p.text for p in papers])
    found = extract_keywords(papers, vectors, embedder, store, count=count)
    return [[keyword.text for keyword in group] for group in found]


def test_candidates_are_phrases_of_the_text() -> None:
    found = candidates(MOTHS)
    assert {"LanternNet", "graph attention", "Lepidoptera"} <= set(found)
    text = MOTHS.text.lower()
    assert all(phrase.lower() in text for phrase in found)


def test_what_says_nothing_is_no_candidate() -> None:
    assert not {"novel method", "method", "baselines", "paper", "experiments", "3,400"} & set(
        candidates(MOTHS)
    )


def test_singular_plural_and_parts_are_one_keyword() -> None:
    (found,) = keywords(paper("Graph attention", "Graph attention, graph attentions, deep graph attention."))
    assert len(found) == 1


def test_keywords_are_few_weighted_and_sorted() -> None:
    embedder, store = FakeEmbedder(), MemoryStore()
    vectors = embed_once(embedder, store, [MOTHS.text])
    (found,) = extract_keywords([MOTHS], vectors, embedder, store, count=3)
    assert len(found) == 3
    weights = [keyword.weight for keyword in found]
    assert weights == sorted(weights, reverse=True)
    assert all(0 <= weight <= 1 for weight in weights)


def test_a_paper_without_words_has_no_keywords() -> None:
    assert keywords(paper("", ""), MOTHS)[0] == []


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_has_candidates_that_stand_in_it(abstract: str, title: str) -> None:
    for phrase in candidates(paper(title, abstract)):
        assert all(word in f"{title} {abstract}" for word in phrase.split())
