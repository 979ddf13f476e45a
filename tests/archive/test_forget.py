from __future__ import annotations

import datetime as dt
import sqlite3
import stat
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import MOTHS, OWLS, make_digest, scored
from digest.archive import Archive, Selection, text_sha256
from digest.archive._catalogue import TABLES
from digest.archive._forget import _CONCERNED
from digest.errors import ArchiveError
from digest.feeds.health import Batch
from digest.feeds.response import FeedResponse
from digest.paper import FeedReport, Keyword, Receipt
from digest.ranking.vectors import pack
from digest.summarize.language_model import Written

DAY = dt.timedelta(days=1)
SECRET = replace(
    MOTHS,
    id="2600.00777",
    title="Quizzical Zeppelins",
    abstract="Unmistakable zeppelins. " * 40,  # long enough for pages of its own
    published=MOTHS.published + DAY,
    source="secret.xml",
)
NEWER = replace(
    SECRET, version=2, abstract="Recognizable dirigibles. " * 40, published=SECRET.published + DAY
)
ALL = (MOTHS, OWLS, SECRET, NEWER)
INDEXED = [b"dirig", b"aerostat"]  # as the index writes words; it leaves out what the one before starts with
SECRET_WORDS = [b"zeppelins", b"Zeppelins", b"dirigibles", b"overheard", b"2600.00777", b"secret.xml"]


def fill(archive: Archive) -> None:
    archive.add_papers(ALL)
    archive.add_embeddings("e", [paper.text for paper in ALL], np.eye(4, 8, dtype=np.float32))
    archive.add_embeddings("e", ["an interest"], np.eye(1, 8, 7, dtype=np.float32))
    for paper in ALL:
        written = Written("0", {"tldr": f"overheard {paper.title}" if paper.id == SECRET.id else "words"})
        archive.add_summary(paper, written, model="m", prompt="p")
        archive.add_run(started_at=dt.datetime.now(dt.UTC), date=paper.published, papers=1)
    archive.add_opinion(SECRET.id, "like")
    archive.add_opinion(MOTHS.id, "like")
    now = dt.datetime(2026, 2, 3, tzinfo=dt.UTC)
    archive.add_response(FeedResponse("https://feeds.example/secret.xml", b"overheard", now))
    archive.add_batch("secret.xml", Batch(SECRET.published, bytes(32), 1, now, now))
    keywords = (Keyword("aerostatics", 1.0),)
    liked = Receipt("moths", 0.5, 0.0, 90, (), SECRET.id, SECRET.title)
    archive.add_digest(
        make_digest(
            scored(SECRET, keywords=keywords, changes="overheard"),
            scored(OWLS, rank=2, receipt=liked, folded=(SECRET.id, MOTHS.id)),
            feeds=(FeedReport("secret.xml", "file", 1), FeedReport("sample.xml", "file", 1)),
        )
    )
    archive.add_digest(make_digest(scored(NEWER, keywords=keywords), date=NEWER.published))


def bytes_of(path: Path) -> bytes:
    """Return the raw bytes of an archive and of what SQLite keeps beside it."""
    return b"".join(
        file.read_bytes() for file in sorted(path.parent.iterdir()) if file.name.startswith(path.name)
    )


def digest_texts(archive: Archive) -> str:
    """Return all digests as they were before they were compressed."""
    return "".join(
        zlib.decompress(packed).decode() for (packed,) in archive._db.execute("SELECT digest FROM digests")
    )


def keys(archive: Archive) -> set[bytes]:
    return {key for (key,) in archive._db.execute("SELECT text_sha256 FROM vectors")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.sqlite"


@pytest.mark.parametrize(
    "selection",
    [
        Selection(ids=(SECRET.id,)),
        Selection(feed="secret.xml"),
        Selection(since=SECRET.published),
        Selection(
            ids=(SECRET.id, MOTHS.id), since=SECRET.published, until=NEWER.published, feed="secret.xml"
        ),
        Selection(everything=True),
    ],
    ids=["ids", "feed", "since", "all conditions", "everything"],
)
@pytest.mark.parametrize("reopened", [False, True], ids=["in the log", "in the file"])
def test_not_a_byte_of_what_was_forgotten_stays(path: Path, selection: Selection, reopened: bool) -> None:
    archive = Archive(path)
    fill(archive)
    if reopened:  # closing has moved the log into the file
        archive.close()
        archive = Archive(path)
    with archive:
        vector = pack(np.eye(4, 8, dtype=np.float32))[2].tobytes()
        before = bytes_of(path)
        assert all(word in before for word in SECRET_WORDS)
        assert vector in before
        assert all(word in before for word in INDEXED)
        texts = digest_texts(archive)
        assert all(word.decode() in texts for word in SECRET_WORDS if word != b"dirigibles")
        gone = archive.forget(selection)
        after = bytes_of(path)  # while it is open, with its log and its index
        assert [word for word in SECRET_WORDS if word in after] == []
        assert [word for word in INDEXED if word in after] == []
        assert text_sha256(SECRET.text) not in after
        if selection.feed:
            assert "secret.xml" not in digest_texts(archive)
        leaks = [
            word
            for word in (b"ppelin", b"overheard", b"2600.00777", b"aerostatics")
            if word.decode() in digest_texts(archive)
        ]
        assert leaks == []
        archive._db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        assert archive.paper(SECRET.id) is None
        assert (archive.paper(MOTHS.id) is None) is selection.everything
        if not selection.everything:
            assert set(gone.papers) == {SECRET, NEWER}
            assert archive.summary(OWLS, model="m", prompt="p")
            assert [opinion.paper_id for opinion in archive.opinions()] == [MOTHS.id]
            assert keys(archive) == {text_sha256(MOTHS.text), text_sha256(OWLS.text)}
    assert not [word for word in SECRET_WORDS if word in bytes_of(path)]
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]  # no copy is left


