"""A real server on this machine that answers as it is told, also badly."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

from digest.feeds.http import HttpClient, Limits, Pace

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from digest.feeds.response import FeedResponse

FEED = b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>A feed</title></feed>"

Whole = tuple[int, dict[str, str], bytes]
Answer = Whole | Callable[[BaseHTTPRequestHandler], None]


class _Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, list[Answer]]] = {}
    asked: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        type(self).asked.append({**headers, ":address": self.connection.getsockname()[0]})
        answers = type(self).answers[self.path]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.close_connection = True
        if callable(answer):
            with contextlib.suppress(OSError):  # the client has had enough
                answer(self)
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


class MemoryResponses:
    """Copies in a dictionary."""

    def __init__(self) -> None:
        self.copies: dict[str, FeedResponse] = {}

    def response(self, url: str) -> FeedResponse | None:
        return self.copies.get(url)

    def add_response(self, response: FeedResponse) -> None:
        self.copies[response.url] = response


class Site:
    """What the server is told, what it was asked, and a client with a clock of its own."""

    def __init__(self, address: str, handler: type[_Handler]) -> None:
        self.address = address
        self.answers = handler.answers
        self.asked = handler.asked
        self.slept: list[float] = []
        self.now = dt.datetime(2026, 2, 2, 6, tzinfo=dt.UTC)
        self.store = MemoryResponses()

    @property
    def url(self) -> str:
        return self.address + "/feed"

    def says(self, *answers: Answer, path: str = "/feed") -> None:
        self.answers[path] = list(answers)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += dt.timedelta(seconds=seconds)

    def time(self) -> float:
        return self.now.timestamp()

    def client(self, **changes: Any) -> HttpClient:  # noqa: ANN401
        values: dict[str, Any] = {
            "user_agent": "digest-test",
            "store": self.store,
            "pace": Pace(None, interval_s=0.0),
            "limits": Limits(largest=100_000, connect_s=5, read_s=5, total_s=20),
            "sleep": self.sleep,
            "now": lambda: self.now,
            "jitter": lambda: 0.0,
        }
        return HttpClient(**{**values, **changes})


@contextlib.contextmanager
def serving(*, tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    handler = type("Handler", (_Handler,), {"answers": {}, "asked": []})
    server = ThreadingHTTPServer(("0.0.0.0", 0), handler)  # noqa: S104 - 127.0.0.2 is a second host
    server.daemon_threads = True
    if tls is not None:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    scheme = "https" if tls else "http"
    try:
        yield Site(f"{scheme}://127.0.0.1:{server.server_port}", handler)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def drip(head: bytes, piece: bytes = b"x", pause_s: float = 0.02) -> Answer:
    """Send `head`, then a piece now and then, without end."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head)
        while True:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause_s)

    return answer


def raw(data: bytes) -> Answer:
    """Send bytes as they are, and hang up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(data)

    return answer
