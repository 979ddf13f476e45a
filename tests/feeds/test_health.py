"""Every status, from the calendar and from what was held before; the archive is a real one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from builders import MOTHS, OWLS
from digest.archive import Archive
from digest.feeds.calendar import ArxivCalendar
from digest.feeds.health import Health, judge
from digest.feeds.parse import ParsedFeed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.paper import Paper

ARXIV = "https://rss.arxiv.org/atom/cs.CL+cs.AI"
JOURNAL = "https://journal.example/rss"


class Desk:
    """Reads feeds on one day after the other."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def reads(
        self, *papers: Paper, at: str, built: str | None = None, source: str = ARXIV, dated: bool = True
    ) -> Health:
        """Judge a feed read at some time, UTC, and made then, if no other time is told."""
        now, updated = (dt.datetime.fromisoformat(f"{text}+00:00") for text in (at, built or at))
        feed = ParsedFeed("", papers, (), updated if dated else None)
        return judge(source, feed, fetched_at=now, history=self.archive, calendar=ArxivCalendar(), now=now)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Archive(tmp_path / "a.sqlite") as archive:
        yield Desk(archive)


def test_a_first_feed_of_today_is_fresh(desk: Desk) -> None:
    assert desk.reads(MOTHS, at="2026-02-02 12:00", built="2026-02-02 04:00") == Health("fresh")


def test_the_same_feed_again_on_the_same_day_is_fresh(desk: Desk) -> None:
    for hour in (12, 13, 23):
        assert desk.reads(MOTHS, at=f"2026-02-02 {hour}:00", built="2026-02-02 05:00") == Health("fresh")


def test_yesterdays_feed_is_stale_also_on_the_first_run(desk: Desk) -> None:
    health = desk.reads(MOTHS, at="2026-02-03 12:00", built="2026-02-02 05:00")
    assert health.status == "stale"
    assert health.note == (
        "this is the feed of Monday 2026-02-02, and that of Tuesday 2026-02-03 should be there;"
        " try again later"
    )


@pytest.mark.parametrize("built", ["9999-12-31 23:30", "2200-01-06 05:00", "0001-01-01 00:00"])
def test_a_date_that_cannot_be_is_not_believed(desk: Desk, built: str) -> None:
    assert desk.reads(MOTHS, at="2026-02-02 12:00", built=built) == Health("fresh")
    assert [batch.day for batch in desk.archive.batches(ARXIV)] == [dt.date(2026, 2, 2)]
    assert desk.reads(OWLS, at="2026-02-04 12:00").note.startswith("1 announcement missed")  # type: ignore[union-attr]


@pytest.mark.parametrize("dated", [True, False])
def test_yesterdays_papers_under_a_new_date_are_stale(desk: Desk, dated: bool) -> None:
    desk.reads(MOTHS, OWLS, at="2026-02-02 12:00", dated=dated)
    health = desk.reads(OWLS, MOTHS, at="2026-02-03 12:00", dated=dated)
    assert health.status == "stale"
    assert (health.note or "").startswith("the same papers as on Monday 2026-02-02")
    assert desk.reads(MOTHS, at="2026-02-03 15:00", dated=dated) == Health("fresh")  # then it came


def test_a_new_version_is_something_new(desk: Desk) -> None:
    desk.reads(MOTHS, at="2026-02-02 12:00")
    assert desk.reads(replace(MOTHS, version=2), at="2026-02-03 12:00").status == "fresh"


@pytest.mark.parametrize("papers", [(), (MOTHS,)])
@pytest.mark.parametrize("at", ["2026-02-07 12:00", "2026-02-08 12:00", "2026-02-09 05:30"])
def test_weekends_are_quiet(desk: Desk, papers: tuple[Paper, ...], at: str) -> None:
    desk.reads(MOTHS, at="2026-02-06 12:00")
    health = desk.reads(*papers, at=at, built="2026-02-06 05:00" if papers else None)
    assert health == Health(
        "quiet", "arXiv announces nothing on Friday and Saturday; the next feed comes on Monday 2026-02-09"
    )
    assert desk.reads(OWLS, at="2026-02-09 12:00") == Health("fresh")


