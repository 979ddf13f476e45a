"""Fetch feeds over HTTP, politely; only `_session` and `_transport` beneath it open sockets."""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from digest import __version__
from digest.errors import FeedError
from digest.feeds._address import is_private
from digest.feeds._freshness import conditions, is_fresh, may_be_kept
from digest.feeds._limits import Limits
from digest.feeds._pace import Pace, forget_sites, pace_folder
from digest.feeds._retry import LONGEST_WAIT_S, random_share, with_retries
from digest.feeds.json_feed import looks_like_json
from digest.feeds.read import without_login
from digest.feeds.response import FeedResponse
from digest.text.clean import clean_text

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from digest.feeds._session import Session
    from digest.feeds.response import ResponseStore

__all__ = ["USER_AGENT", "HttpClient", "Limits", "Pace", "forget_sites", "pace_folder"]

USER_AGENT = f"local-digest/{__version__}"

_NOT_MODIFIED = 304
_BAD_REQUEST = 400
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_JSON_FEED = re.compile(rb'"(?:items|notes)"\s*:')
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf)\s*>|\}\s*\Z", re.IGNORECASE)
_LOOKED_AT = 4096  # bytes
_OF_THE_MOMENT = ("age", "date", "expires")


class HttpClient:
    """A client for feeds: one request at a time, with pauses, limits, retries and copies.

    Args:
        user_agent: Says who asks.
        store: Keeps the last good answers; None keeps none.
        pace: Takes turns with other processes; None means this process alone.
        limits: What one feed may cost.
        sleep: Waits that many seconds, before another try.
        now: The time, UTC.
        clock: A monotonic clock, seconds.
        jitter: A random number in 0..1.
        is_private: Tells private IP addresses.
        resolve: Returns the IP addresses of a host; None asks the system.
        certificates: Whom to trust; None for the usual authorities or those of `SSL_CERT_FILE`.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        store: ResponseStore | None = None,
        pace: Pace | None = None,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random_share,
        is_private: Callable[[str], bool] = is_private,
        resolve: Callable[[str, int], list[str]] | None = None,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        self._store = store
        self._pace = pace or Pace(None)
        self._sleep = sleep
        self._now = now
        self._jitter = jitter
        self._session: Session | None = None

        def connect() -> Session:
            from digest.feeds._session import Session

            return Session(
                user_agent=user_agent,
                pace=self._pace,
                limits=limits or Limits(),
                now=now,
                clock=clock,
                is_private=is_private,
                resolve=resolve,
                certificates=certificates,
            )

        self._connect = connect

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left open: each request closes its connection."""

    @property
    def calls(self) -> int:
        """Requests made so far, redirects and retries included."""
        return self._session.calls if self._session else 0

    def get(self, url: str) -> FeedResponse:
        """Return the feed behind `url`, or its last good copy with `problem` saying why.

        While the copy is fresh by the server's own word, nothing is asked.

        Raises:
            FeedError: It could not be had, and there is no copy.
        """
        _host(url)
        copy = self._store.response(url) if self._store else None
        if copy is not None and is_fresh(copy, self._now()):
            return copy
        try:
            response = self._ask(url, copy)
        except FeedError as error:
            told = FeedError(error.what.replace(url, without_login(url)), error.todo)
            if copy is None:
                raise told from None
            return _old(copy, str(told))
        if copy is not None and not _is_good(response):
            return _old(copy, f"{without_login(url)} answered with something that is no feed")
        return response

    def _ask(self, url: str, copy: FeedResponse | None) -> FeedResponse:
        host = _host(url)
        rest = self._pace.rest_s(host)
        if 0 < rest <= LONGEST_WAIT_S:
            self._sleep(rest)
        elif rest > 0:
            until = self._now() + dt.timedelta(seconds=rest)
            raise FeedError(
                f"{host} asked not to be asked before {until:%Y-%m-%d %H:%M} UTC", "wait for that"
            )
        if self._session is None:
            self._session = self._connect()
        session = self._session
        return with_retries(lambda: self._try(session, url, copy), sleep=self._sleep, jitter=self._jitter)

    def _try(self, session: Session, url: str, copy: FeedResponse | None) -> FeedResponse:
        asked = conditions(copy) if copy else {}
        answer = session.follow(url, asked)
        if answer.status == _NOT_MODIFIED and not asked:
            # Nothing to compare with was sent.
            answer = session.follow(url, {"Cache-Control": "no-cache"})
            copy = None
        if answer.status != _NOT_MODIFIED:
            response = FeedResponse(url, answer.body, self._now(), answer.headers)
        elif copy is None:
            raise FeedError(f"{url} says that nothing has changed, but not what it is", "try again later")
        else:
            kept_headers = {name: value for name, value in copy.headers.items() if name not in _OF_THE_MOMENT}
            headers = {**kept_headers, **answer.headers}
            response = replace(copy, fetched_at=self._now(), headers=headers, problem="")
        is_whole = answer.status != _BAD_REQUEST and _is_good(response) and _has_end(response)
        if self._store and is_whole and may_be_kept(response.headers):
            self._store.add_response(response)
        return response


def _host(url: str) -> str:
    try:
        url.encode()  # what was no text on the command line is no address either
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise FeedError(f"{clean_text(url)} is not an http address", "check the address")
    return parts.hostname


def _is_good(response: FeedResponse) -> bool:
    """Tell what may be a feed from the page of a hotel's network, or an API's report of an error."""
    if looks_like_json(response.body):
        return bool(_JSON_FEED.search(response.body))
    return bool(_FEED.search(response.body[:_LOOKED_AT]))


def _has_end(response: FeedResponse) -> bool:
    """Tell a whole feed from one that was cut where no length was told.

    Half a feed in the archive would be called unchanged by the server until the next one comes.
    """
    return bool(_END.search(response.body[-_LOOKED_AT:]))


def _old(copy: FeedResponse, why: str) -> FeedResponse:
    return replace(copy, problem=f"{why}; this is the copy of {copy.fetched_at:%Y-%m-%d %H:%M} UTC")