def test_what_is_removed_is_counted(path: Path) -> None:
    with Archive(path) as archive:
        fill(archive)
        gone = archive.forget(Selection(until=SECRET.published))
        assert {table: n for table, n in gone.rows.items() if n} == {
            "summaries": 3, "papers": 3, "feedback": 1, "vectors": 4, "runs": 3, "responses": 1, "batches": 1,
            "digests": 1, "shown": 2,
        }  # fmt: skip
        # A newer version was published later, and stays, with what was said of it.
        assert archive.paper(SECRET.id) == NEWER
        assert [opinion.paper_id for opinion in archive.opinions()] == [SECRET.id]
        assert not any(archive.forget(Selection(ids=(OWLS.id,))).rows.values())
        gone = archive.forget(Selection(everything=True))
        assert {table: n for table, n in gone.rows.items() if n} == {
            "summaries": 1, "papers": 1, "feedback": 1, "vectors": 1, "runs": 1, "embedders": 1,
            "digests": 1, "shown": 1,
        }  # fmt: skip


def test_forgetting_what_is_not_there_keeps_everything(path: Path) -> None:
    with Archive(path) as archive:
        fill(archive)
        before = keys(archive)
        for nothing in (
            Selection(ids=("none",)),
            Selection(feed="secret"),
            Selection(feed="%"),
            Selection(ids=(SECRET.id,), feed="x"),
        ):
            assert not any(archive.forget(nothing).rows.values())
        assert keys(archive) == before
        assert archive.sources() == ["sample.xml", "secret.xml"]


def test_a_folder_of_feeds_is_a_feed(path: Path) -> None:
    inside, beside = replace(MOTHS, source="feeds/a.xml"), replace(OWLS, source="feeds-2/a.xml")
    with Archive(path) as archive:
        archive.add_papers([inside, beside])
        assert archive.forget(Selection(feed="feeds/")).papers == (inside,)


def test_a_text_that_another_paper_has_too_keeps_its_vector(path: Path) -> None:
    twin = replace(SECRET, id="2600.00778", source="other.xml")
    with Archive(path) as archive:
        archive.add_papers([SECRET, twin])
        archive.add_embeddings("e", [twin.text], np.eye(1, 8, dtype=np.float32))
        archive.forget(Selection(ids=(SECRET.id,)))
        assert keys(archive) == {text_sha256(twin.text)}


def test_every_table_that_knows_of_papers_is_listed(path: Path) -> None:
    with Archive(path) as archive:
        tables = {
            name for (name,) in archive._db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        }
    # `embedders` names models only. Whoever adds a table adds it here or to the list.
    # The catalogue and its index are changed with the papers.
    assert {name for name in tables if not name.startswith(TABLES)} <= set(_CONCERNED) | {"embedders"}


def test_a_program_that_reads_the_archive_is_told_of(path: Path) -> None:
    with Archive(path) as archive:
        fill(archive)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM papers").fetchone()
        archive._db.execute("PRAGMA busy_timeout = 10")
        with pytest.raises(ArchiveError, match="old bytes stay in the files"):
            archive.forget(Selection(ids=(SECRET.id,)))
        other.close()
        assert archive.paper(SECRET.id) is None
        archive.forget(Selection(ids=(SECRET.id,)))  # as its words say
        assert not [word for word in SECRET_WORDS if word in bytes_of(path)]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_whatever_the_umask_archive_and_digests_are_private(tmp_path: Path, umask: int) -> None:
    script = f"""
import os; os.umask({umask})
from pathlib import Path
from digest.archive import Archive
from digest.files import make_private_folder, write_atomic
folder = Path("new/er"); make_private_folder(folder); write_atomic(folder / "2026-02-02.md", b"x")
with Archive(Path("data/base/a.sqlite")) as archive:
    archive.forget_opinion("a write, for a log")
    for path in Path().rglob("*"): print(oct(path.stat().st_mode & 0o777), path.is_dir(), path)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    assert {mode for mode, is_folder, _ in lines if is_folder == "True"} == {"0o700"}
    assert {mode for mode, is_folder, _ in lines if is_folder == "False"} == {"0o600"}
    assert {Path(name).name for *_, name in lines} >= {
        "a.sqlite",
        "a.sqlite-wal",
        "a.sqlite-shm",
        "2026-02-02.md",
    }


def test_an_archive_that_a_copy_made_readable_is_made_private_again(path: Path) -> None:
    Archive(path).close()
    path.chmod(0o644)
    with Archive(path):
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


@pytest.mark.parametrize("address", ["https://feeds.example/secret.xml", "https://feeds.example/secret/"])
def test_a_feed_that_brought_no_paper_is_forgotten_too(tmp_path: Path, address: str) -> None:
    now = dt.datetime(2026, 2, 3, tzinfo=dt.UTC)
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_response(FeedResponse(address, b"overheard", now))
        archive.add_response(FeedResponse("https://other.example/", b"other", now))
        archive.add_batch(address, Batch(now.date(), bytes(32), 0, now, now))
        gone = archive.forget(Selection(feed=address))
        assert (gone.rows["responses"], gone.rows["batches"]) == (1, 1)
        assert archive.response("https://other.example/") is not None
    assert b"feeds.example" not in bytes_of(tmp_path / "a.sqlite")
