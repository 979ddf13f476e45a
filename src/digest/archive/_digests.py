"""The digests that were made: each day's last one, whole, so that it can be shown again."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from digest.archive import _catalogue
from digest.errors import ArchiveError
from digest.paper import Digest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

    from digest.archive._database import Database
    from digest.paper import ScoredPaper


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests in a database; its methods are told of in `Archive`."""

    database: Database

    def add(self, digest: Digest) -> None:
        """Keep a digest in the place of the one of that day."""
        day = digest.date.isoformat()

        def work(db: sqlite3.Connection) -> None:
            db.execute("INSERT OR REPLACE INTO digests VALUES (?, ?)", (day, _pack(digest)))
            db.execute("DELETE FROM shown WHERE date = ?", (day,))
            db.executemany(
                "INSERT OR IGNORE INTO shown VALUES (?, ?, ?)",
                [(day, entry.paper.id, entry.paper.version) for entry in digest.papers],
            )
            _catalogue.note_shown(
                db,
                [
                    (entry.paper.id, entry.score, tuple(keyword.text for keyword in entry.keywords))
                    for entry in digest.papers
                ],
            )

        self.database.write(work)

    def of(self, date: dt.date) -> Digest | None:
        """Return the digest of a day.

        Raises:
            ArchiveError: It is damaged.
        """
        row = self.database.connection.execute(
            "SELECT digest FROM digests WHERE date = ?", (date.isoformat(),)
        ).fetchone()
        if row is None:
            return None
        try:
            return _unpack(row[0])
        except (zlib.error, msgspec.MsgspecError, TypeError):
            raise ArchiveError(
                f"the digest of {date.isoformat()} in the archive {self.database.path} is damaged",
                "make it again from its feeds, with --date",
            ) from None

    def dates(self) -> list[dt.date]:
        """Return the days that have a digest, the latest first."""
        rows = self.database.connection.execute("SELECT date FROM digests ORDER BY date DESC")
        return [dt.date.fromisoformat(date) for (date,) in rows]

    def last_shown(self, paper_id: str) -> tuple[Digest, ScoredPaper] | None:
        """Return the last digest that showed a paper, and the paper in it."""
        row = self.database.connection.execute(
            "SELECT max(date) FROM shown WHERE paper_id = ?", (paper_id,)
        ).fetchone()
        digest = self.of(dt.date.fromisoformat(row[0])) if row[0] else None
        entries = [entry for entry in digest.papers if entry.paper.id == paper_id] if digest else []
        return (digest, entries[0]) if digest and entries else None


def forget_in_digests(db: sqlite3.Connection, versions: Collection[tuple[str, int]], feed: str) -> None:
    """Take papers (id, version) and a feed out of every digest; one that is left without papers goes.

    Also where another paper's entry speaks of them: a like that it was scored by, a twin that was folded.
    """
    ids = {paper_id for paper_id, _ in versions}
    gone = set(versions)
    for date, packed in db.execute("SELECT date, digest FROM digests").fetchall():
        try:
            digest = _unpack(packed)
        except (zlib.error, msgspec.MsgspecError, TypeError):  # nobody can tell what is in it
            db.execute("DELETE FROM digests WHERE date = ?", (date,))
            continue
        left = _without(digest, gone, ids, feed)
        if not left.papers and digest.papers:
            db.execute("DELETE FROM digests WHERE date = ?", (date,))
        elif left != digest:
            db.execute("UPDATE digests SET digest = ? WHERE date = ?", (_pack(left), date))


def _without(digest: Digest, gone: set[tuple[str, int]], ids: set[str], feed: str) -> Digest:
    papers = []
    for entry in digest.papers:
        if (entry.paper.id, entry.paper.version) in gone:
            continue
        receipt = entry.receipt
        if receipt.liked in ids:
            receipt = replace(receipt, liked="", liked_title="")
        folded = tuple(paper_id for paper_id in entry.folded if paper_id not in ids)
        changes = "" if entry.paper.id in ids else entry.changes  # quotes the version before
        papers.append(replace(entry, receipt=receipt, folded=folded, changes=changes))
    feeds = tuple(
        report
        for report in digest.feeds
        if not feed or (report.source != feed and not report.source.startswith(f"{feed}/"))
    )
    return replace(digest, papers=tuple(papers), feeds=feeds)


def _pack(digest: Digest) -> bytes:
    return zlib.compress(msgspec.json.encode(digest))


def _unpack(packed: bytes) -> Digest:
    return msgspec.json.decode(zlib.decompress(packed), type=Digest)
