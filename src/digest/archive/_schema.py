"""The archive's tables, as numbered migrations: append one, never change one."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import numpy as np

from digest.errors import ArchiveError
from digest.ranking.vectors import pack

if TYPE_CHECKING:
    from pathlib import Path

MIGRATIONS = (
    """
    CREATE TABLE papers (
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        published TEXT NOT NULL,   -- ISO date, UTC
        first_seen TEXT NOT NULL,  -- ISO date and time, UTC
        text_sha256 BLOB NOT NULL, -- of Paper.text: leads to its embedding
        paper TEXT NOT NULL,       -- the Paper as JSON
        PRIMARY KEY (id, version)
    ) WITHOUT ROWID;
    CREATE INDEX papers_published ON papers (published);
    CREATE TABLE embeddings (
        embedder TEXT NOT NULL,    -- identity of the model's weights
        text_sha256 BLOB NOT NULL,
        vector BLOB NOT NULL,      -- float32, little-endian, unit length
        PRIMARY KEY (embedder, text_sha256)
    ) WITHOUT ROWID;
    CREATE TABLE summaries (
        paper_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        text_sha256 BLOB NOT NULL, -- of the abstract that was summarized
        model TEXT NOT NULL,       -- sha256 of the GGUF
        prompt TEXT NOT NULL,      -- sha256 of the template and the sampling
        written TEXT NOT NULL,     -- the model's raw fields as JSON: checks can be made anew
        created_at TEXT NOT NULL,
        PRIMARY KEY (paper_id, version, text_sha256, model, prompt)
    ) WITHOUT ROWID;
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        started_at TEXT NOT NULL,
        finished_at TEXT NOT NULL,
        digest_date TEXT NOT NULL,
        papers INTEGER NOT NULL
    );
    """,
    # Vectors as float16, and papers and vectors in the order of their arrival: less than half the bytes,
    # and a day's papers lie together.
    # What is no float32 vector is left behind; it will be embedded again.
    """
    CREATE TABLE embedders (
        id INTEGER PRIMARY KEY,
        identity TEXT NOT NULL UNIQUE -- of the model's weights
    );
    INSERT INTO embedders (identity) SELECT DISTINCT embedder FROM embeddings;
    CREATE TABLE vectors (
        id INTEGER PRIMARY KEY,
        embedder INTEGER NOT NULL REFERENCES embedders,
        text_sha256 BLOB NOT NULL,
        vector BLOB NOT NULL          -- float16, little-endian, unit length before it was rounded
    );
    INSERT INTO vectors (embedder, text_sha256, vector)
        SELECT embedders.id, text_sha256, float16(vector)
        FROM embeddings JOIN embedders ON identity = embedder WHERE float16(vector) IS NOT NULL;
    DROP TABLE embeddings;
    CREATE UNIQUE INDEX vectors_text ON vectors (embedder, text_sha256);
    ALTER TABLE papers RENAME TO papers_1;
    CREATE TABLE papers (             -- with row ids: without, a row as long as these wastes a page
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        published TEXT NOT NULL,      -- ISO date, UTC
        first_seen TEXT NOT NULL,     -- ISO date and time, UTC
        text_sha256 BLOB NOT NULL,    -- of Paper.text: leads to its vectors
        paper TEXT NOT NULL,          -- the Paper as JSON
        PRIMARY KEY (id, version)
    );
    INSERT INTO papers SELECT * FROM papers_1 ORDER BY published, id, version;
    DROP TABLE papers_1;
    CREATE INDEX papers_published ON papers (published, text_sha256, id, version); -- all that scoring needs
    CREATE INDEX papers_revised ON papers (id, version) WHERE version > 1;
    CREATE TABLE feedback (
        paper_id TEXT PRIMARY KEY,    -- one row each: the last word counts
        verdict TEXT NOT NULL,
        at TEXT NOT NULL              -- ISO date and time, UTC
    ) WITHOUT ROWID;
    """,
    # What servers answered, and what each feed held on each day.
    """
    CREATE TABLE responses (
        url TEXT PRIMARY KEY,         -- one row each: the last good answer
        fetched_at TEXT NOT NULL,     -- ISO date and time, UTC
        headers TEXT NOT NULL,        -- JSON
        body BLOB NOT NULL            -- compressed with zlib
    );
    CREATE TABLE batches (
        source TEXT NOT NULL,
        day TEXT NOT NULL,            -- ISO date of the announcement, in the source's own time zone
        ids_sha256 BLOB NOT NULL,     -- of all that the feed held
        papers INTEGER NOT NULL,
        first_seen TEXT NOT NULL,     -- ISO date and time, UTC
        last_seen TEXT NOT NULL,
        PRIMARY KEY (source, day, ids_sha256)
    ) WITHOUT ROWID;
    """,
    # What digests showed, and an index of every paper's words.
    """
    CREATE TABLE digests (
        date TEXT PRIMARY KEY,        -- ISO date; one row each: the last one made
        digest BLOB NOT NULL          -- the Digest as JSON, compressed with zlib
    );
    CREATE TABLE shown (
        date TEXT NOT NULL,
        paper_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (date, paper_id)
    ) WITHOUT ROWID;
    CREATE INDEX shown_paper ON shown (paper_id, date);
    CREATE TABLE catalogue (          -- one row a paper, in its newest version
        number INTEGER PRIMARY KEY,   -- declared, so that VACUUM keeps it: names the document in `words`
        id TEXT NOT NULL UNIQUE,
        version INTEGER NOT NULL,
        published TEXT NOT NULL,
        categories TEXT NOT NULL,     -- JSON
        score INTEGER,                -- when it was last shown; NULL when it never was
        keywords TEXT NOT NULL DEFAULT '[]' -- the same, JSON
    );
    INSERT INTO catalogue (id, version, published, categories)
        SELECT id, max(version), published, json_extract(paper, '$.categories') FROM papers
        GROUP BY id ORDER BY published, id;
    CREATE VIEW documents AS
        SELECT c.number, json_extract(p.paper, '$.title') AS title,
               json_extract(p.paper, '$.authors') AS authors,
               json_extract(p.paper, '$.abstract') AS abstract, c.keywords
        FROM catalogue AS c JOIN papers AS p ON p.id = c.id AND p.version = c.version;
    CREATE VIRTUAL TABLE words USING fts5( -- the texts themselves stay where they are
        title, authors, abstract, keywords,
        content = 'documents', content_rowid = 'number', tokenize = 'porter unicode61 remove_diacritics 2'
    );
    INSERT INTO words (words) VALUES ('rebuild');
    """,
)

_HAS_SEARCH = "SELECT 1 FROM pragma_module_list WHERE name = 'fts5'"


def migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the tables up to date, each step whole or not at all.

    Raises:
        ArchiveError: The archive is newer than this program.
    """
    db.create_function("float16", 1, _float16, deterministic=True)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise ArchiveError(
            f"the archive {path} was made by a newer digest (schema {version})", "update digest"
        )
    if not db.execute(_HAS_SEARCH).fetchone():
        raise ArchiveError(
            f"the archive {path} needs full-text search, and the SQLite {sqlite3.sqlite_version} of this"
            " Python was built without FTS5",
            "use a Python whose SQLite has it; those of Linux distributions, Homebrew and python.org do",
        )
    for number in range(version, len(MIGRATIONS)):
        script = f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        try:
            db.executescript(script)
        except sqlite3.OperationalError:
            with contextlib.suppress(sqlite3.OperationalError):
                db.execute("ROLLBACK")
            # Another process may have been faster.
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version <= number:
                raise


def _float16(blob: object) -> bytes | None:
    """Turn a float32 blob of schema 1 into a float16 one; None when it is not one."""
    if not isinstance(blob, bytes) or not blob or len(blob) % 4:
        return None
    vector = np.frombuffer(blob, "<f4")
    return pack(vector[None]).tobytes() if np.isfinite(vector).all() else None
