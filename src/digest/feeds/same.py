"""Find papers that arrived from several sources, and make one of each."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from digest.arxiv_id import ArxivId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.paper import Paper

# What a reader who follows several sources should be told: of a paper that appears in a journal on the day
# on which its preprint is replaced, that it has appeared.
_ANNOUNCE_RANK = {"new": 0, "cross": 1, "none": 2, "replace": 3, "replace-cross": 4}
_SHORTEST_TITLE = 16  # characters; "Erratum" and "Editorial" are no names of papers


def unite(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Make one paper of those that are the same: by id, by DOI, or by title and authors.

    What is on arXiv is named as there; then the newest version speaks, then the announcement that says
    most. What it lacks is taken from the others. Each stands where it first appeared; which papers are the
    same, and what comes of them, does not depend on the order.
    """
    found = list(papers)
    leader = list(range(len(found)))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    for group in _groups(found):
        for i in group[1:]:
            first, second = sorted((find(group[0]), find(i)))
            leader[second] = first
    parts: dict[int, list[Paper]] = {}
    for i, paper in enumerate(found):
        parts.setdefault(find(i), []).append(paper)
    return tuple(_one(same) for same in parts.values())


def _groups(papers: Sequence[Paper]) -> list[list[int]]:
    """Return the indices of papers that share a key."""
    by_key: dict[tuple[str, ...], list[int]] = {}
    by_text: dict[tuple[str, ...], list[int]] = {}
    for i, paper in enumerate(papers):
        by_key.setdefault(("id", paper.id), []).append(i)
        if paper.doi:
            by_key.setdefault(("doi", paper.doi), []).append(i)
        if key := _text_key(paper):
            by_text.setdefault(key, []).append(i)
    # arXiv, publishers and feeds know their own: what has two ids of one kind is two papers with one title.
    told_apart = [group for group in by_text.values() if not _differ([papers[i] for i in group])]
    return [*by_key.values(), *told_apart]


def _differ(papers: Sequence[Paper]) -> bool:
    arxiv = {paper.id for paper in papers if _is_arxiv(paper)}
    dois = {paper.doi for paper in papers if paper.doi}
    in_feeds = {(paper.source, paper.id) for paper in papers}  # "Letter to the Editor", by the same hand
    return len(arxiv) > 1 or len(dois) > 1 or len({source for source, _ in in_feeds}) < len(in_feeds)


def _text_key(paper: Paper) -> tuple[str, ...]:
    """Return the title and the authors' family names, as far as sources agree in writing them."""
    title = _plain(paper.title)
    families = sorted({_plain(name.split()[-1]) for name in paper.authors if name.split()})
    return (title, *families) if len(title) >= _SHORTEST_TITLE and families else ()


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def _is_arxiv(paper: Paper) -> bool:
    return ArxivId.parse(paper.id) is not None


def _precedence(paper: Paper) -> tuple[bool, int, int, int, str]:
    return (
        not _is_arxiv(paper),
        -paper.version,
        _ANNOUNCE_RANK[paper.announce_type],
        -len(paper.abstract),
        repr(paper),
    )


def _one(papers: Sequence[Paper]) -> Paper:
    if len(papers) == 1:
        return papers[0]
    first, *others = sorted(papers, key=_precedence)
    abstract = next((paper for paper in (first, *others) if paper.abstract), first)
    announced = min((paper.announce_type for paper in papers), key=_ANNOUNCE_RANK.__getitem__)
    return replace(
        first,
        abstract=abstract.abstract,
        abstract_source=abstract.abstract_source,
        authors=first.authors or next((paper.authors for paper in others if paper.authors), ()),
        categories=first.categories or next((paper.categories for paper in others if paper.categories), ()),
        announce_type=announced,
        pdf_url=first.pdf_url or next((paper.pdf_url for paper in others if paper.pdf_url), ""),
        doi=first.doi or next((paper.doi for paper in others if paper.doi), ""),
    )
