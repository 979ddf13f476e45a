from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders import MOTHS, OWLS, make_digest, scored
from digest.archive import Archive
from digest.cli import app
from digest.errors import ArchiveError, UsageError
from digest.feeds.http import Pace, pace_folder
from digest.files import atomic_file
from digest.render.json import render_json
from digest.render.markdown import render_markdown
from digest.traces import mentions

OLD = replace(MOTHS, id="hep-th/9901001", title="Strings", url="", published=dt.date(2026, 1, 1))


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DIGEST_ARCHIVE", str(tmp_path / "a.sqlite"))
    with Archive(tmp_path / "a.sqlite") as opened:
        opened.add_papers([MOTHS, OWLS, OLD])
    for day, paper in (("2026-02-02", MOTHS), ("2026-02-03", OWLS), ("2026-01-01", OLD)):
        write(tmp_path / "digests", day, render_markdown(make_digest(scored(paper))).encode(), "md")
        write(tmp_path / "digests", day, render_json(make_digest(scored(paper))), "json")
    write(tmp_path / "digests", "notes", b"2600.00001", "md")
    return tmp_path / "a.sqlite"


def write(folder: Path, day: str, data: bytes, ending: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{day}.{ending}").write_bytes(data)


def run(*arguments: str, answer: str = "") -> str:
    result = CliRunner().invoke(app, ["forget", *arguments], input=answer, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def kept(archive: Path) -> set[str]:
    with Archive(archive) as opened:
        return {paper.id for paper in (MOTHS, OWLS, OLD) if opened.paper(paper.id)}


def digests() -> list[str]:
    return sorted(path.name for path in Path("digests").iterdir())


def test_a_paper_is_forgotten_and_the_digests_that_hold_it_are_named(archive: Path) -> None:
    before = digests()
    assert run(f"arXiv:{MOTHS.id}v1").splitlines() == [
        "forgotten: 1 paper",
        "still mentioned in digests/2026-02-02.json",
        "still mentioned in digests/2026-02-02.md",
        "remove these files, or forget with --files next time",
    ]
    assert kept(archive) == {OWLS.id, OLD.id}
    assert digests() == before
    assert run("--until", "2026-01-31", "--files").splitlines() == [
        "forgotten: 1 paper",
        "removed digests/2026-01-01.json",
        "removed digests/2026-01-01.md",
    ]
    assert "2026-01-01.md" not in digests()
    assert "removed digests/2026-02-03.md" in run("--feed", "sample.xml", "--files")
    assert kept(archive) == set()


def test_everything_is_asked_for_first(archive: Path) -> None:
    assert run("--everything").splitlines()[-1].strip() == "nothing was removed"  # nobody answers
    assert run("--everything", answer="n\n").splitlines()[-1].strip() == "nothing was removed"
    assert len(kept(archive)) == 3
    out = run("--everything", "--yes", "--files")
    assert out.startswith("forgotten: 3 papers\n")
    assert kept(archive) == set()
    assert digests() == ["notes.md"]
    assert run("--everything", answer="y\n").splitlines()[-1].strip() == "forgotten: nothing"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing was named"),
        (["--since", "yesterday"], "--since is 'yesterday'"),
        (["--everything", "--feed", "x"], "nothing to choose"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(archive: Path, arguments: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        run(*arguments)
    assert len(kept(archive)) == 3


@pytest.mark.usefixtures("archive")
def test_what_a_killed_run_left_of_a_digest_is_found_too() -> None:
    with atomic_file(Path("digests/2026-02-02.md")):
        (left,) = Path("digests").glob(".*")
    left.write_bytes(Path("digests/2026-02-02.json").read_bytes())
    with pytest.raises(ArchiveError):
        run("--until", "2020-01-01", "--files")  # nobody knows its day
    assert left.exists()
    assert f"removed {left}" in run(MOTHS.id, "--files").splitlines()
    assert not left.exists()


@pytest.mark.usefixtures("archive")
def test_the_sites_that_were_asked_are_forgotten_with_everything() -> None:
    with Pace(pace_folder(), interval_s=0).turn("secret.example"):
        pass
    assert [file.name for file in pace_folder().iterdir()] == ["secret.example.pace"]
    run(MOTHS.id)
    assert list(pace_folder().iterdir())
    run("--everything", "--yes")
    assert list(pace_folder().iterdir()) == []


def test_what_is_not_there_is_told(archive: Path) -> None:
    with pytest.raises(ArchiveError, match="no such paper"):
        run("2699.00001")
    with pytest.raises(ArchiveError, match=r"its papers are of sample\.xml"):
        run("--feed", "other.xml")
    assert len(kept(archive)) == 3


def test_a_mention_is_found_however_it_is_written(tmp_path: Path) -> None:
    page = tmp_path / "2026-02-02.md"
    page.write_text(r"A \*star\* &amp; more; see 2600.00001v1 and 10.1/x\_y", "utf-8")
    assert mentions(page, ["A *star* & more"])
    assert mentions(page, ["10.1/x_y"])
    assert not mentions(page, ["2600.0000", "600.00001", "tar"])
    assert not mentions(page, [])
