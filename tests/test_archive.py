from __future__ import annotations

import datetime as dt
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.archive import MIGRATIONS, Archive
from digest.errors import ArchiveError
from digest.paper import Paper
from digest.ranking.vectors import as_stored
from digest.summarize.language_model import Written


def make_paper(number: int = 1, **changes: object) -> Paper:
    values: dict[str, object] = {
        "id": f"2600.{number:05}",
        "version": 1,
        "title": f"Paper {number}",
        "authors": ("Ada Lovelace",),
        "abstract": f"Abstract {number}.",
        "categories": ("cs.CL",),
        "published": dt.date(2026, 2, 2),
        "announce_type": "new",
        "url": "https://arxiv.org/abs/2600.00001v1",
        "pdf_url": "",
        "source": "test",
    }
    return Paper(**{**values, **changes})  # type: ignore[arg-type]


text = st.text(st.characters(exclude_categories=["Cs"]))
papers = st.builds(
    Paper,
    id=text.filter(bool),
    version=st.integers(1, 99),
    title=text,
    authors=st.lists(text).map(tuple),
    abstract=text,
    categories=st.lists(text).map(tuple),
    published=st.dates(),
    announce_type=st.sampled_from(["new", "cross", "replace", "replace-cross", "none"]),
    url=text,
    pdf_url=text,
    source=text,
    title_source=text,
    abstract_source=text,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(papers)
def test_a_paper_comes_back_as_it_was(tmp_path: Path, paper: Paper) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([paper])
        assert archive.paper(paper.id, paper.version) == paper


def test_the_newest_version_is_the_one_that_is_meant(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([make_paper(version=2, title="Second"), make_paper(version=1, title="First")])
        newest, first = archive.paper("2600.00001"), archive.paper("2600.00001", 1)
        assert newest is not None
        assert first is not None
        assert (newest.title, first.title) == ("Second", "First")
        assert archive.paper("2600.99999") is None


def test_vectors_come_back_as_stored_and_only_for_their_embedder(tmp_path: Path) -> None:
    vectors = as_stored(np.random.default_rng(1).normal(size=(1200, 8)).astype(np.float32))
    texts = [f"text {i}" for i in range(1200)]
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_embeddings("one", texts, vectors)
    with Archive(tmp_path / "a.sqlite") as archive:
        known = archive.embeddings("one", [*texts, "another"])
        assert set(known) == set(texts)
        assert all(np.array_equal(known[t], v) for t, v in zip(texts, vectors, strict=True))
        assert archive.embeddings("two", texts) == {}


def test_recent_vectors_leave_out_old_papers_and_those_at_hand(tmp_path: Path) -> None:
    old = make_paper(1, published=dt.date(2025, 1, 1))
    recent, here = make_paper(2), make_paper(3)
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([old, recent, here])
        archive.add_embeddings("e", [p.text for p in (old, recent, here)], np.eye(3, dtype=np.float32))
        found = archive.recent_embeddings("e", since=dt.date(2026, 1, 1), without=[here])
        assert found.tolist() == [[0, 1, 0]]
        assert archive.recent_embeddings("other", since=dt.date(2026, 1, 1)).shape == (0, 0)


def test_a_summary_is_found_again_only_for_the_same_text_model_and_prompt(tmp_path: Path) -> None:
    paper = make_paper()
    written = Written("7", {"tldr": "words"}, cut=("tldr",), left_out=2)
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_summary(paper, written, model="m", prompt="p")
        assert archive.summary(paper, model="m", prompt="p") == written
        assert archive.summary(paper, model="m2", prompt="p") is None
        assert archive.summary(paper, model="m", prompt="p2") is None
        assert archive.summary(make_paper(version=2), model="m", prompt="p") is None
        assert archive.summary(make_paper(abstract="Changed."), model="m", prompt="p") is None


def test_the_file_and_its_folder_are_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.sqlite"
    with Archive(path):
        for companion in path.parent.iterdir():
            assert stat.S_IMODE(companion.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look like one" * 40, b"\0" * 4096]
)
def test_a_file_that_is_no_archive_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="cannot be opened"):
        Archive(path)
    assert path.read_bytes() == content


def test_an_archive_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with Archive(path):
        pass
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(ArchiveError, match="newer digest"):
        Archive(path)


def test_a_full_disk_is_told_and_nothing_stored_is_lost(tmp_path: Path) -> None:
    failures: list[ArchiveError] = []
    with Archive(tmp_path / "a.sqlite", on_write_error=failures.append) as archive:
        archive.add_papers([make_paper(1)])
        (pages,) = archive._db.execute("PRAGMA page_count").fetchone()
        archive._db.execute(f"PRAGMA max_page_count = {pages}")
        archive.add_papers([make_paper(n, abstract="x" * 5000) for n in range(2, 20)])
        assert "full" in str(failures[0])
        assert archive.paper("2600.00001") == make_paper(1)
        assert archive.paper("2600.00002") is None
    with Archive(tmp_path / "b.sqlite") as archive:
        (pages,) = archive._db.execute("PRAGMA page_count").fetchone()
        archive._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(ArchiveError, match="cannot be written"):
            archive.add_papers([make_paper(n, abstract="x" * 5000) for n in range(2, 20)])


def test_what_was_written_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    script = (
        "import os, signal, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from digest.archive import Archive; from test_archive import make_paper\n"
        "archive = Archive(Path(sys.argv[1])); archive.add_papers([make_paper(1)])\n"
        "archive._db.execute('BEGIN IMMEDIATE'); archive._db.execute('DELETE FROM papers')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, path, Path(__file__).parent], check=False)
    assert done.returncode == -9
    with Archive(path) as archive:
        assert archive.paper("2600.00001") == make_paper(1)


def test_two_processes_may_make_the_archive_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    script = (
        "import sys; from pathlib import Path; from digest.archive import Archive; Archive(Path(sys.argv[1]))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", script, path]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0, 0, 0, 0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ArchiveError, match="cannot be made"):
        Archive(tmp_path / "sub" / "a.sqlite")


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="cannot be made"):
        Archive(tmp_path / "file" / "a.sqlite")
