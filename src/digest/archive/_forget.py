"""Remove papers from an archive, and what was made of them, down to the bytes of its files."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from digest.archive import _catalogue
from digest.archive._digests import forget_in_digests
from digest.errors import ArchiveError
from digest.paper import Paper

if TYPE_CHECKING:
    from digest.archive._database import Database

_WHICH = """
    SELECT id, version, json_extract(paper, '$.source') AS source FROM papers
    WHERE (:all_ids OR id IN (SELECT value FROM json_each(:ids)))
      AND published BETWEEN :since AND :until
      AND (:feed = '' OR source = :feed OR substr(source, 1, length(:feed) + 1) = :feed || '/')"""

# What is removed with the papers in `forgotten` (id, version, source): one line for each table that
# knows of papers, in this order. Tables that are not here keep everything, but for `--everything`.
_CONCERNED = {
    "summaries": "(paper_id, version) IN (SELECT id, version FROM forgotten)",
    "papers": "(id, version) IN (SELECT id, version FROM forgotten)",
    "feedback": "paper_id IN (SELECT id FROM forgotten) AND paper_id NOT IN (SELECT id FROM papers)",
    # What no paper that stays needs; interests and keywords are embedded anew when they are asked for.
    "vectors": "EXISTS (SELECT 1 FROM forgotten) AND text_sha256 NOT IN (SELECT text_sha256 FROM papers)",
    "shown": "(paper_id, version) IN (SELECT id, version FROM forgotten)"
    " OR (:whole_days AND date BETWEEN :since AND :until)",
    "digests": ":whole_days AND date BETWEEN :since AND :until",  # of the others, only the papers
    "runs": ":whole_days AND digest_date BETWEEN :since AND :until",
    # Feeds as they were received hold any paper, compressed: each is asked for again.
    "responses": "EXISTS (SELECT 1 FROM forgotten) OR url IN (:feed, :feed || '/')",
    # A feed of which no paper stays is not named any more.
    "batches": "source IN (:feed, :feed || '/') OR (:whole_days AND day BETWEEN :since AND :until)"
    " OR (source IN (SELECT source FROM forgotten)"
    " AND source NOT IN (SELECT json_extract(paper, '$.source') FROM papers))",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which papers are to be forgotten; conditions that are given together must all hold.

    Attributes:
        ids: Of papers, without version; empty means any.
        feed: As the papers name it (`Paper.source`), or a folder of feeds; empty means any.
        since: First day of publication.
        until: Last day of publication.
        everything: All that the archive holds; the other conditions do not matter.
    """

    ids: tuple[str, ...] = ()
    feed: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    everything: bool = False

    def values(self) -> dict[str, object]:
        """Return what the queries ask for."""
        return {
            "all_ids": not self.ids,
            "ids": msgspec.json.encode(self.ids).decode(),
            "feed": self.feed.rstrip("/"),
            "since": (self.since or dt.date.min).isoformat(),
            "until": (self.until or dt.date.max).isoformat(),
            "whole_days": not self.ids and not self.feed,
        }


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed.

    Attributes:
        rows: How many, by table.
        papers: The papers; empty when everything was removed.
    """

    rows: dict[str, int]
    papers: tuple[Paper, ...] = ()


def forget(database: Database, selection: Selection) -> Forgotten:
    """Remove what is selected, then write the file anew without it.

    Raises:
        ArchiveError: It cannot be written, or another program reads it, so that bytes remain.
    """
    db = database.connection
    db.execute("PRAGMA secure_delete = ON")
    db.execute("PRAGMA temp_store = MEMORY")  # the list of what is to be forgotten is on no disk
    found: list[Forgotten] = []
    work = _remove_all if selection.everything else _remove
    database.write(lambda connection: found.append(work(connection, selection)))
    db.execute("DROP TABLE IF EXISTS temp.forgotten")
    _scrub(database)
    return found[0] if found else Forgotten({})


def sources(database: Database) -> list[str]:
    """Return the feeds that the archive has papers of."""
    rows = database.connection.execute(
        "SELECT DISTINCT json_extract(paper, '$.source') FROM papers ORDER BY 1"
    )
    return [source for (source,) in rows]


def _remove(db: sqlite3.Connection, selection: Selection) -> Forgotten:
    values = selection.values()
    db.execute("CREATE TEMP TABLE forgotten (id TEXT, version INTEGER, source TEXT)")
    db.execute(f"INSERT INTO forgotten {_WHICH}", values)
    stored = db.execute("SELECT paper FROM papers WHERE (id, version) IN (SELECT id, version FROM forgotten)")
    papers = tuple(msgspec.json.decode(text, type=Paper) for (text,) in stored)
    ids = {paper.id for paper in papers}
    _catalogue.take_out(db, ids)
    known = _tables(db)
    rows = {
        table: db.execute(f"DELETE FROM {table} WHERE {condition}", values).rowcount
        for table, condition in _CONCERNED.items()
        if table in known
    }
    forget_in_digests(db, {(paper.id, paper.version) for paper in papers}, selection.feed.rstrip("/"))
    _catalogue.forget_shown(db, ids)
    _catalogue.put_back(db, ids)
    _catalogue.merge(db)
    return Forgotten(rows, papers)


def _remove_all(db: sqlite3.Connection, _: Selection) -> Forgotten:
    _catalogue.clear(db)
    return Forgotten({table: db.execute(f'DELETE FROM "{table}"').rowcount for table in _tables(db)})


def _tables(db: sqlite3.Connection) -> list[str]:
    """Return the tables, but for what the catalogue and its index make of them."""
    query = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    derived = _catalogue.TABLES
    return [table for (table,) in db.execute(query) if not table.startswith(derived)]


def _scrub(database: Database) -> None:
    """Write the file anew, and empty the log beside it: in neither is a byte of what was removed."""
    db = database.connection
    # VACUUM makes a copy of what stays: beside the archive, not in a folder that others use.
    os.environ["SQLITE_TMPDIR"] = str(database.path.parent.absolute())
    try:
        db.execute("PRAGMA temp_store = FILE")
        db.execute("VACUUM")
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise _left_behind(database, str(error)) from None
    if busy:
        raise _left_behind(database, "another program reads it")


def _left_behind(database: Database, why: str) -> ArchiveError:
    return ArchiveError(
        f"it is removed, but old bytes stay in the files of the archive {database.path} ({why})",
        "end other digests, free some space, and run the same command again",
    )
