"""What each feed held on each day, for telling what is old and what was missed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.feeds.health import Batch

if TYPE_CHECKING:
    from digest.archive._database import Database

_MOST = 60


@dataclass(frozen=True, slots=True)
class Batches:
    """The batches in a database; its methods are told of in `Archive`."""

    database: Database

    def of(self, source: str) -> tuple[Batch, ...]:
        """Return what a feed held lately, the latest day first."""
        rows = self.database.connection.execute(
            "SELECT day, ids_sha256, papers, first_seen, last_seen FROM batches WHERE source = ?"
            " ORDER BY day DESC, last_seen DESC LIMIT ?",
            (source, _MOST),
        )
        return tuple(
            Batch(dt.date.fromisoformat(day), ids, papers, _time(first_seen), _time(last_seen))
            for day, ids, papers, first_seen, last_seen in rows
        )

    def add(self, source: str, batch: Batch) -> None:
        """Remember what a feed held."""
        row = (
            source,
            batch.day.isoformat(),
            batch.ids_sha256,
            batch.papers,
            *(
                time.astimezone(dt.UTC).isoformat(timespec="seconds")
                for time in (batch.first_seen, batch.last_seen)
            ),
        )
        self.database.write(
            lambda db: db.execute(
                "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET last_seen = max(last_seen, excluded.last_seen)",
                row,
            )
        )


def _time(stored: str) -> dt.datetime:
    return dt.datetime.fromisoformat(stored)
