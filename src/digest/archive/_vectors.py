"""The vectors of the archive: float16 rows in the order of their arrival, read in chunks."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.ranking.vectors import pack, unpack

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from digest.archive._database import Database

_MOST_VARIABLES = 500
_FETCHED_AT_ONCE = 1024

# CROSS JOIN keeps SQLite from starting at the vectors. Both indices are read alone, never the papers' JSON.
_PUBLISHED_SINCE = """
    FROM papers AS p CROSS JOIN vectors AS v ON v.embedder = ? AND v.text_sha256 = p.text_sha256
    WHERE p.published >= ?"""
_NEWEST_VERSION = """
    AND NOT EXISTS (SELECT 1 FROM papers AS q INDEXED BY papers_revised
                    WHERE q.id = p.id AND q.version > p.version AND q.version > 1)"""


def text_sha256(text: str) -> bytes:
    """Return the key under which what was computed from `text` is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors in a database; its methods are told of in `Archive`."""

    database: Database

    def of_texts(self, embedder: str, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Return the known vectors of `texts`."""
        by_key = {text_sha256(text): text for text in texts}
        keys = list(by_key)
        number = self._number(embedder)
        found: dict[str, npt.NDArray[np.float32]] = {}
        for start in range(0, len(keys), _MOST_VARIABLES):
            part = keys[start : start + _MOST_VARIABLES]
            marks = ", ".join("?" * len(part))
            query = (
                "SELECT text_sha256, vector FROM vectors WHERE embedder = ?"
                f" AND text_sha256 IN ({marks})"  # question marks only
            )
            rows = self.database.connection.execute(query, (number, *part)).fetchall()
            vectors = unpack([vector for _, vector in rows])
            found.update((by_key[key], vector) for (key, _), vector in zip(rows, vectors, strict=True))
        return found

    def add(self, embedder: str, texts: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Remember vectors (n, d)."""
        rows = [
            (text_sha256(text), vector.tobytes()) for text, vector in zip(texts, pack(vectors), strict=True)
        ]

        def work(db: sqlite3.Connection) -> None:
            db.execute("INSERT OR IGNORE INTO embedders (identity) VALUES (?)", (embedder,))
            number = self._number(embedder)
            db.executemany(
                "INSERT INTO vectors (embedder, text_sha256, vector) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET vector = excluded.vector",
                [(number, *row) for row in rows],
            )

        self.database.write(work)

    def published_since(
        self, embedder: str, since: dt.date, left_out: Collection[bytes]
    ) -> npt.NDArray[np.float32]:
        """Return the vectors of papers published since a day, but for these texts."""
        rows = self.database.connection.execute(
            f"SELECT v.text_sha256, v.vector {_PUBLISHED_SINCE}", (self._number(embedder), since.isoformat())
        )
        found = {key: vector for key, vector in rows if key not in left_out}  # two papers may share a text
        return unpack(list(found.values()))

    def chunks(
        self, embedder: str, since: dt.date, size: int
    ) -> Iterator[tuple[list[str], npt.NDArray[np.float32]]]:
        """Yield ids of papers and their vectors."""
        cursor = self.database.connection.execute(
            f"SELECT p.id, v.vector {_PUBLISHED_SINCE} {_NEWEST_VERSION}",
            (self._number(embedder), since.isoformat()),
        )
        while rows := cursor.fetchmany(size):
            yield [paper_id for paper_id, _ in rows], unpack([vector for _, vector in rows])

    def embedder_of(self, text: str) -> str | None:
        """Return the embedder that embedded a text last."""
        row = self.database.connection.execute(
            "SELECT identity FROM vectors JOIN embedders ON embedders.id = embedder"
            " WHERE embedder IN (SELECT id FROM embedders) AND text_sha256 = ?"
            " ORDER BY vectors.id DESC LIMIT 1",
            (text_sha256(text),),
        ).fetchone()
        return str(row[0]) if row else None

    def _number(self, embedder: str) -> int:
        """Return the number under which an embedder's vectors are kept; 0, which no row has, if unknown."""
        row = self.database.connection.execute(
            "SELECT id FROM embedders WHERE identity = ?", (embedder,)
        ).fetchone()
        return int(row[0]) if row else 0
