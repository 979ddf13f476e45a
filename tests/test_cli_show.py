from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from builders import MOTHS, OWLS, make_digest, sample_digest, scored
from digest import cli_show, offline
from digest.archive import Archive
from digest.cli import app
from digest.cli_show import parse_day
from digest.errors import ArchiveError, UsageError
from digest.render.compact import render_compact
from digest.render.json import render_json
from digest.render.markdown import render_markdown

TODAY = dt.datetime.now().astimezone().date()
UNSEEN = replace(OWLS, id="2600.00009", title="Unseen Owls", abstract="Nobody saw them.")
OLD = sample_digest()
NEW = make_digest(scored(MOTHS, score=40), date=TODAY - dt.timedelta(days=3))


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("DIGEST_ARCHIVE", str(tmp_path / "a.sqlite"))
    monkeypatch.setattr(offline, "forbid_network", lambda: None)  # it cannot be taken back
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([MOTHS, OWLS, UNSEEN])
        archive.add_digest(make_digest(date=OLD.date))  # made anew later that day
        archive.add_digest(OLD)
        archive.add_digest(NEW)
    return tmp_path / "a.sqlite"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["show", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_a_digest_is_shown_as_it_was() -> None:
    assert run("2026-02-02", "--format", "json").encode() == render_json(OLD)
    assert run("2026-02-02", "--format", "md") == render_markdown(OLD)
    assert "LanternNet counts moths." in run("2026-02-02")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_archive_gives_back_the_whole_digest(path: Path, language: str) -> None:
    digest = sample_digest(language=language, notes=("a note",), network_calls=3)
    with Archive(path) as archive:
        archive.add_digest(digest)
        assert archive.digest(digest.date) == digest
        assert archive.digest_dates() == [NEW.date, OLD.date]


def test_days_are_named_as_people_name_them() -> None:
    assert run("--format", "json") == run("-3", "--format", "json") == render_json(NEW).decode()
    day = dt.date(2026, 2, 2)
    assert parse_day("yesterday", day) == parse_day("-1", day) == dt.date(2026, 2, 1)
    assert parse_day("today", day) == parse_day("2026-02-02", day) == day
    assert parse_day("2602.02475", day) is None
    with pytest.raises(UsageError, match="no day 2026-02-30"):
        parse_day("2026-02-30", day)


def test_a_paper_is_shown_as_its_last_digest_showed_it() -> None:
    assert render_json(replace(NEW, feeds=(), notes=())).decode() == run(
        f"arXiv:{MOTHS.id}", "--format", "json"
    )
    out = run(OWLS.id)
    assert "Owls" in out
    assert MOTHS.title not in out


def test_a_paper_that_no_digest_showed_is_shown_all_the_same() -> None:
    assert "Nobody saw them." in run(UNSEEN.id)
    assert '"id": "2600.00009"' in run(UNSEEN.id, "--format", "json")


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (["2026-02-01"], ArchiveError, f"no digest of 2026-02-01: the nearest is that of {OLD.date}"),
        (["2026-02-03"], ArchiveError, f"that of 2026-02-02 and {NEW.date}"),
        (["2699.00001"], ArchiveError, "neither a day nor a paper '2699.00001'"),
        (["--wat"], UsageError, "no such option: --wat"),
        (["--format", "pdf"], UsageError, "unknown format pdf"),
    ],
)
def test_what_cannot_be_shown_is_told(arguments: list[str], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        run(*arguments)


def test_an_archive_without_digests_says_so(tmp_path: Path) -> None:
    Archive(tmp_path / "b.sqlite").close()
    with pytest.raises(ArchiveError, match="remembers no digest"):
        run("--archive", str(tmp_path / "b.sqlite"))


def test_a_damaged_digest_is_told_and_can_be_forgotten(path: Path) -> None:
    with Archive(path) as archive:
        archive._db.execute("UPDATE digests SET digest = x'00' WHERE date = '2026-02-02'")
    with pytest.raises(ArchiveError, match=r"2026-02-02 in the archive .* is damaged"):
        run("2026-02-02")


def test_compact_is_one_line_a_paper() -> None:
    lines = run("2026-02-02", "--compact").splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["86", MOTHS.id],
        ["55", OWLS.id],
        ["12", "hep-th/9901001"],
    ]
    assert lines[1].endswith(OWLS.title)  # whole when piped


def test_compact_is_cut_to_a_terminal_and_links() -> None:
    file = io.StringIO()
    console = Console(file=file, width=40, force_terminal=True, color_system="standard", _environ={})
    render_compact(OLD, console)
    lines = file.getvalue().splitlines()
    assert len(lines) == 3
    assert "\x1b]8;" in lines[0]
    assert MOTHS.url in lines[0]
    assert lines[0].count("…") == 1


def test_a_terminal_gets_a_pager_unless_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class Terminal(Console):
        def __init__(self) -> None:
            super().__init__(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})

    class Person:
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("rich.console.Console", Terminal)
    monkeypatch.setattr("pydoc.pager", shown.append)
    monkeypatch.setattr(cli_show, "sys", type("sys", (), {"stdin": Person()}))
    monkeypatch.setenv("LESS", "-R")
    cli_show._print(OLD, "preview", compact=True, paged=True)
    assert len(shown) == 1
    assert MOTHS.title in shown[0]
    cli_show._print(OLD, "preview", compact=True, paged=False)
    assert len(shown) == 1
