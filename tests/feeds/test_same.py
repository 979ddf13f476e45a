from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import MOTHS
from digest.feeds.same import unite
from digest.paper import AnnounceType, Paper

PREPRINT = replace(MOTHS, announce_type="replace", version=2, doi="10.1/moths", source="arxiv")
JOURNAL = replace(
    MOTHS,
    id="https://journal.example/1",
    version=1,
    title="LANTERNNET: Counting moths at street lamps",
    authors=("A. Lindqvist", "K. Mensah", "L. Wei", "N. Hall"),
    abstract="",
    categories=("Entomology",),
    announce_type="none",
    pdf_url="https://journal.example/1.pdf",
    source="journal",
)


def test_by_doi() -> None:
    journal = replace(JOURNAL, title="Another title altogether", doi="10.1/moths", authors=())
    (paper,) = unite([journal, PREPRINT])
    assert (paper.id, paper.version, paper.doi) == (MOTHS.id, 2, "10.1/moths")
    assert paper.abstract == MOTHS.abstract
    assert paper.announce_type == "none"  # it has appeared: that is worth seeing


def test_by_title_and_authors() -> None:
    (paper,) = unite([JOURNAL, replace(PREPRINT, pdf_url="", doi="")])
    assert (paper.id, paper.pdf_url, paper.source) == (MOTHS.id, JOURNAL.pdf_url, "arxiv")


def test_what_one_source_lacks_comes_from_another() -> None:
    bare = replace(PREPRINT, abstract="", authors=(), categories=(), doi="")
    (paper,) = unite([bare, replace(JOURNAL, abstract="Told there.", doi="10.1/moths", id=bare.id)])
    assert (paper.abstract, paper.authors) == ("Told there.", JOURNAL.authors)
    assert (paper.categories, paper.doi) == (JOURNAL.categories, "10.1/moths")


@pytest.mark.parametrize(
    "other",
    [
        replace(MOTHS, id="2600.00007"),  # arXiv says that these are two
        replace(JOURNAL, authors=("A. Lindqvist",)),
        replace(JOURNAL, authors=()),
        replace(JOURNAL, title="LanternNet: Counting Moths at Street Lamps II"),
    ],
)
def test_what_is_not_the_same(other: Paper) -> None:
    assert unite([MOTHS, other]) == (MOTHS, other)


def test_two_dois_are_two_papers() -> None:
    first, second = (
        replace(JOURNAL, doi="10.1/a"),
        replace(JOURNAL, id="https://journal.example/2", doi="10.1/b"),
    )
    assert unite([first, second]) == (first, second)


def test_short_titles_name_no_paper() -> None:
    first = replace(JOURNAL, title="Erratum")
    assert len(unite([first, replace(first, id="https://journal.example/2")])) == 2


def test_what_one_feed_names_twice_is_two_papers() -> None:
    first = replace(JOURNAL, title="Letter to the Editor, with thanks")
    second = replace(first, id="https://journal.example/2")
    assert unite([first, second]) == (first, second)
    assert len(unite([first, replace(second, source="another")])) == 1


def test_accents_and_case_do_not_matter() -> None:
    first = replace(JOURNAL, authors=("Zoë Müller",), title="Ein Papier über Motten und Lampen")
    second = replace(
        first, id="https://b.example/2", source="b", authors=("Z. Mu\u0308ller",), title=first.title.upper()
    )
    assert len(unite([first, second])) == 1


def test_the_announcement_that_says_most_speaks() -> None:
    """How arXiv announces a paper depends on the categories that were asked for."""
    kinds: list[AnnounceType] = ["replace-cross", "cross", "new", "replace"]
    (paper,) = unite([replace(MOTHS, announce_type=kind) for kind in kinds])
    assert paper.announce_type == "new"


PAPERS = st.builds(
    lambda n, ident, doi, kind, version: replace(
        MOTHS,
        id=ident,
        doi=doi,
        title=f"A long enough title of number {n}",
        announce_type=kind,
        version=version,
    ),
    st.integers(0, 2),
    st.sampled_from(["2600.00001", "2600.00002", "https://a.example/1", "https://b.example/2"]),
    st.sampled_from(["", "", "10.1/a", "10.1/b"]),
    st.sampled_from(["new", "cross", "replace", "none"]),
    st.integers(1, 2),
)


@given(st.lists(PAPERS, max_size=8), st.integers())
def test_the_order_does_not_matter(papers: list[Paper], seed: int) -> None:
    shuffled = papers.copy()
    random.Random(seed).shuffle(shuffled)
    assert set(unite(papers)) == set(unite(shuffled))


@given(st.lists(PAPERS, max_size=8))
def test_nothing_is_lost_or_doubled(papers: list[Paper]) -> None:
    united = unite(papers)
    ids = [paper.id for paper in united]
    assert len(ids) == len(set(ids))
    assert len(united) <= len(papers)
    dois = [paper.doi for paper in united if paper.doi]
    assert set(ids) <= {paper.id for paper in papers}
    assert set(dois) <= {paper.doi for paper in papers if paper.doi}
