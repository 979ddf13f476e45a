"""How long an answer stays true, and how to ask whether it still is (RFC 9111)."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.feeds.response import FeedResponse

# A feed is read to learn what is new: whatever a server says, ask it once a day.
LONGEST_FRESH = dt.timedelta(days=1)
_CONDITIONS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_LONGEST_HEADER = 1000


def is_fresh(copy: FeedResponse, now: dt.datetime) -> bool:
    """Tell whether the server has said that nothing else can be had from it yet."""
    age = now - copy.fetched_at
    if age < dt.timedelta():
        return False  # the clock was set back
    return age < min(_lifetime(copy.headers), LONGEST_FRESH)


def may_be_kept(headers: Mapping[str, str]) -> bool:
    """Tell whether the server allows a copy."""
    return "no-store" not in _directives(headers)


def conditions(copy: FeedResponse) -> dict[str, str]:
    """Return the headers that ask for what has changed since a copy."""
    return {
        header: value
        for name, header in _CONDITIONS.items()
        if (value := copy.headers.get(name)) and len(value) <= _LONGEST_HEADER and _can_be_sent(value)
    }


def _can_be_sent(value: str) -> bool:
    """Tell a header that can be sent back; what servers put into an ETag need not be ASCII."""
    return value.isascii() and value.isprintable()


def seconds_until(told: str, now: dt.datetime) -> float | None:
    """Return the seconds that a `Retry-After` asks to wait: it gives them, or a date."""
    told = told.strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    until = _date(told)
    return None if until is None else max(0.0, (until - now).total_seconds())


def _lifetime(headers: Mapping[str, str]) -> dt.timedelta:
    directives = _directives(headers)
    if "no-cache" in directives:
        return dt.timedelta()
    age = headers.get("age", "")
    elapsed = dt.timedelta(seconds=int(age[:9])) if age.isascii() and age.isdigit() else dt.timedelta()
    if (told := directives.get("max-age")) is not None:
        seconds = int(told[:9]) if told.isascii() and told.isdigit() else 0
        return dt.timedelta(seconds=seconds) - elapsed
    expires, date = _date(headers.get("expires", "")), _date(headers.get("date", ""))
    return expires - date - elapsed if expires and date else dt.timedelta()


def _directives(headers: Mapping[str, str]) -> dict[str, str]:
    parts = re.findall(r"([\w-]+)(?:\s*=\s*\"?([^\s\",]*))?", headers.get("cache-control", ""))
    return {name.lower(): value for name, value in parts}


def _date(told: str) -> dt.datetime | None:
    try:
        date = email.utils.parsedate_to_datetime(told)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=dt.UTC)