def test_fridays_papers_read_first_on_saturday_are_fresh(desk: Desk) -> None:
    assert desk.reads(MOTHS, at="2026-02-07 12:00", built="2026-02-06 05:00") == Health("fresh")


@pytest.mark.parametrize("papers", [(), (MOTHS,)])
def test_after_a_holiday_nothing_new_is_expected(desk: Desk, papers: tuple[Paper, ...]) -> None:
    desk.reads(MOTHS, at="2026-11-26 12:00", built="2026-11-26 05:00")
    health = desk.reads(*papers, at="2026-11-27 12:00", built="2026-11-26 05:00" if papers else None)
    assert health == Health(
        "holiday",
        "arXiv announced nothing last evening (Thanksgiving); the next feed comes on Monday 2026-11-30",
    )


def test_an_empty_feed_on_a_working_day_is_told(desk: Desk) -> None:
    health = desk.reads(at="2026-02-03 12:00")
    assert health == Health("fresh", "arXiv announced nothing in these categories on Tuesday 2026-02-03")
    assert desk.reads(at="2026-02-04 12:00", built="2026-02-03 05:00").status == "stale"


def test_missed_days_are_told_with_what_helps(desk: Desk) -> None:
    desk.reads(MOTHS, at="2026-01-30 12:00")  # Friday
    for _ in range(2):  # and again, when it is read again
        health = desk.reads(OWLS, at="2026-02-04 12:00")
        assert health.status == "fresh"
        assert health.note == (
            "2 announcements missed since Friday 2026-01-30 (Mon 2026-02-02, Tue 2026-02-03);"
            " arXiv's feed holds one day only: read a bundle that was fetched then, or what was submitted in"
            " that time, --feed 'https://export.arxiv.org/api/query?search_query=(cat:cs.CL+OR+cat:cs.AI)"
            "+AND+submittedDate:[202601291900+TO+202602021900]&max_results=2000'"
        )
    assert desk.reads(MOTHS, at="2026-02-05 12:00").status == "stale"  # these papers were Friday's
    assert desk.reads(replace(OWLS, id="2600.9"), at="2026-02-05 13:00") == Health("fresh")


@pytest.mark.parametrize("dated", [True, False])
def test_on_an_empty_weekend_the_last_day_counts_as_missed(desk: Desk, dated: bool) -> None:
    desk.reads(MOTHS, at="2026-02-05 12:00")  # Thursday
    assert "1 announcement missed since Thursday 2026-02-05 (Fri 2026-02-06)" in str(
        desk.reads(at="2026-02-07 12:00", dated=dated).note
    )


def test_a_day_on_which_the_feed_was_stale_is_missed(desk: Desk) -> None:
    desk.reads(MOTHS, at="2026-02-02 12:00")
    assert desk.reads(MOTHS, at="2026-02-03 12:00").status == "stale"
    health = desk.reads(OWLS, at="2026-02-04 12:00")
    assert "1 announcement missed since Monday 2026-02-02 (Tue 2026-02-03)" in str(health.note)


def test_weekends_and_holidays_are_not_missed(desk: Desk) -> None:
    desk.reads(MOTHS, at="2026-01-16 12:00")
    desk.reads(OWLS, at="2026-01-19 12:00")
    assert desk.reads(replace(OWLS, id="2600.7"), at="2026-01-21 12:00") == Health("fresh")


def test_a_feed_that_was_never_read_has_missed_nothing(desk: Desk) -> None:
    desk.reads(MOTHS, at="2026-01-05 12:00", source="https://rss.arxiv.org/atom/cs.CV")
    assert desk.reads(MOTHS, at="2026-02-04 12:00") == Health("fresh")


def test_other_feeds_are_quiet_while_nothing_is_new(desk: Desk) -> None:
    assert desk.reads(MOTHS, at="2026-02-02 12:00", source=JOURNAL) == Health("fresh")
    for at in ("2026-02-03 12:00", "2026-03-03 12:00"):
        health = desk.reads(MOTHS, at=at, source=JOURNAL)
        assert health == Health("quiet", "nothing new since Monday 2026-02-02")
    assert desk.reads(MOTHS, OWLS, at="2026-03-04 12:00", source=JOURNAL) == Health("fresh")
    assert desk.reads(at="2026-03-05 12:00", source=JOURNAL) == Health("quiet", "the feed is empty")
