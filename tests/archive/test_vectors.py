from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import MOTHS
from digest.archive import Archive
from digest.ranking.embed import embed_once
from digest.ranking.vectors import as_stored, unpack
from fakes import FakeEmbedder


def papers(count: int) -> list[tuple[str, str]]:
    return [(f"2600.{n:05}", f"Moths, part {n}") for n in range(count)]


def fill(archive: Archive, count: int) -> FakeEmbedder:
    embedder = FakeEmbedder()
    made = [
        replace(MOTHS, id=id_, title=title, published=dt.date(2026, 1, 1) + dt.timedelta(days=n // 10))
        for n, (id_, title) in enumerate(papers(count))
    ]
    archive.add_papers(made)
    embed_once(embedder, archive, [paper.text for paper in made])
    return embedder


@pytest.mark.parametrize("chunk", [1, 7, 100, 1000])
def test_every_paper_comes_once_with_its_vector(tmp_path: Path, chunk: int) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        embedder = fill(archive, 100)
        seen: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = {}
        for ids, vectors in archive.iter_embeddings(embedder.identity, chunk=chunk):
            assert len(ids) == len(vectors) <= chunk
            assert vectors.dtype == np.float32
            assert not seen.keys() & set(ids)
            seen.update(zip(ids, vectors, strict=True))
        assert sorted(seen) == [id_ for id_, _ in papers(100)]
        for id_, vector in seen.items():
            paper = archive.paper(id_)
            assert paper is not None
            assert np.array_equal(vector, as_stored(embedder.embed([paper.text]))[0])


def test_only_days_asked_for_are_read(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        embedder = fill(archive, 100)
        assert archive.newest_day() == dt.date(2026, 1, 10)
        since = dt.date(2026, 1, 9)
        found = [id_ for ids, _ in archive.iter_embeddings(embedder.identity, since=since) for id_ in ids]
        assert sorted(found) == [id_ for id_, _ in papers(100)[80:]]
        assert archive.recent_embeddings(embedder.identity, since=since).shape == (20, embedder.dimension)


def test_a_revised_paper_comes_in_its_newest_version(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        embedder = FakeEmbedder()
        versions = [replace(MOTHS, version=n, title=f"Title {n}") for n in (1, 2, 4)]
        archive.add_papers(versions)
        embed_once(embedder, archive, [paper.text for paper in versions])
        ((ids, vectors),) = archive.iter_embeddings(embedder.identity)
        assert ids == [MOTHS.id]
        assert np.array_equal(vectors, as_stored(embedder.embed([versions[-1].text])))


def test_an_unknown_embedder_has_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        fill(archive, 5)
        assert list(archive.iter_embeddings("another")) == []
        assert archive.recent_embeddings("another", since=dt.date.min).shape == (0, 0)
        assert archive.newest_day() is not None
        archive.add_papers([replace(MOTHS, id="2600.99999", published=dt.date(2099, 1, 1))])
        assert archive.newest_day() == dt.datetime.now(dt.UTC).date()
    with Archive(tmp_path / "b.sqlite") as archive:
        assert archive.newest_day() is None


def test_a_vector_is_the_same_whether_it_was_known_or_not(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    with Archive(tmp_path / "a.sqlite") as archive:
        texts = [f"the {n}th word of many" for n in range(300)]
        fresh = embed_once(embedder, archive, texts)
        assert np.array_equal(embed_once(embedder, archive, texts[::-1]), fresh[::-1])
        assert len(embedder.embedded) == 300


def test_a_new_vector_of_a_text_takes_the_place_of_the_old(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_embeddings("e", ["t"], np.array([[1, 0]], np.float32))
        archive.add_embeddings("e", ["t"], np.array([[0, 1]], np.float32))
        assert archive.embeddings("e", ["t"])["t"].tolist() == [0, 1]


def test_rounding_moves_no_cosine_far() -> None:
    rows = np.random.default_rng(7).standard_normal((400, 384))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    stored = as_stored(rows.astype(np.float32)).astype(np.float64)
    assert np.abs(stored @ stored.T - rows @ rows.T).max() < 3e-4
    assert np.abs(np.linalg.norm(stored, axis=1) - 1).max() < 1e-4
    assert unpack([]).shape == (0, 0)


def test_recent_papers_that_share_a_text_count_once(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        embedder = FakeEmbedder()
        archive.add_papers([MOTHS, replace(MOTHS, id="another")])
        embed_once(embedder, archive, [MOTHS.text])
        assert len(archive.recent_embeddings(embedder.identity, since=dt.date.min)) == 1
        assert sum(len(ids) for ids, _ in archive.iter_embeddings(embedder.identity)) == 2
