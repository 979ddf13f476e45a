"""Read all of a reader's feeds: one that fails never stops the others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from digest.errors import DigestError, FeedError
from digest.feeds.arxiv import MOST_ITEMS, categories_of, halves
from digest.feeds.health import Health, judge
from digest.feeds.parse import parse_feed
from digest.feeds.read import read_source, without_login
from digest.feeds.response import FeedResponse
from digest.feeds.same import unite
from digest.paper import FeedReport

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Sequence

    from digest.feeds.calendar import ArxivCalendar
    from digest.feeds.health import FeedHistory
    from digest.feeds.parse import ParsedFeed
    from digest.paper import Paper


@dataclass(frozen=True, slots=True)
class Source:
    """What feeds are read with.

    Attributes:
        stdin: For the feed named `-`.
        fetch: Gets an http(s) address; None means that this is forbidden.
        history: What the feeds held before.
        calendar: When they should hold something new.
        now: UTC.
        warn: Is told what went wrong.
    """

    stdin: BinaryIO
    fetch: Callable[[str], FeedResponse] | None
    history: FeedHistory
    calendar: ArxivCalendar
    now: dt.datetime
    warn: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came of the feeds.

    Attributes:
        papers: Each once, in the feeds' order.
        reports: One for each feed.
    """

    papers: tuple[Paper, ...]
    reports: tuple[FeedReport, ...]


@dataclass(slots=True)
class _Gathering:
    papers: list[Paper] = field(default_factory=list)
    reports: list[FeedReport] = field(default_factory=list)
    failures: list[DigestError] = field(default_factory=list)


Carried = tuple[str, "FeedResponse | FeedError"]
"""A feed that was fetched elsewhere: its address, and what came of it."""


def gather(names: Iterable[str], source: Source, carried: Iterable[Carried] = ()) -> Gathered:
    """Read every feed.

    Args:
        names: Files, folders, `-`, http(s) addresses.
        source: What they are read with.
        carried: Read before them, in this order.

    Raises:
        DigestError: No feed at all could be read.
    """
    found = _Gathering()
    for name, response in carried:
        _read_carried(name, response, source, found)
    for name in dict.fromkeys(names):
        _read(name, source, found)
    if found.failures and len(found.failures) == len(found.reports):
        raise found.failures[0]
    return Gathered(unite(found.papers), tuple(found.reports))


def _read(name: str, source: Source, found: _Gathering) -> None:
    try:
        contents = read_source(name, stdin=source.stdin, fetch=source.fetch)
    except DigestError as error:
        _fail(without_login(name), error, source, found)
        return
    for address, content in contents:
        part = without_login(address)
        try:
            smaller = _take(part, content, source, found)
        except FeedError as error:
            _fail(part, error, source, found)
        else:
            for half in smaller:
                _read(half, source, found)


def _read_carried(name: str, response: FeedResponse | FeedError, source: Source, found: _Gathering) -> None:
    """Read a feed as on the day on which it was received: that says whether it was fresh."""
    try:
        if isinstance(response, FeedError):
            raise response
        # The other machine's clock may be wrong; a day to come would be remembered.
        received = min(response.fetched_at, source.now)
        then = replace(source, now=received)
        _take(
            name,
            replace(response, fetched_at=received),
            then,
            found,
            f"received {received:%Y-%m-%d %H:%M} UTC",
        )
    except FeedError as error:
        _fail(name, error, source, found)


def _take(
    name: str, content: bytes | FeedResponse, source: Source, found: _Gathering, remark: str | None = None
) -> Sequence[str]:
    """Take a feed's papers; return the addresses that give what arXiv left out of it."""
    if isinstance(content, FeedResponse):
        feed = parse_feed(content.body, name, content_type=content.content_type)
        health = _health(name, feed, content, source)
        problems = [content.problem, *feed.problems] if content.problem else [*feed.problems]
    else:
        feed = parse_feed(content, name)
        health = Health("file")
        problems = [*feed.problems]
    for problem in problems:
        source.warn(f"{name}: {problem}")
    found.papers += feed.papers
    is_full = health.status != "file" and feed.entries >= MOST_ITEMS and bool(categories_of(name))
    smaller = halves(name) if is_full else ()
    note = "; ".join(part for part in (remark, health.note) if part) or None
    if is_full:
        told = f"arXiv gives {MOST_ITEMS} items at most and leaves new papers out"
        asked = "asked again for fewer categories at once" if smaller else "some may be missing"
        note = "; ".join(part for part in (note, f"{told}: {asked}") if part)
    found.reports.append(FeedReport(name, health.status, len(feed.papers), "; ".join(problems) or None, note))
    return smaller


def _health(name: str, feed: ParsedFeed, response: FeedResponse, source: Source) -> Health:
    if response.problem:
        return Health("failed")
    return judge(
        name,
        feed,
        fetched_at=response.fetched_at,
        history=source.history,
        calendar=source.calendar,
        now=source.now,
    )


def _fail(name: str, error: DigestError, source: Source, found: _Gathering) -> None:
    source.warn(str(error))
    found.reports.append(FeedReport(name, "failed", 0, str(error)))
    found.failures.append(error)
