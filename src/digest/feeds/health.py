"""Judge whether a feed holds what it should, and what was missed.

`fresh`: something new, or nothing to be said against it. `stale`: old, though there should be something
new. `quiet`: nothing new, as was to be expected; `holiday`: the same, for that reason. `failed`: it could
not be had, and its papers, if any, are those of an old copy. `file`: what the reader named, of any day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from digest.feeds.arxiv import api_url, categories_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.feeds.calendar import ArxivCalendar
    from digest.feeds.parse import ParsedFeed
    from digest.paper import FeedStatus, Paper

_MOST_NAMED = 5
_ARXIV_BEGAN = 1991
_AHEAD = dt.timedelta(days=1)  # clocks differ, and the next day's feed may be early


@dataclass(frozen=True, slots=True)
class Batch:
    """What a feed held once.

    Attributes:
        day: Of the announcement, for arXiv; for other feeds the day on which it was first seen, UTC.
        ids_sha256: Stands for all that it held.
        papers: How many.
        first_seen: UTC.
        last_seen: UTC.
    """

    day: dt.date
    ids_sha256: bytes
    papers: int
    first_seen: dt.datetime
    last_seen: dt.datetime


class FeedHistory(Protocol):
    """Remembers what each feed held."""

    def batches(self, source: str) -> Sequence[Batch]:
        """Return what a feed held lately, the latest day first."""
        ...

    def add_batch(self, source: str, batch: Batch) -> None:
        """Remember what a feed held; what is known keeps when it was first seen."""
        ...


@dataclass(frozen=True, slots=True)
class Health:
    """How a feed is, and what a reader should know of it."""

    status: FeedStatus
    note: str | None = None


def judge(
    source: str,
    feed: ParsedFeed,
    *,
    fetched_at: dt.datetime,
    history: FeedHistory,
    calendar: ArxivCalendar,
    now: dt.datetime,
) -> Health:
    """Judge a feed that came from an address, and remember it.

    Args:
        source: The address.
        feed: What it holds.
        fetched_at: When the server last said that this is the feed, UTC.
        history: What it held before.
        calendar: Says when it should hold something new.
        now: UTC.
    """
    categories = categories_of(source)
    known = history.batches(source)
    digest = _ids_sha256(feed.papers)
    if not categories:
        same = bool(known) and known[0].ids_sha256 == digest
        day = known[0].day if same else fetched_at.astimezone(dt.UTC).date()
        history.add_batch(source, Batch(day, digest, len(feed.papers), fetched_at, fetched_at))
        if not feed.papers:
            return Health("quiet", "the feed is empty")
        return Health("quiet", f"nothing new since {_named(day)}") if same else Health("fresh")
    dated = feed.updated and _can_be(feed.updated, fetched_at)
    day = calendar.day_of(feed.updated if feed.updated and dated else fetched_at)
    if not dated or (feed.papers and not calendar.has_feed(day)):
        day = calendar.latest(calendar.today(fetched_at))
    health = _judge_arxiv(feed, day, digest, known, calendar, now)
    if health.status != "stale" and calendar.has_feed(day):
        history.add_batch(source, Batch(day, digest, len(feed.papers), fetched_at, fetched_at))
    held = day if feed.papers or health.status == "fresh" else None
    missed = _missed(held, {batch.day for batch in known}, calendar, now)
    notes = [health.note, _about_missed(missed, categories, calendar) if missed else None]
    return Health(health.status, "; ".join(note for note in notes if note) or None)


def _can_be(updated: dt.datetime, fetched_at: dt.datetime) -> bool:
    """Tell whether a feed's own date may be true: a day to come would be remembered as read."""
    return updated.year >= _ARXIV_BEGAN and updated - fetched_at <= _AHEAD


def _judge_arxiv(
    feed: ParsedFeed,
    day: dt.date,
    digest: bytes,
    known: Sequence[Batch],
    calendar: ArxivCalendar,
    now: dt.datetime,
) -> Health:
    today = calendar.today(now)
    expected = calendar.latest(today)
    reason = calendar.quiet_because(today)
    following = f"the next feed comes on {_named(calendar.next(today))}"
    if reason == "weekend":
        quiet = Health("quiet", f"arXiv announces nothing on Friday and Saturday; {following}")
    else:
        quiet = Health("holiday", f"arXiv announced nothing last evening ({reason}); {following}")
    earlier = next((batch for batch in known if batch.ids_sha256 == digest), None)
    if feed.papers and earlier is not None and earlier.day < day:
        return Health(
            "stale", f"the same papers as on {_named(earlier.day)}, under a new date; try again later"
        )
    if day < expected:
        words = f"this is the feed of {_named(day)}, and that of {_named(expected)} should be there"
        return Health("stale", f"{words}; try again later")
    if reason is not None and (not feed.papers or earlier is not None):
        return quiet
    if not feed.papers:
        return Health("fresh", f"arXiv announced nothing in these categories on {_named(day)}")
    return Health("fresh")


def _missed(
    held: dt.date | None, known: Iterable[dt.date], calendar: ArxivCalendar, now: dt.datetime
) -> list[dt.date]:
    """Return the days between the last one that was read and what the feed holds now, and the last read.

    Returns:
        The last day that was read, then the missed ones; empty when none were.
    """
    until = held or calendar.latest(calendar.today(now)) + dt.timedelta(days=1)
    before = [day for day in known if day < until]
    if not before:
        return []
    missed = calendar.between(max(before), until)
    return [max(before), *missed] if missed else []


def _about_missed(days: Sequence[dt.date], categories: Sequence[str], calendar: ArxivCalendar) -> str:
    last, *missed = days
    count = "1 announcement" if len(missed) == 1 else f"{len(missed)} announcements"
    names = ", ".join(f"{day:%a} {day}" for day in missed[:_MOST_NAMED])
    names += ", …" if len(missed) > _MOST_NAMED else ""
    since, until = calendar.submitted_until(last), calendar.submitted_until(missed[-1])
    return (
        f"{count} missed since {_named(last)} ({names}); arXiv's feed holds one day only: read a bundle that"
        f" was fetched then, or what was submitted in that time, --feed '{api_url(categories, since, until)}'"
    )


def _ids_sha256(papers: Iterable[Paper]) -> bytes:
    ids = sorted(f"{paper.id}v{paper.version}" for paper in papers)
    return hashlib.sha256("\n".join(ids).encode()).digest()


def _named(day: dt.date) -> str:
    return f"{day:%A} {day}"
