from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from builders import MOTHS, OWLS
from digest.archive import Archive
from digest.cli import app
from digest.errors import ArchiveError, UsageError

OLD = replace(MOTHS, id="hep-th/9901001", title="Strings")


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("DIGEST_ARCHIVE", str(tmp_path / "a.sqlite"))
    with Archive(tmp_path / "a.sqlite") as opened:
        opened.add_papers([MOTHS, OWLS, OLD])
    return tmp_path / "a.sqlite"


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def said(archive: Path) -> dict[str, str]:
    with Archive(archive) as opened:
        return {opinion.paper_id: opinion.verdict for opinion in opened.opinions()}


def test_what_is_said_is_stored_and_told(archive: Path) -> None:
    out = run("like", "2600.00001v3", "https://arxiv.org/abs/2600.00002", "arXiv:2600.00001")
    assert out.splitlines() == [f"liked: {MOTHS.id}  {MOTHS.title}", f"liked: {OWLS.id}  {OWLS.title}"]
    assert run("dislike", OWLS.id).startswith("disliked: ")
    assert run("hide", "hep-th/9901001v1").startswith("hidden: ")
    assert said(archive) == {MOTHS.id: "like", OWLS.id: "dislike", OLD.id: "hide"}
    listed = [line.split()[1:3] for line in run("feedback").splitlines()]
    assert listed == [
        ["hide", OLD.id],
        ["dislike", OWLS.id],
        ["like", MOTHS.id],
    ]
    rows = json.loads(run("feedback", "--json"))
    assert [(row["id"], row["verdict"], row["title"]) for row in rows] == [
        (OLD.id, "hide", OLD.title),
        (OWLS.id, "dislike", OWLS.title),
        (MOTHS.id, "like", MOTHS.title),
    ]
    assert run("undo", f"arXiv:{OWLS.id}", OLD.id).splitlines()[0] == f"taken back: {OWLS.id}  {OWLS.title}"
    assert said(archive) == {MOTHS.id: "like"}


def test_an_unknown_id_is_told_and_the_others_are_stored(archive: Path) -> None:
    with pytest.raises(ArchiveError) as caught:
        run("like", "2699.00001", MOTHS.id, "no\x1b[1msuch", "hep-th/9901001")
    assert str(caught.value) == "the archive has no paper 2699.00001, nosuch: take the id from a digest"
    assert caught.value.exit_code == 1
    assert said(archive) == {MOTHS.id: "like", OLD.id: "like"}
    with pytest.raises(ArchiveError, match=r"nothing was said of 2600\.00002"):
        run("undo", OWLS.id, OLD.id)
    assert said(archive) == {MOTHS.id: "like"}


def test_archive_and_config_may_be_named_in_both_places(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, config = tmp_path / "b.sqlite", tmp_path / "c.toml"
    with Archive(other) as opened:
        opened.add_papers([MOTHS])
    config.write_text('archive = "b.sqlite"\n')
    run("like", "--archive", other, MOTHS.id)
    run("--archive", str(other), "dislike", MOTHS.id)
    assert said(other) == {MOTHS.id: "dislike"}
    monkeypatch.delenv("DIGEST_ARCHIVE")
    run("hide", MOTHS.id, "--config", config)
    assert said(other) == {MOTHS.id: "hide"}
    run("--config", config, "undo", MOTHS.id)
    monkeypatch.setenv("DIGEST_CONFIG", str(config))
    run("like", MOTHS.id)
    assert said(other) == {MOTHS.id: "like"}
    assert said(archive) == {}


def test_without_an_archive_nothing_is_made(tmp_path: Path, archive: Path) -> None:
    del archive
    with pytest.raises(ArchiveError, match="does not exist"):
        run("like", MOTHS.id, "--archive", tmp_path / "none" / "a.sqlite")
    assert not (tmp_path / "none").exists()
    with pytest.raises(UsageError, match="does not exist"):
        run("feedback", "--config", tmp_path / "none.toml")


def test_nothing_said_is_an_empty_list(archive: Path) -> None:
    del archive
    assert run("feedback") == ""
    assert json.loads(run("feedback", "--json")) == []
