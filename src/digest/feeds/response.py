"""What a server answered: the form in which feeds travel from the network, the archive or a bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

KEPT_HEADERS = frozenset({"age", "cache-control", "content-type", "date", "etag", "expires", "last-modified"})


@dataclass(frozen=True, slots=True)
class FeedResponse:
    """One feed as received.

    Attributes:
        url: That was asked for, before redirects.
        body: Decompressed, otherwise as it came.
        fetched_at: When the server last said that this is the feed, UTC.
        headers: Of `KEPT_HEADERS`, names in lower case.
        problem: Why this is an old copy and not what the server says now; empty when it is no copy.
    """

    url: str
    body: bytes
    fetched_at: dt.datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def content_type(self) -> str | None:
        """The header of that name."""
        return self.headers.get("content-type")


class ResponseStore(Protocol):
    """Keeps the last good answer of each address."""

    def response(self, url: str) -> FeedResponse | None:
        """Return the copy of an address, if there is one."""
        ...

    def add_response(self, response: FeedResponse) -> None:
        """Keep an answer in the place of the one before it."""
        ...
