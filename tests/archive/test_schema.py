from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from builders import MOTHS, OWLS
from digest.archive import MIGRATIONS, Archive, text_sha256
from digest.errors import ArchiveError
from digest.ranking.vectors import as_stored
from digest.summarize.language_model import Written


def unit_rows(count: int, dimension: int = 384) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rows = np.random.default_rng(5).standard_normal((count, dimension), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def first_archive(path: Path, rows: list[tuple[str, bytes, object]]) -> None:
    """Make an archive as the first version made it."""
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(f"PRAGMA journal_mode = WAL; BEGIN; {MIGRATIONS[0]} PRAGMA user_version = 1; COMMIT;")
    db.executemany("INSERT INTO embeddings VALUES (?, ?, ?)", rows)
    db.close()


def test_the_vectors_of_a_first_archive_are_kept_as_float16(tmp_path: Path) -> None:
    vectors = unit_rows(300)
    texts = [f"text {i}" for i in range(300)]
    keyed = zip(texts, vectors, strict=True)
    rows: list[tuple[str, bytes, object]] = [("one", text_sha256(t), v.tobytes()) for t, v in keyed]
    first_archive(tmp_path / "a.sqlite", [*rows, ("two", text_sha256("text 0"), vectors[1].tobytes())])
    with Archive(tmp_path / "a.sqlite") as archive:
        known = archive.embeddings("one", texts)
        assert np.array_equal(np.stack([known[text] for text in texts]), as_stored(vectors))
        assert np.array_equal(archive.embeddings("two", texts)["text 0"], as_stored(vectors[1:2])[0])
        (size,) = archive._db.execute("SELECT max(length(vector)) FROM vectors").fetchone()
        assert size == 2 * 384
    with Archive(tmp_path / "a.sqlite") as archive:  # once only
        assert len(archive.embeddings("one", texts)) == 300


def test_what_is_no_vector_does_not_stop_the_move(tmp_path: Path) -> None:
    good = np.ones(4, "<f4") / 2
    rows: list[tuple[str, bytes, object]] = [
        ("e", text_sha256("good"), good.tobytes()),
        ("e", text_sha256("cut"), good.tobytes()[:-1]),
        ("e", text_sha256("empty"), b""),
        ("e", text_sha256("words"), "words"),
        ("e", text_sha256("nan"), np.array([np.nan] * 4, "<f4").tobytes()),
    ]
    first_archive(tmp_path / "a.sqlite", rows)
    with Archive(tmp_path / "a.sqlite") as archive:
        known = archive.embeddings("e", ["good", "cut", "empty", "words", "nan"])
        assert {text: vector.tolist() for text, vector in known.items()} == {"good": [0.5] * 4}


def test_papers_of_a_first_archive_are_still_there(tmp_path: Path) -> None:
    first_archive(tmp_path / "a.sqlite", [])
    db = sqlite3.connect(tmp_path / "a.sqlite")
    for paper in (OWLS, MOTHS, replace(MOTHS, version=2)):
        row = (paper.id, paper.version, paper.published.isoformat(), "2026-02-02T06:00:00+00:00", b"x")
        raw = msgspec.json.encode(paper).decode()
        db.execute("INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?)", (*row, raw))
    db.commit()
    db.close()
    with Archive(tmp_path / "a.sqlite") as archive:
        assert archive.paper(OWLS.id) == OWLS
        assert archive.paper(MOTHS.id) == replace(MOTHS, version=2)
        archive.add_papers([MOTHS])
        assert archive.paper(MOTHS.id, 1) == MOTHS
        seen = archive._db.execute("SELECT id, version, substr(first_seen, 1, 10) FROM papers ORDER BY 1, 2")
        assert seen.fetchall() == [
            (MOTHS.id, 1, "2026-02-02"),
            (MOTHS.id, 2, "2026-02-02"),
            (OWLS.id, 1, "2026-02-02"),
        ]
        assert archive.opinions() == ()


def test_a_move_that_fails_leaves_the_archive_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    first_archive(path, [("e", text_sha256("t"), np.ones(4, "<f4").tobytes())])
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE vectors (something INTEGER)")  # in the way of the second migration
    db.commit()
    db.close()
    with pytest.raises(ArchiveError, match="cannot be opened"):
        Archive(path)
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    assert db.execute("SELECT count(*) FROM embeddings").fetchone() == (1,)
    db.close()


def test_several_processes_may_move_the_archive_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    first_archive(path, [("e", text_sha256(str(i)), np.ones(384, "<f4").tobytes()) for i in range(500)])
    script = (
        "import sys; from pathlib import Path; from digest.archive import Archive; Archive(Path(sys.argv[1]))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, path]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]
    with Archive(path) as archive:
        assert len(archive.embeddings("e", [str(i) for i in range(500)])) == 500


def test_scoring_reads_the_indices_alone(tmp_path: Path) -> None:
    from digest.archive import _vectors

    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([MOTHS, replace(OWLS, published=dt.date(2020, 1, 1))])
        query = f"SELECT p.id, v.vector {_vectors._PUBLISHED_SINCE} {_vectors._NEWEST_VERSION}"
        plan = archive._db.execute(f"EXPLAIN QUERY PLAN {query}", (1, "2026-01-01")).fetchall()
    steps = " / ".join(str(row[-1]) for row in plan)
    assert "p USING COVERING INDEX papers_published (published>?)" in steps
    assert "v USING INDEX vectors_text (embedder=? AND text_sha256=?)" in steps
    assert "q USING COVERING INDEX papers_revised" in steps


def test_a_first_archive_in_use_is_still_of_use(tmp_path: Path) -> None:
    """Papers find their vectors and their summaries as before."""
    vector = unit_rows(1)
    first_archive(tmp_path / "a.sqlite", [("e", text_sha256(MOTHS.text), vector[0].tobytes())])
    db = sqlite3.connect(tmp_path / "a.sqlite")
    raw = msgspec.json.encode(MOTHS).decode()
    day, now, key = MOTHS.published.isoformat(), "2026-02-02T06:00:00+00:00", text_sha256(MOTHS.text)
    db.execute("INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?)", (MOTHS.id, MOTHS.version, day, now, key, raw))
    written = Written("0", {"tldr": "It counts moths."})
    row = (MOTHS.id, MOTHS.version, key, "m", "p", msgspec.json.encode(written).decode(), now)
    db.execute("INSERT INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    db.execute("INSERT INTO runs VALUES (1, ?, ?, ?, 1)", (now, now, day))
    db.commit()
    db.close()
    with Archive(tmp_path / "a.sqlite") as archive:
        assert np.array_equal(archive.recent_embeddings("e", since=MOTHS.published), as_stored(vector))
        ((ids, rows),) = archive.iter_embeddings("e")
        assert (ids, len(rows)) == ([MOTHS.id], 1)
        assert archive.summary(MOTHS, model="m", prompt="p") == written
        assert archive.add_opinion(MOTHS.id, "like")
        assert archive._db.execute("SELECT count(*) FROM runs").fetchone() == (1,)
