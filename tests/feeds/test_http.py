from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from digest.errors import FeedError
from digest.feeds.http import HttpClient

if TYPE_CHECKING:
    from collections.abc import Iterator

Answer = tuple[int, dict[str, str], bytes]


class _Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, list[Answer]]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).asked.append(self.headers["User-Agent"])
        answers = type(self).answers[self.path]
        status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


class Site:
    def __init__(self, address: str, handler: type[_Handler]) -> None:
        self.address = address
        self.answers = handler.answers
        self.asked = handler.asked
        self.slept: list[float] = []
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def client(self, *, min_interval_s: float = 0.0, largest: int = 100_000) -> HttpClient:
        return HttpClient(
            user_agent="digest-test",
            min_interval_s=min_interval_s,
            largest=largest,
            sleep=self.sleep,
            clock=lambda: self.now,
        )


@pytest.fixture
def site() -> Iterator[Site]:
    handler = type("Handler", (_Handler,), {"answers": {}, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", handler)
    server.shutdown()
    server.server_close()
    thread.join()


def test_get(site: Site) -> None:
    site.answers["/feed"] = [(200, {}, b"<feed/>")]
    with site.client() as client:
        assert client.get(site.address + "/feed") == b"<feed/>"
        assert client.calls == 1
    assert site.asked == ["digest-test"]


def test_two_requests_to_a_host_are_three_seconds_apart(site: Site) -> None:
    site.answers["/feed"] = [(200, {}, b"x")]
    with site.client(min_interval_s=3.0) as client:
        client.get(site.address + "/feed")
        site.now += 1.0
        client.get(site.address + "/feed")
    assert site.slept == [2.0]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(site: Site, status: int) -> None:
    site.answers["/feed"] = [(status, {"Retry-After": "7"}, b""), (200, {}, b"x")]
    with site.client() as client:
        assert client.get(site.address + "/feed") == b"x"
        assert client.calls == 2
    assert site.slept == [7.0]


def test_retry_after_is_bounded(site: Site) -> None:
    late = {"Retry-After": "Fri, 31 Dec 2999 23:59:59 GMT"}
    site.answers["/feed"] = [(503, {"Retry-After": "86400"}, b""), (503, late, b""), (200, {}, b"x")]
    with site.client() as client:
        client.get(site.address + "/feed")
    assert site.slept == [60.0, 60.0]


def test_four_tries_then_an_error(site: Site) -> None:
    site.answers["/feed"] = [(503, {}, b"")]
    with site.client() as client, pytest.raises(FeedError, match="answered 503"):
        client.get(site.address + "/feed")
    assert client.calls == 4
    assert site.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_other_errors_are_told_at_once(site: Site, status: int) -> None:
    site.answers["/feed"] = [(status, {}, b"no")]
    with site.client() as client, pytest.raises(FeedError, match=f"answered {status}") as caught:
        client.get(site.address + "/feed")
    assert client.calls == 1
    assert caught.value.todo


def test_a_feed_under_400_tells_what_was_wrong(site: Site) -> None:
    site.answers["/feed"] = [(400, {}, b"<?xml version='1.0'?><feed/>")]
    with site.client() as client:
        assert client.get(site.address + "/feed").startswith(b"<?xml")


def test_redirects_are_followed_and_counted(site: Site) -> None:
    site.answers["/old"] = [(301, {"Location": "/new"}, b"")]
    site.answers["/new"] = [(200, {}, b"x")]
    with site.client() as client:
        assert client.get(site.address + "/old") == b"x"
        assert client.calls == 2


@pytest.mark.parametrize(
    ("target", "words"), [("/loop", "more than 5 times"), ("file:///etc/passwd", "unsafe")]
)
def test_bad_redirects(site: Site, target: str, words: str) -> None:
    site.answers["/loop"] = [(302, {"Location": target}, b"")]
    with site.client() as client, pytest.raises(FeedError, match=words):
        client.get(site.address + "/loop")


def test_the_limit_counts_after_decompression(site: Site) -> None:
    site.answers["/feed"] = [(200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 2_000_000))]
    with site.client() as client, pytest.raises(FeedError, match="larger than"):
        client.get(site.address + "/feed")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/feed", "http://[::bad/", "ftp://x.org/"])
def test_failures_are_one_line(site: Site, url: str) -> None:
    with site.client() as client, pytest.raises(FeedError) as caught:
        client.get(url)
    assert "\n" not in str(caught.value)
