from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import MOTHS, OWLS
from digest.archive import Archive, Filter
from digest.ranking.embed import embed_once
from digest.search import Hit, Meanings, Query, related, search
from fakes import FakeEmbedder

if TYPE_CHECKING:
    from collections.abc import Iterator

EELS = replace(MOTHS, id="eels", title="Where Eels Swim", abstract="Eels swim far. Lamps lure them.")
LAMPS = replace(
    MOTHS, id="lamps", title="Street Lamps", abstract="Street lamps.", published=dt.date(2026, 1, 1)
)
PAPERS = [MOTHS, OWLS, EELS, LAMPS]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers(PAPERS)
        embed_once(FakeEmbedder(), archive, [paper.text for paper in PAPERS])
        yield archive


def both(archive: Archive, words: str, **options: object) -> list[Hit]:
    embedder, query = FakeEmbedder(), Query.parse(words)
    meanings = Meanings(archive, embedder.identity)
    vector = embedder.embed([query.text])[0]
    return search(archive, query, meanings=meanings, vector=vector, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("street lamps", Query("street lamps", (), ("street", "lamps"))),
        ('"street lamps" eels', Query("street lamps eels", ("street lamps",), ("eels",))),
        ('"never closed', Query("never closed", ("never closed",), ())),
        ('a"b "" * - AND', Query("a b * - AND", (), ("a b", "AND"))),
        ("", Query("", (), ())),
    ],
)  # fmt: skip
def test_queries(raw: str, expected: Query) -> None:
    assert Query.parse(raw) == expected


@given(st.text())
def test_an_expression_is_made_of_quoted_terms_alone(raw: str) -> None:
    query = Query.parse(raw)
    for how in ("AND", "OR"):
        outside = "".join(query.expression(how).replace('""', "").split('"')[::2])
        assert not set(outside.replace("AND", "").replace("OR", "")) - set("() ")


def test_meaning_finds_what_words_do_not_and_both_agree_on_the_best(archive: Archive) -> None:
    words = search(archive, Query.parse("street lamps zebras"))
    assert words[0].paper_id == "lamps"
    assert all(hit.meaning is None for hit in words)
    hits = both(archive, "street lamps zebras")
    assert hits[0].paper_id == "lamps"
    assert hits[0].words == 1
    assert hits[0].meaning is not None
    assert hits[0].meaning > 0.5
    assert [hit.paper_id for hit in both(archive, "swim, eels, swim!", limit=1)] == ["eels"]
    by_meaning_alone = [hit for hit in both(archive, "is far from lure") if hit.words is None]
    assert all(hit.meaning for hit in by_meaning_alone)


def test_a_phrase_and_a_filter_hold_for_meaning_too(archive: Archive) -> None:
    assert {hit.paper_id for hit in both(archive, '"street lamps" moths')} == {MOTHS.id, "lamps"}
    chosen = Filter(since=dt.date(2026, 2, 1))
    assert {hit.paper_id for hit in both(archive, '"street lamps" moths', chosen=chosen)} == {MOTHS.id}
    assert both(archive, "street lamps", chosen=Filter(categories=("math",))) == []


def test_an_empty_archive_has_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path / "b.sqlite") as archive:
        assert both(archive, "moths") == []
        assert len(Meanings(archive, "e")) == 0


def test_related_papers_are_the_nearest_others(archive: Archive) -> None:
    embedder = FakeEmbedder()
    meanings = Meanings(archive, embedder.identity)
    vectors = {paper.id: embedder.embed([paper.text])[0] for paper in PAPERS}
    hits = related(MOTHS, vectors[MOTHS.id], meanings, archive=archive)
    cosines = {paper_id: float(vectors[MOTHS.id] @ vector) for paper_id, vector in vectors.items()}
    del cosines[MOTHS.id]
    assert [hit.paper_id for hit in hits] == sorted(cosines, key=lambda paper_id: -cosines[paper_id])
    assert hits[0].meaning == pytest.approx(max(cosines.values()), abs=1e-3)
    assert len(related(MOTHS, vectors[MOTHS.id], meanings, archive=archive, limit=2)) == 2
    chosen = Filter(categories=("cs.CL",))
    found = related(MOTHS, vectors[MOTHS.id], meanings, archive=archive, chosen=chosen)
    assert [hit.paper_id for hit in found] == [OWLS.id]


@pytest.mark.parametrize("count", [1, 5000])
def test_nearest_is_what_sorting_all_cosines_gives(tmp_path: Path, count: int) -> None:
    rows = np.random.default_rng(3).standard_normal((count, 16)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    papers = [replace(MOTHS, id=f"p{n}", title=f"On {n}", abstract="") for n in range(count)]
    with Archive(tmp_path / "b.sqlite") as archive:
        archive.add_papers(papers)
        archive.add_embeddings("e", [paper.text for paper in papers], rows)
        meanings = Meanings(archive, "e")
        row = dict(zip([paper.id for paper in papers], rows, strict=True))
        ordered = np.stack([row[paper_id] for paper_id in meanings.ids]).astype(np.float16).astype(np.float32)
        expected = np.sort(ordered @ rows[0])[::-1][:50]
        assert [c for _, c in meanings.nearest(rows[0], limit=50)] == pytest.approx(expected, abs=1e-5)
        among = {f"p{n}" for n in range(0, count, 7)}
        near = meanings.nearest(rows[0], among=among, limit=count)
        assert {paper_id for paper_id, _ in near} == among
