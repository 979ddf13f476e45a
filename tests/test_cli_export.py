from __future__ import annotations

import csv
import datetime as dt
import io
import stat
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest
from typer.testing import CliRunner

from builders import MOTHS, OWLS, make_digest, sample_digest, scored
from digest import offline
from digest.archive import Archive
from digest.cli import app
from digest.errors import ArchiveError, DigestError, OutputError, UsageError
from digest.library import read_library

UNSEEN = replace(MOTHS, id="2600.00009", title="Unseen Moths")
DAYS = [dt.date(2026, 2, day) for day in (2, 3, 4)]


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("DIGEST_ARCHIVE", str(tmp_path / "a.sqlite"))
    monkeypatch.setattr(offline, "forbid_network", lambda: None)  # it cannot be taken back
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([MOTHS, OWLS, UNSEEN])
        archive.add_opinion(UNSEEN.id, "like")
        archive.add_opinion(MOTHS.id, "dislike")
        archive.add_digest(sample_digest())
        archive.add_digest(make_digest(scored(OWLS), date=DAYS[1]))
        archive.add_digest(make_digest(scored(MOTHS, score=9), date=DAYS[2]))
    return tmp_path / "a.sqlite"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["export", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def rows(*arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run("--format", "csv", *arguments))))


def test_what_is_exported_can_be_chosen() -> None:
    assert [(row["id"], row["score"], row["verdict"]) for row in rows()] == [(MOTHS.id, "9", "dislike")]
    assert [row["id"] for row in rows("2026-02-02")] == [MOTHS.id, OWLS.id, "hep-th/9901001"]
    assert [row["id"] for row in rows("--since", "2026-02-03")] == [MOTHS.id, OWLS.id]
    assert [row["id"] for row in rows("--until", "2026-02-03")] == [OWLS.id, MOTHS.id, "hep-th/9901001"]
    assert [(row["id"], row["score"], row["shown"]) for row in rows("--liked")] == [(UNSEEN.id, "", "")]
    assert [row["id"] for row in rows(f"arXiv:{UNSEEN.id}", OWLS.id, UNSEEN.id)] == [UNSEEN.id, OWLS.id]
    assert [row["id"] for row in rows(UNSEEN.id, "2026-02-03")] == [UNSEEN.id, OWLS.id]


def test_a_file_is_private_and_read_back(tmp_path: Path) -> None:
    for form, name in (("bibtex", "a.bib"), ("ris", "a.ris"), ("csl", "a.json")):
        assert run("--liked", "--format", form, "--out", f"new/{name}") == ""
        path = tmp_path / "new" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [r.title for r in read_library(path).groups[0].references] == [UNSEEN.title]


def test_a_feed_has_all_days_and_a_message_one() -> None:
    feed = feedparser.parse(run("--format", "atom"))
    assert [entry.published[:10] for entry in feed.entries] == [day.isoformat() for day in DAYS[::-1]]
    assert len(feedparser.parse(run("--format", "atom", "--until", "2026-02-02")).entries) == 1
    assert run("--format", "eml").startswith("Subject: Digest of 2026-02-04")
    assert run("--format", "eml", "2026-02-02").startswith("Subject: Digest of 2026-02-02")
    run("--format", "eml", "--since", "2026-02-03", "--out", "mail")
    assert sorted(path.name for path in Path("mail").iterdir()) == ["2026-02-03.eml", "2026-02-04.eml"]


def test_notes_go_into_a_folder() -> None:
    run("--format", "obsidian", "2026-02-02", "--out", "vault/papers")
    assert len(list(Path("vault/papers").glob("*.md"))) == 3
    run("--format", "obsidian", "2026-02-02", "--out", "vault/papers")
    assert len(list(Path("vault/papers").iterdir())) == 3


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["--format", "pdf"], UsageError, "unknown format pdf"),
        (["--format", "obsidian"], UsageError, "name a folder for them with --out"),
        (["--format", "eml", "--since", "2026-02-02"], UsageError, "several files"),
        (["--format", "atom", "--liked"], UsageError, "whole digests"),
        (["--format", "atom", MOTHS.id], UsageError, "no day"),
        (["--liked", "--since", "2026-02-02"], UsageError, "exclude each other"),
        (["--since", "2027-01-01"], ArchiveError, "no digest of these days"),
        (["2026-03-01"], ArchiveError, "no digest of 2026-03-01"),
        (["2699.00001"], ArchiveError, "no paper 2699.00001"),
        (["--wat"], UsageError, "no such option: --wat"),
        (["--out", "a.sqlite/x.bib"], OutputError, "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_told(arguments: list[str], error: type[DigestError], words: str) -> None:
    with pytest.raises(error, match=words):
        run(*arguments)
