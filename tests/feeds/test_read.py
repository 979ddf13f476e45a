from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING

import pytest

from digest.errors import FeedError, OfflineError
from digest.feeds import read
from digest.feeds.read import is_url, read_source
from digest.feeds.response import FeedResponse

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = io.BytesIO()


def test_a_file_is_itself(tmp_path: Path) -> None:
    feed = tmp_path / "feed.txt"
    feed.write_bytes(b"bytes")
    assert read_source(str(feed), stdin=NOTHING, fetch=None) == [(str(feed), b"bytes")]


def test_a_folder_is_its_feeds_in_order(tmp_path: Path) -> None:
    for name in ("b.rss", "a.xml", "c.ATOM", "d.rdf", "e.json", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    found = read_source(str(tmp_path), stdin=NOTHING, fetch=None)
    assert [data for _, data in found] == [b"a.xml", b"b.rss", b"c.ATOM", b"d.rdf", b"e.json"]


def test_a_dash_is_standard_input() -> None:
    assert read_source("-", stdin=io.BytesIO(b"feed"), fetch=None) == [("-", b"feed")]


def test_an_address_is_fetched() -> None:
    def fetch(url: str) -> FeedResponse:
        return FeedResponse(url, b"feed", dt.datetime(2026, 2, 2, tzinfo=dt.UTC))

    url = "HTTPS://x.org/f"
    assert read_source(url, stdin=NOTHING, fetch=fetch) == [(url, fetch(url))]


def test_an_address_is_refused_offline() -> None:
    with pytest.raises(OfflineError, match=r"https://x\.org/f was asked for under --offline"):
        read_source("https://x.org/f", stdin=NOTHING, fetch=None)


@pytest.mark.parametrize(
    ("source", "words"),
    [("missing.xml", "does not exist"), ("/dev/null", "not a file"), ("a\0b", "not a file name")],
)
def test_what_cannot_be_read_is_one_line(source: str, words: str) -> None:
    with pytest.raises(FeedError, match=words) as caught:
        read_source(source, stdin=NOTHING, fetch=None)
    assert caught.value.todo
    assert "\n" not in str(caught.value)


def test_a_folder_without_feeds(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="holds no feed"):
        read_source(str(tmp_path), stdin=NOTHING, fetch=None)


def test_an_endless_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "LARGEST_FEED", 10)
    with pytest.raises(FeedError, match="larger than"):
        read_source("-", stdin=io.BytesIO(b"x" * 11), fetch=None)


@pytest.mark.parametrize(
    ("source", "url"), [("http://x", True), ("https://x", True), ("feed.xml", False), ("file://x", False)]
)
def test_is_url(source: str, url: bool) -> None:
    assert is_url(source) is url
