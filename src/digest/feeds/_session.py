"""The requests of a client: redirects, limits, and what an answer means."""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import httpx

from digest.errors import FeedError
from digest.feeds._decode import BoundedBody, DecodingError, accepted_encodings
from digest.feeds._freshness import seconds_until
from digest.feeds._retry import LONGEST_WAIT_S, TryAgainError
from digest.feeds._transport import PrivateAddressError, Transport, Watch
from digest.feeds.read import without_login
from digest.feeds.response import KEPT_HEADERS
from digest.text.clean import clean_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from digest.feeds._limits import Limits
    from digest.feeds._pace import Pace

_BUSY = frozenset({429, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WITH_BODY = frozenset({200, 203, 400})  # arXiv tells what was wrong with a query in a feed, under 400
_NOT_MODIFIED = 304
_BAD_REQUEST = 400
_SCHEMES = ("http", "https")
_TODO = {
    401: "give a feed that needs no password",
    403: "the site refuses programs: save the feed with a browser and give the file",
    404: "check the address",
    410: "this feed is gone: remove it",
    429: "wait a while, then try again",
}
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json,"
    " application/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: a feed, or that nothing has changed (status 304).

    Attributes:
        headers: Of `KEPT_HEADERS`.
        location: Where to go on; empty when this is the end.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    location: str = ""


class Session:
    """Makes requests; arguments are those of `HttpClient`.

    Attributes:
        calls: Requests made so far.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        pace: Pace,
        limits: Limits,
        now: Callable[[], dt.datetime],
        clock: Callable[[], float],
        is_private: Callable[[str], bool],
        resolve: Callable[[str, int], list[str]] | None,
        certificates: ssl.SSLContext | None,
    ) -> None:
        self.calls = 0
        self._pace = pace
        self._limits = limits
        self._now = now
        self._watch = Watch(clock, is_private)
        self._transport = Transport(self._watch, certificates=certificates, resolve=resolve)
        self._timeout = httpx.Timeout(limits.read_s, connect=limits.connect_s).as_dict()
        self._headers = {
            "User-Agent": user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": accepted_encodings(),
            "Connection": "close",
        }

    def follow(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Ask, and go where the answers send.

        Raises:
            FeedError: It could not be had, and will not be.
            TryAgainError: It could not be had, but may be later.
        """
        here = url
        self._watch.start(self._limits.total_s)
        for _ in range(self._limits.redirects + 1):
            answer = self._request(url, here, headers)
            if not answer.location:
                return answer
            here = _next(url, here, answer.location)
        raise FeedError(f"{url} redirects more than {self._limits.redirects} times", "check the address")

    def _request(self, url: str, here: str, headers: Mapping[str, str]) -> Answer:
        try:
            request = httpx.Request(
                "GET", here, headers={**self._headers, **headers}, extensions={"timeout": self._timeout}
            )
            host = request.url.host
            if request.url.userinfo:
                login = httpx.BasicAuth(request.url.username, request.url.password)
                request = next(login.sync_auth_flow(request))
            with self._pace.turn(host):
                self.calls += 1
                response = self._transport.handle_request(request)
                with contextlib.closing(response):
                    return self._answer(here, response)
        except TryAgainError as failure:
            if failure.wait_s:
                self._pace.rest(host, failure.wait_s)  # the site's next feed and the next run will know
            raise
        except PrivateAddressError as error:
            raise FeedError(
                f"{url} leads to a private address ({error})", "give the address that is meant"
            ) from None
        except DecodingError as error:
            words = FeedError(f"{without_login(here)} {error}", "check that it is a feed")
            raise (TryAgainError(words) if error.passing else words) from None
        except httpx.TransportError as error:
            if refused := _refused_certificate(error):
                raise FeedError(
                    f"the certificate of {host} is not valid ({refused})",
                    "check the address; name your network's own authority in SSL_CERT_FILE",
                ) from None
            words = _not_fetched(here, error, "check the network")
            raise TryAgainError(words) from None
        # Names and ports that nobody can have come as errors of the codec and of the socket module.
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OverflowError) as error:
            raise _not_fetched(here, error, "check the address") from None

    def _answer(self, here: str, response: httpx.Response) -> Answer:
        status = response.status_code
        kept = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
        if status in _REDIRECTS and (location := response.headers.get("location")):
            return Answer(status, kept, location=location)
        if status == _NOT_MODIFIED:
            return Answer(status, kept)
        if status in _BUSY:
            asked = seconds_until(response.headers.get("retry-after", ""), self._now())
            raise TryAgainError(_busy_error(here, response, asked), asked)
        if status not in _WITH_BODY:
            raise _status_error(here, response)
        collected = BoundedBody(response.headers.get("content-encoding", ""), self._limits.largest)
        for data in response.iter_raw():
            collected.add(data)
        body = collected.finish()
        if status == _BAD_REQUEST and b"<feed" not in body[:1000]:
            raise _status_error(here, response)
        return Answer(status, kept, body)


def _next(url: str, here: str, location: str) -> str:
    """Return where a redirect leads: to http or https, and never from https back to http."""
    try:
        target = urljoin(here, location)
        scheme = urlsplit(target).scheme.lower()
    except ValueError:
        target, scheme = "", ""
    if scheme not in _SCHEMES or (urlsplit(here).scheme.lower() == "https" and scheme != "https"):
        raise FeedError(f"{url} redirects to an unsafe address", "give the feed's new address")
    return target


def _not_fetched(here: str, error: Exception, todo: str) -> FeedError:
    return FeedError(f"{without_login(here)} could not be fetched ({_reason(error)})", todo)


def _status_error(url: str, response: httpx.Response) -> FeedError:
    status = response.status_code
    words = clean_text(f"{status} {response.reason_phrase}")
    return FeedError(f"{without_login(url)} answered {words}", _TODO.get(status, "try again later"))


def _busy_error(url: str, response: httpx.Response, asked_s: float | None) -> FeedError:
    error = _status_error(url, response)
    if asked_s is None or asked_s <= LONGEST_WAIT_S:
        return error
    return FeedError(f"{error.what} and asks to wait {_duration(asked_s)}", "try again after that")


def _refused_certificate(error: BaseException) -> str:
    """Return why a certificate was refused, if that is what went wrong."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return clean_text(cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    return ""


def _reason(error: Exception) -> str:
    return clean_text(str(error)) or type(error).__name__


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"  # noqa: PLR2004
