from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.feeds.calendar import ArxivCalendar

CALENDAR = ArxivCalendar()
UTC = dt.UTC


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("2026-02-02", None),  # Monday: announced on Sunday evening
        ("2026-02-06", None),  # Friday: announced on Thursday evening
        ("2026-02-07", "weekend"),
        ("2026-02-08", "weekend"),
        ("2026-01-19", None),  # on the holiday itself yesterday's announcement is there
        ("2026-01-20", "Martin Luther King Jr. Day"),
        ("2026-11-27", "Thanksgiving"),
        ("2026-06-22", "Juneteenth"),  # a Friday: its announcement would have come on Sunday
        ("2025-07-07", "Independence Day"),
        ("2025-12-26", "Christmas"),
        ("2025-12-31", "winter holidays"),
        ("2027-01-01", "winter holidays"),
    ],
)
def test_why_there_is_no_feed(date: str, reason: str | None) -> None:
    assert CALENDAR.quiet_because(day(date)) == reason


def test_a_sunday_of_ones_own() -> None:
    calendar = ArxivCalendar([dt.date(2026, 3, 8)])
    assert calendar.quiet_because(dt.date(2026, 3, 9)) == "holiday"
    assert calendar.has_feed(dt.date(2026, 3, 10))


def test_holidays_of_ones_own() -> None:
    own = ArxivCalendar([day("2027-11-25"), day("2026-11-26")])
    assert own.quiet_because(day("2027-11-26")) == "holiday"
    assert own.quiet_because(day("2026-11-27")) == "Thanksgiving"
    assert CALENDAR.has_feed(day("2027-11-26"))


@pytest.mark.parametrize(
    ("now", "today"),
    [
        (dt.datetime(2026, 2, 2, 5, 30, tzinfo=UTC), "2026-02-01"),  # 0:30 in New York: being rebuilt
        (dt.datetime(2026, 2, 2, 6, 0, tzinfo=UTC), "2026-02-02"),
        (dt.datetime(2026, 2, 3, 4, 59, tzinfo=UTC), "2026-02-02"),  # still Monday there
        (dt.datetime(2026, 6, 29, 5, 0, tzinfo=UTC), "2026-06-29"),  # in summer an hour earlier
    ],
)
def test_today_is_new_yorks(now: dt.datetime, today: str) -> None:
    assert CALENDAR.today(now) == day(today)


@pytest.mark.parametrize(
    ("built", "of"),
    [
        (dt.datetime(2026, 2, 2, 4, 0, 19, tzinfo=UTC), "2026-02-02"),  # 23:00 in New York, as captured
        (dt.datetime(2026, 6, 29, 4, 0, 5, tzinfo=UTC), "2026-06-29"),
        (dt.datetime(2026, 6, 29, 12, 0, tzinfo=UTC), "2026-06-29"),
    ],
)
def test_the_day_of_a_feed(built: dt.datetime, of: str) -> None:
    assert CALENDAR.day_of(built) == day(of)


def test_neighbours() -> None:
    saturday = day("2026-02-07")
    assert CALENDAR.latest(saturday) == day("2026-02-06")
    assert CALENDAR.next(saturday) == day("2026-02-09")
    assert CALENDAR.between(day("2026-01-16"), day("2026-01-22")) == [day("2026-01-19"), day("2026-01-21")]
    assert CALENDAR.between(saturday, saturday) == []


@pytest.mark.parametrize(
    ("date", "until"),
    [
        ("2026-02-02", dt.datetime(2026, 1, 30, 19, tzinfo=UTC)),  # Monday: Friday 14:00
        ("2026-02-03", dt.datetime(2026, 2, 2, 19, tzinfo=UTC)),
        ("2026-06-30", dt.datetime(2026, 6, 29, 18, tzinfo=UTC)),
    ],
)
def test_submissions_close_at_two_on_the_workday_before(date: str, until: dt.datetime) -> None:
    assert CALENDAR.submitted_until(day(date)) == until


@given(st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)))
def test_days_are_in_order(date: dt.date) -> None:
    latest, following = CALENDAR.latest(date), CALENDAR.next(date)
    assert latest <= date < following
    assert CALENDAR.has_feed(latest)
    assert CALENDAR.has_feed(following)
    assert CALENDAR.between(latest, following) == []
