"""When arXiv announces papers, and on which days its feeds hold something new.

Announcements are made from Sunday to Thursday at 20:00 in New York, unless the day is a holiday; the feeds
are rebuilt at midnight there, and hold that one announcement until the next midnight
(https://info.arxiv.org/help/availability.html, https://info.arxiv.org/help/rss.html). A day here is a date
in New York on which a feed holds an announcement, made the evening before.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEW_YORK = "America/New_York"
_REBUILD = dt.timedelta(hours=1)  # after midnight; until then yesterday's feed is right, too
_EARLY = dt.timedelta(hours=2)  # in winter feeds are rebuilt before midnight
_DAY = dt.timedelta(days=1)
_FREEZE = dt.time(14)  # submissions until then are announced in the evening
_SATURDAY, _SUNDAY = 5, 6
_LONGEST_PAUSE = 14  # days without a feed


class ArxivCalendar:
    """The days of arXiv's feeds.

    Args:
        holidays: More days without an announcement than the list that travels with the program.
    """

    def __init__(self, holidays: Iterable[dt.date] = ()) -> None:
        self._holidays: Mapping[dt.date, str] = {**dict.fromkeys(holidays, "holiday"), **_shipped()}
        self._zone = ZoneInfo(NEW_YORK)

    def today(self, now: dt.datetime) -> dt.date:
        """Return the date in New York, which for the feeds begins when they have been rebuilt."""
        return (now.astimezone(self._zone) - _REBUILD).date()

    def day_of(self, built: dt.datetime) -> dt.date:
        """Return the day of a feed that was built at some time; the next day's may be an hour early."""
        return (built.astimezone(self._zone) + _EARLY).date()

    def has_feed(self, day: dt.date) -> bool:
        """Tell whether a feed holds something on this day."""
        return self.quiet_because(day) is None

    def quiet_because(self, day: dt.date) -> str | None:
        """Return why there is no feed on this day: `weekend`, or the holiday's name; None when there is."""
        if day.weekday() in (_SATURDAY, _SUNDAY):
            return "weekend"
        # Of a long weekend the Sunday may be named, on whose evening nothing was announced.
        return self._holidays.get(self._closed_on(day)) or self._holidays.get(day - _DAY)

    def latest(self, day: dt.date) -> dt.date:
        """Return the last day with a feed, up to and with this one."""
        for _ in range(_LONGEST_PAUSE):
            if self.has_feed(day):
                return day
            day -= _DAY
        return day

    def next(self, day: dt.date) -> dt.date:
        """Return the first day with a feed after this one."""
        for _ in range(_LONGEST_PAUSE):
            day += _DAY
            if self.has_feed(day):
                return day
        return day

    def between(self, first: dt.date, last: dt.date) -> list[dt.date]:
        """Return the days with a feed after the first and before the last."""
        days = (first + _DAY * n for n in range(1, (last - first).days))
        return [day for day in days if self.has_feed(day)]

    def submitted_until(self, day: dt.date) -> dt.datetime:
        """Return until when papers were submitted that the feed of this day announces, UTC."""
        until = dt.datetime.combine(self._closed_on(day), _FREEZE, self._zone)
        return until.astimezone(dt.UTC)

    def _closed_on(self, day: dt.date) -> dt.date:
        """Return the weekday on whose afternoon the announcement was closed: for Monday's feed, Friday."""
        closed = day - _DAY
        while closed.weekday() in (_SATURDAY, _SUNDAY):
            closed -= _DAY
        return closed


@cache
def _shipped() -> Mapping[dt.date, str]:
    years = tomllib.loads((Path(__file__).parent / "holidays.toml").read_text("utf-8"))
    return {
        dt.date.fromisoformat(f"{year}-{day}"): name
        for year, days in years.items()
        for day, name in days.items()
    }
