"""What servers answered: the last good body of each address, compressed."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from digest.feeds.response import FeedResponse

if TYPE_CHECKING:
    from digest.archive._database import Database


@dataclass(frozen=True, slots=True)
class Responses:
    """The answers in a database; its methods are told of in `Archive`."""

    database: Database

    def get(self, url: str) -> FeedResponse | None:
        """Return the copy of an address; one that is damaged is none."""
        row = self.database.connection.execute(
            "SELECT fetched_at, headers, body FROM responses WHERE url = ?", (url,)
        ).fetchone()
        if row is None:
            return None
        fetched_at, headers, body = row
        try:
            return FeedResponse(
                url,
                zlib.decompress(body),
                dt.datetime.fromisoformat(fetched_at),
                msgspec.json.decode(headers, type=dict[str, str]),
            )
        except (zlib.error, ValueError, TypeError, msgspec.MsgspecError):
            return None

    def add(self, response: FeedResponse) -> None:
        """Keep an answer in the place of the one before it."""
        row = (
            response.url,
            response.fetched_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
            msgspec.json.encode(dict(response.headers)).decode(),
            zlib.compress(response.body),
        )
        self.database.write(
            lambda db: db.execute("INSERT OR REPLACE INTO responses VALUES (?, ?, ?, ?)", row)
        )
