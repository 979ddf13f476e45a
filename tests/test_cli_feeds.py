from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.archive import Archive
from digest.cli import app
from digest.errors import LibraryError, UsageError
from digest.resources import resource
from feed_server import FEED, serving

SAMPLE = resource("examples") / "sample.atom.xml"
OPML = """<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body><outline text="Science">
  <outline type="rss" text="Lamps" xmlUrl="https://journal.example/rss?a=1&amp;b=2"/>
  <outline type="rss" text="CL" xmlUrl="http://rss.arxiv.org/rss/cs.CL+cs.AI"/>
  <outline type="rss" text="LG" xmlUrl="https://export.arxiv.org/rss/cs.LG"/>
  <outline type="rss" text="Bad" xmlUrl="javascript:alert(1)"/>
  <outline text="No feed"/>
</outline></body></opml>"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("DIGEST_ARCHIVE", str(tmp_path / "a.sqlite"))
    monkeypatch.setenv("DIGEST_CONFIG", str(tmp_path / "c.toml"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.toml").write_text("# mine\ntop = 3\n")
    return tmp_path


def run(*arguments: str | Path, status: int = 0) -> list[str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == status
    return result.stdout.splitlines()


def config(folder: Path) -> dict[str, object]:
    text = (folder / "c.toml").read_text()
    assert text.startswith("# mine\n")
    return tomllib.loads(text)


def test_feeds_are_added_listed_and_removed(folder: Path) -> None:
    feed = folder / "my.xml"
    feed.write_bytes(FEED)
    assert run("feeds", "add", "https://a.example/rss", "cs.CL", "my.xml") == [
        "added https://a.example/rss",
        f"added {feed}",
        "added cs.CL",
    ]
    assert config(folder) == {
        "top": 3,
        "feeds": ["https://a.example/rss", str(feed)],
        "categories": ["cs.CL"],
    }
    assert run("feeds", "list") == ["https://a.example/rss", str(feed), "cs.CL"]
    assert run("feeds", "add", "cs.CL") == []
    run("feeds", "remove", "my.xml", "cs.CL")
    assert run("feeds", "list") == ["https://a.example/rss"]
    with pytest.raises(UsageError, match=r"cs\.CL is not in"):
        run("feeds", "remove", "cs.CL")


def test_another_config_may_be_named(folder: Path) -> None:
    run("feeds", "add", "cs.CL", "--config", folder / "other.toml")
    assert run("feeds", "list", "--config", folder / "other.toml") == ["cs.CL"]
    assert run("feeds", "list") == []


def test_standard_input_is_no_feed_of_every_day() -> None:
    with pytest.raises(UsageError, match="standard input"):
        run("feeds", "add", "-")


def test_subscriptions_are_imported(folder: Path) -> None:
    (folder / "s.opml").write_text(OPML)
    run("feeds", "import", "s.opml")
    assert config(folder) == {
        "top": 3,
        "feeds": ["https://journal.example/rss?a=1&b=2"],
        "categories": ["cs.CL", "cs.AI", "cs.LG"],
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<opml><body/></opml>", "lists no feeds"),
        ("just words", "not valid XML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><opml/>', "declares entities"),
        ("", "is empty"),
    ],
)
def test_an_opml_that_is_none(folder: Path, text: str, words: str) -> None:
    (folder / "s.opml").write_text(text)
    with pytest.raises(LibraryError, match=words):
        run("feeds", "import", "s.opml")


def test_a_feed_is_tried_without_leaving_a_trace(folder: Path) -> None:
    with serving() as site:
        site.says((200, {"Cache-Control": "max-age=600"}, SAMPLE.read_bytes()))
        lines = run("feeds", "test", site.url)
        assert lines[0].startswith(f"{site.url}: fresh · ")
        assert len(lines) == 1 + 3
        assert run("feeds", "test", site.url) == lines
        assert len(site.asked) == 1
    with Archive(folder / "a.sqlite") as archive:
        assert archive.newest_day() is None
        assert archive.batches(site.url) == ()
        assert archive.response(site.url) is not None


def test_one_that_fails_is_told_and_the_others_are_tried(folder: Path) -> None:
    (folder / "bad.xml").write_text("<html>")
    run("feeds", "add", "bad.xml", SAMPLE)
    lines = run("feeds", "test", status=1)
    assert lines[0] == f"{folder / 'bad.xml'}: failed · 0 papers"
    assert "is a web page, not a feed" in lines[1]
    assert lines[2].startswith(f"{SAMPLE}: file · ")


def test_no_feed_is_a_question() -> None:
    with pytest.raises(UsageError, match="no feed was named"):
        run("feeds", "test")
