from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from builders import MOTHS
from digest.archive import MIGRATIONS, Archive
from digest.feeds.health import Batch
from digest.feeds.response import FeedResponse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = dt.datetime(2026, 2, 2, 6, tzinfo=dt.UTC)
RESPONSE = FeedResponse("https://x.example/", b"<feed/>" * 1000, NOW, {"etag": '"1"'})


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "a.sqlite") as archive:
        yield archive


def test_answers_come_back_as_they_were(archive: Archive) -> None:
    assert archive.response(RESPONSE.url) is None
    archive.add_response(RESPONSE)
    assert archive.response(RESPONSE.url) == RESPONSE
    (size,) = archive._db.execute("SELECT length(body) FROM responses").fetchone()
    assert size < 100
    newer = replace(RESPONSE, body=b"", headers={}, fetched_at=NOW + dt.timedelta(days=1))
    archive.add_response(newer)
    assert archive.response(RESPONSE.url) == newer
    assert archive._db.execute("SELECT count(*) FROM responses").fetchone() == (1,)


@pytest.mark.parametrize("damage", ["body = x'00'", "headers = '['", "fetched_at = 'soon'", "body = 'text'"])
def test_a_damaged_copy_is_none(archive: Archive, damage: str) -> None:
    archive.add_response(RESPONSE)
    archive._db.execute(f"UPDATE responses SET {damage}")  # noqa: S608 - our own words
    assert archive.response(RESPONSE.url) is None


def test_batches_keep_when_they_were_first_seen(archive: Archive) -> None:
    first = Batch(dt.date(2026, 2, 2), b"a", 3, NOW, NOW)
    later = replace(first, first_seen=NOW + dt.timedelta(hours=1), last_seen=NOW + dt.timedelta(hours=1))
    next_day = Batch(dt.date(2026, 2, 3), b"b", 4, NOW, NOW)
    for batch in (first, later, next_day):
        archive.add_batch("x", batch)
    archive.add_batch("y", first)
    assert archive.batches("x") == (next_day, replace(first, last_seen=later.last_seen))
    assert archive.batches("z") == ()


def test_the_version_before(archive: Archive) -> None:
    versions = [replace(MOTHS, version=n) for n in (1, 2, 4)]
    archive.add_papers(versions)
    assert archive.paper_before(versions[2]) == versions[1]
    assert archive.paper_before(replace(MOTHS, version=3)) == versions[1]
    assert archive.paper_before(MOTHS) is None


def test_an_archive_of_the_second_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with Archive(path) as archive:
        archive.add_papers([MOTHS])
    db = sqlite3.connect(path)
    db.executescript(
        "DROP TABLE responses; DROP TABLE batches; DROP TABLE digests; DROP TABLE shown; DROP TABLE words;"
        " DROP VIEW documents; DROP TABLE catalogue; PRAGMA user_version = 2"
    )
    db.close()
    with Archive(path) as archive:
        archive.add_response(RESPONSE)
        assert archive.paper(MOTHS.id) == MOTHS
        assert archive._db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
