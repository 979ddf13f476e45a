"""Fetch feeds over HTTP, politely: the only module that opens a socket."""

from __future__ import annotations

import datetime as dt
import email.utils
import time
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin, urlsplit

from digest.errors import FeedError
from digest.feeds.read import LARGEST_FEED
from digest.text.clean import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    import httpx

MOST_TRIES = 4
MOST_REDIRECTS = 5
LONGEST_WAIT_S = 60.0
_CONNECT_S = 10.0
_READ_S = 30.0
_FIRST_BACKOFF_S = 1.0

_TRY_AGAIN = frozenset({429, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TODO = {
    401: "give a feed that needs no password",
    403: "the site refuses programs: save the feed with a browser and give the file",
    404: "check the address",
    410: "this feed is gone: remove it",
    429: "wait a while, then try again",
}


class _TryAgainError(Exception):
    """A failure that may pass; `wait_s` is what the server asked for, if it did."""

    def __init__(self, error: FeedError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


class HttpClient:
    """A client for feeds: one request at a time, with pauses, limits and retries.

    Args:
        user_agent: Says who asks.
        min_interval_s: Seconds between two requests to one host; arXiv asks for 3.
        largest: Bytes of a response, after decompression.
        sleep: Waits that many seconds.
        clock: A monotonic clock, seconds.

    Attributes:
        calls: Requests made so far, redirects and retries included.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        min_interval_s: float = 3.0,
        largest: int = LARGEST_FEED,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.calls = 0
        self._user_agent = user_agent
        self._min_interval_s = min_interval_s
        self._largest = largest
        self._sleep = sleep
        self._clock = clock
        self._last_request: dict[str, float] = {}
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def get(self, url: str) -> bytes:
        """Return the body behind `url`.

        Raises:
            FeedError: It could not be had: the answer was an error, too large, or never came.
        """
        failure: _TryAgainError | None = None
        for attempt in range(MOST_TRIES):
            if failure is not None:
                backoff = _FIRST_BACKOFF_S * 2 ** (attempt - 1)
                self._sleep(min(LONGEST_WAIT_S, backoff if failure.wait_s is None else failure.wait_s))
            try:
                return self._follow(url)
            except _TryAgainError as error:
                failure = error
        if failure is None:  # pragma: no cover - there is at least one try
            raise AssertionError
        raise failure.error

    def _follow(self, url: str) -> bytes:
        try:
            urlsplit(url)
        except ValueError:
            raise FeedError(f"{clean_text(url)} is not an address", "check the address") from None
        here = url
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._request(here)
            if isinstance(answer, bytes):
                return answer
            target = urljoin(here, answer)
            scheme = urlsplit(target).scheme
            if scheme not in ("http", "https") or (here.startswith("https:") and scheme != "https"):
                raise FeedError(f"{url} redirects to an unsafe address", "give the feed's new address")
            here = target
        raise FeedError(f"{url} redirects more than {MOST_REDIRECTS} times", "check the address")

    def _request(self, url: str) -> bytes | str:
        """Make one request: the body, or where it redirects to."""
        import httpx

        self._wait_for_turn(url)
        try:
            with self._connected().stream("GET", url) as response:
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    return response.headers["location"]
                if response.status_code in _TRY_AGAIN:
                    raise _TryAgainError(_status_error(url, response), _retry_after(response))
                body = self._read(url, response)
                # arXiv tells what was wrong with a query in a feed, under status 400.
                if response.is_success or (
                    response.status_code == httpx.codes.BAD_REQUEST and _is_feed(body)
                ):
                    return body
                raise _status_error(url, response)
        except httpx.TransportError as error:
            todo = "check the network and the address"
            raise _TryAgainError(FeedError(f"{url} could not be fetched ({_reason(error)})", todo)) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FeedError(f"{url} could not be fetched ({_reason(error)})", "check the address") from None

    def _connected(self) -> httpx.Client:
        if self._client is None:
            import httpx

            self._client = httpx.Client(
                headers={
                    "User-Agent": self._user_agent,
                    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1",
                },
                timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S),
                follow_redirects=False,
            )
        return self._client

    def _wait_for_turn(self, url: str) -> None:
        host = urlsplit(url).netloc.lower()
        last = self._last_request.get(host)
        if last is not None and (pause := last + self._min_interval_s - self._clock()) > 0:
            self._sleep(pause)
        self._last_request[host] = self._clock()
        self.calls += 1

    def _read(self, url: str, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes(64 * 1024):
            body += chunk
            if len(body) > self._largest:
                raise FeedError(
                    f"{url} is larger than {self._largest / 1024**2:.0f} MiB", "check that it is a feed"
                )
        return bytes(body)


def _is_feed(body: bytes) -> bool:
    return body.lstrip()[:5] == b"<?xml" or b"<feed" in body[:1000]


def _status_error(url: str, response: httpx.Response) -> FeedError:
    status = response.status_code
    words = f" {response.reason_phrase}" if response.reason_phrase else ""
    return FeedError(f"{url} answered {status}{clean_text(words)}", _TODO.get(status, "try again later"))


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that the server asks to wait; it may give them or a date."""
    told = response.headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit():
        return min(LONGEST_WAIT_S, float(told[:9]))
    try:
        until = email.utils.parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return min(LONGEST_WAIT_S, max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds()))


def _reason(error: Exception) -> str:
    return clean_text(str(error)) or type(error).__name__
