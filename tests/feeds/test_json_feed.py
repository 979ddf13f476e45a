from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FeedError
from digest.feeds.parse import ParsedFeed, parse_feed

FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "A journal",
    "items": [
        {
            "id": "https://journal.example/1",
            "url": "https://journal.example/1",
            "title": "Moths & lamps < 5",
            "content_html": "<p>We count <b>moths</b>.</p>",
            "summary": "Short.",
            "authors": [{"name": "Ada Lindqvist"}, {"name": "Kofi Mensah"}],
            "tags": ["Entomology"],
            "date_published": "2026-02-01T23:30:00-05:00",
            "attachments": [{"mime_type": "application/pdf", "url": "https://journal.example/1.pdf"}],
            "doi": "10.1234/MOTHS",
        },
        {"id": 7, "content_text": "a < b", "author": {"name": "Sam Ito"}, "external_url": "javascript:x"},
        "no item",
    ],
}
NOTES = {
    "notes": [
        {
            "id": "abc",
            "forum": "abc",
            "cdate": 1_769_990_400_000,
            "content": {
                "title": {"value": "Owls that read"},
                "abstract": {"value": "They do."},
                "authors": {"value": ["Nora Hall"]},
                "keywords": {"value": ["owls"]},
                "pdf": {"value": "/pdf/abc.pdf"},
            },
        },
        {"id": "old", "content": {"title": "Of the first API", "authors": ["Li Wei"]}},
        {"id": "none", "content": None},
    ]
}


def parsed(content: object) -> ParsedFeed:
    return parse_feed(json.dumps(content).encode(), "x.json")


def test_json_feed() -> None:
    feed = parsed(FEED)
    assert feed.title == "A journal"
    first, second = feed.papers
    assert (first.title, first.abstract) == ("Moths & lamps < 5", "We count moths.")
    assert first.authors == ("Ada Lindqvist", "Kofi Mensah")
    assert (first.categories, first.published) == (("Entomology",), dt.date(2026, 2, 2))
    assert (first.pdf_url, first.doi) == ("https://journal.example/1.pdf", "10.1234/moths")
    assert (second.id, second.abstract, second.authors, second.url) == ("7", "a < b", ("Sam Ito",), "")


def test_openreview() -> None:
    first, second = parsed(NOTES).papers
    assert (first.id, first.title, first.abstract) == ("openreview:abc", "Owls that read", "They do.")
    assert first.url == "https://openreview.net/forum?id=abc"
    assert first.pdf_url == "https://openreview.net/pdf/abc.pdf"
    assert (first.published, first.categories) == (dt.date(2026, 2, 2), ("owls",))
    assert (second.title, second.authors) == ("Of the first API", ("Li Wei",))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "not valid JSON"),
        (b'{"a": 1}', "JSON, but not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 3}', "not a feed"),
        (b'{"a":' * 5000, "not valid JSON"),
    ],
)
def test_what_is_no_feed(data: bytes, words: str) -> None:
    with pytest.raises(FeedError, match=words) as caught:
        parse_feed(data, "x.json")
    assert "\n" not in str(caught.value)


def test_an_empty_feed_is_a_feed() -> None:
    assert parsed({**FEED, "items": []}).papers == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KEYS = (*FEED["items"][0], "author", "external_url", "content_text", "date_modified")  # type: ignore[misc]


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6), max_size=3))
def test_no_item_is_an_exception(items: list[dict[str, Any]]) -> None:
    parsed({**FEED, "items": items})


@given(st.dictionaries(st.sampled_from(["id", "forum", "cdate", "pdate", "content"]), JSON))
def test_no_note_is_an_exception(note: dict[str, Any]) -> None:
    parsed({"notes": [note]})


def test_a_time_without_a_zone_is_not_this_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Etc/GMT+11")
    time.tzset()
    try:
        item = {"id": "1", "title": "Moths", "date_published": "2026-02-01T23:30:00"}
        (paper,) = parsed({**FEED, "items": [item]}).papers
    finally:
        monkeypatch.undo()
        time.tzset()
    assert paper.published == dt.date(2026, 2, 1)
