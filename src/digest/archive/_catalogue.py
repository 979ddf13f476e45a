"""What can be searched: one row a paper, and the index of its words, changed with the papers.

The index (SQLite's FTS5) keeps no texts: it reads them through the view `documents`, also to take a document
out again. So a document leaves the index before its paper changes, and comes back after.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from digest.archive._database import Database

TABLES = ("catalogue", "words")
"""Made of papers and of what was shown of them; the index has tables of its own, `words_…`."""

# A word in the title says more of a paper than one in its abstract.
_RANK = "bm25(words, 4.0, 2.0, 1.0, 3.0)"

_NUMBERS = "SELECT number FROM catalogue WHERE id IN (SELECT value FROM json_each(?))"
_CATEGORY = """EXISTS (
    SELECT 1 FROM json_each(c.categories) AS has, json_each(:categories) AS asked
    WHERE lower(has.value) = asked.value
       OR substr(lower(has.value), 1, length(asked.value) + 1) = asked.value || '.')"""
_KEYWORD = """NOT EXISTS (
    SELECT 1 FROM json_each(:keywords) AS asked WHERE NOT EXISTS (
        SELECT 1 FROM json_each(c.keywords) AS has WHERE instr(lower(has.value), asked.value)))"""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which papers a search looks at; conditions that are given together must all hold.

    Attributes:
        since: First day of publication.
        until: Last day of publication.
        categories: One of them must be the paper's; `cs` means all of `cs.…`.
        min_score: Of the digest that showed it last; papers that were never shown have none.
        keywords: Each must stand in one of the keywords that the digest showed.
    """

    since: dt.date | None = None
    until: dt.date | None = None
    categories: tuple[str, ...] = ()
    min_score: int | None = None
    keywords: tuple[str, ...] = ()

    @property
    def condition(self) -> str:
        """What SQL asks of a row `c` of the catalogue; only what is needed, for there may be many rows."""
        asked = {
            "c.published >= :since": self.since,
            "c.published <= :until": self.until,
            "c.score >= :min_score": self.min_score is not None,
            _CATEGORY: self.categories,
            _KEYWORD: self.keywords,
        }
        return " AND ".join(condition for condition, wanted in asked.items() if wanted) or "true"

    def values(self) -> dict[str, object]:
        """Return what the queries ask for."""
        return {
            "since": (self.since or dt.date.min).isoformat(),
            "until": (self.until or dt.date.max).isoformat(),
            "categories": _json(category.lower() for category in self.categories),
            "min_score": self.min_score,
            "keywords": _json(keyword.lower() for keyword in self.keywords),
        }


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The catalogue of a database; its methods are told of in `Archive`."""

    database: Database

    def best(self, match: str, chosen: Filter, limit: int) -> list[str]:
        """Return the ids of papers with these words, the best first."""
        rows = self.database.connection.execute(
            "SELECT c.id FROM words JOIN catalogue AS c ON c.number = words.rowid"
            f" WHERE words MATCH :match AND {chosen.condition} ORDER BY {_RANK}, c.number DESC LIMIT :limit",
            {**chosen.values(), "match": match, "limit": limit},
        )
        return [paper_id for (paper_id,) in rows]

    def count(self, match: str, most: int) -> int:
        """Return how many papers have these words, counting no further than `most`."""
        (count,) = self.database.connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)", (match, most)
        ).fetchone()
        return int(count)

    def chosen(self, chosen: Filter, match: str) -> set[str]:
        """Return the ids of the papers that a filter lets through, with these words if any are given."""
        words = "AND c.number IN (SELECT rowid FROM words WHERE words MATCH :match)" if match else ""
        rows = self.database.connection.execute(
            f"SELECT c.id FROM catalogue AS c WHERE {chosen.condition} {words}",
            {**chosen.values(), "match": match},
        )
        return {paper_id for (paper_id,) in rows}


def changed(db: sqlite3.Connection, papers: Iterable[tuple[str, int, str]]) -> set[str]:
    """Return the ids among these papers (id, version, JSON) that are new or stored otherwise."""
    papers = list(papers)
    stored = {
        (paper_id, version): text
        for paper_id, version, text in db.execute(
            "SELECT id, version, paper FROM papers WHERE id IN (SELECT value FROM json_each(?))",
            (_json(paper_id for paper_id, _, _ in papers),),
        )
    }
    return {paper_id for paper_id, version, text in papers if stored.get((paper_id, version)) != text}


def take_out(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Take papers out of the index of words, before anything of them changes."""
    db.execute(f"DELETE FROM words WHERE rowid IN ({_NUMBERS})", (_json(ids),))


def put_back(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Put papers that were taken out, or are new, into catalogue and index as they are now."""
    listed = _json(ids)
    db.execute(
        "DELETE FROM catalogue"
        " WHERE id IN (SELECT value FROM json_each(?)) AND id NOT IN (SELECT id FROM papers)",
        (listed,),
    )
    db.execute(
        "INSERT INTO catalogue (id, version, published, categories)"
        " SELECT id, max(version), published, json_extract(paper, '$.categories') FROM papers"
        " WHERE id IN (SELECT value FROM json_each(?)) GROUP BY id ORDER BY published, id"
        " ON CONFLICT (id) DO UPDATE SET"
        " version = excluded.version, published = excluded.published, categories = excluded.categories",
        (listed,),
    )
    db.execute(
        "INSERT INTO words (rowid, title, authors, abstract, keywords)"
        f" SELECT number, title, authors, abstract, keywords FROM documents WHERE number IN ({_NUMBERS})",
        (listed,),
    )


def note_shown(db: sqlite3.Connection, shown: Iterable[tuple[str, int, tuple[str, ...]]]) -> None:
    """Remember score and keywords of papers (id, score, keywords) that a digest showed."""
    shown = list(shown)
    ids = [paper_id for paper_id, _, _ in shown]
    take_out(db, ids)
    db.executemany(
        "UPDATE catalogue SET score = ?, keywords = ? WHERE id = ?",
        [(score, _json(keywords), paper_id) for paper_id, score, keywords in shown],
    )
    put_back(db, ids)


def forget_shown(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Forget score and keywords of papers that are out of the index: they may be of a version that goes."""
    db.execute(
        "UPDATE catalogue SET score = NULL, keywords = '[]' WHERE id IN (SELECT value FROM json_each(?))",
        (_json(ids),),
    )


def merge(db: sqlite3.Connection) -> None:
    """Write the index anew as one piece: what was taken out is in no older piece then."""
    db.execute("INSERT INTO words (words) VALUES ('optimize')")


def clear(db: sqlite3.Connection) -> None:
    """Take out every paper; the papers themselves are removed by others."""
    db.execute("INSERT INTO words (words) VALUES ('delete-all')")
    db.execute("DELETE FROM catalogue")


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
