"""The archive: one SQLite file that remembers papers, embeddings, summaries and runs.

WAL mode, mode 0600, numbered migrations (`PRAGMA user_version`). Each write is its own transaction, so
what is finished survives an interruption at any moment.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import sqlite3
from typing import TYPE_CHECKING, Self

import msgspec
import numpy as np

from digest.errors import ArchiveError
from digest.files import PRIVATE_FILE, make_private_folder
from digest.paper import Paper
from digest.summarize.language_model import Written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import numpy.typing as npt

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
)

_BUSY_TIMEOUT_S = 10.0
_VECTOR = np.dtype("<f4")
_MOST_VARIABLES = 500


def text_sha256(text: str) -> bytes:
    """Return the key under which what was computed from `text` is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


class Archive:
    """An open archive; use it as a context manager.

    Args:
        path: The file; made when missing, with its folder.
        on_write_error: Called instead of raising when something cannot be written, so that a full disk
            ends no run; None means to raise.

    Raises:
        ArchiveError: It cannot be opened, is no archive, or comes from a newer version.
    """

    def __init__(self, path: Path, *, on_write_error: Callable[[ArchiveError], None] | None = None) -> None:
        self.path = path
        self._on_write_error = on_write_error
        try:
            make_private_folder(path.parent)
            with contextlib.suppress(FileExistsError):  # private from its first byte
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
        except OSError as error:
            raise ArchiveError(
                f"the archive {path} cannot be made ({error.strerror})", "name another with --archive"
            ) from None
        try:
            self._db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._migrate()
        except sqlite3.DatabaseError as error:
            raise ArchiveError(
                f"the archive {path} cannot be opened ({error})", "name another with --archive"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _migrate(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise ArchiveError(
                f"the archive {self.path} was made by a newer digest (schema {version})", "update digest"
            )
        for number in range(version, len(MIGRATIONS)):
            script = f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
            try:
                self._db.executescript(script)
            except sqlite3.OperationalError:
                with contextlib.suppress(sqlite3.OperationalError):
                    self._db.execute("ROLLBACK")
                # Another process may have been faster.
                (version,) = self._db.execute("PRAGMA user_version").fetchone()
                if version <= number:
                    raise

    def _write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Do `work` in one transaction."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                work(self._db)
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                    self._db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            failure = ArchiveError(
                f"the archive {self.path} cannot be written ({error})",
                "free some space, or name another with --archive",
            )
            if self._on_write_error is None:
                raise failure from None
            self._on_write_error(failure)

    def add_papers(self, papers: Iterable[Paper]) -> None:
        """Remember papers; one that is known is brought up to date, and keeps when it was first seen."""
        rows = [
            (
                paper.id,
                paper.version,
                paper.published.isoformat(),
                _now(),
                text_sha256(paper.text),
                msgspec.json.encode(paper).decode(),
            )
            for paper in papers
        ]
        self._write(
            lambda db: db.executemany(
                "INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " published = excluded.published, text_sha256 = excluded.text_sha256, paper = excluded.paper",
                rows,
            )
        )

    def paper(self, paper_id: str, version: int | None = None) -> Paper | None:
        """Return a paper, its newest version when none is named."""
        row = self._db.execute(
            "SELECT paper FROM papers WHERE id = ? AND version = coalesce(?, version)"
            " ORDER BY version DESC LIMIT 1",
            (paper_id, version),
        ).fetchone()
        return msgspec.json.decode(row[0], type=Paper) if row else None

    def embeddings(self, embedder: str, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Return the known vectors of `texts`, each (d,) float32 of unit length."""
        by_key = {text_sha256(text): text for text in texts}
        keys = list(by_key)
        found: dict[str, npt.NDArray[np.float32]] = {}
        for start in range(0, len(keys), _MOST_VARIABLES):
            part = keys[start : start + _MOST_VARIABLES]
            marks = ", ".join("?" * len(part))
            query = (
                "SELECT text_sha256, vector FROM embeddings WHERE embedder = ?"
                f" AND text_sha256 IN ({marks})"  # question marks only
            )
            for key, vector in self._db.execute(query, (embedder, *part)):
                found[by_key[key]] = np.frombuffer(vector, _VECTOR)
        return found

    def add_embeddings(self, embedder: str, texts: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Remember the vectors (n, d) float32 of `texts`."""
        rows = [
            (embedder, text_sha256(text), vector.astype(_VECTOR).tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        self._write(lambda db: db.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", rows))

    def recent_embeddings(
        self, embedder: str, *, since: dt.date, without: Iterable[Paper] = ()
    ) -> npt.NDArray[np.float32]:
        """Return the vectors of papers published since a day, (n, d) float32; (0, 0) when there are none."""
        left_out = {text_sha256(paper.text) for paper in without}
        rows = self._db.execute(
            "SELECT DISTINCT e.text_sha256, e.vector FROM papers AS p JOIN embeddings AS e"
            " ON e.text_sha256 = p.text_sha256 AND e.embedder = ? WHERE p.published >= ?",
            (embedder, since.isoformat()),
        )
        vectors = [np.frombuffer(vector, _VECTOR) for key, vector in rows if key not in left_out]
        return np.stack(vectors) if vectors else np.empty((0, 0), np.float32)

    def summary(self, paper: Paper, *, model: str, prompt: str) -> Written | None:
        """Return what this model wrote for this paper with this prompt."""
        row = self._db.execute(
            "SELECT written FROM summaries"
            " WHERE paper_id = ? AND version = ? AND text_sha256 = ? AND model = ? AND prompt = ?",
            (paper.id, paper.version, text_sha256(paper.text), model, prompt),
        ).fetchone()
        return msgspec.json.decode(row[0], type=Written) if row else None

    def add_summary(self, paper: Paper, written: Written, *, model: str, prompt: str) -> None:
        """Remember what a model wrote, the moment it is done."""
        raw = msgspec.json.encode(written).decode()
        self._write(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?)",
                (paper.id, paper.version, text_sha256(paper.text), model, prompt, raw, _now()),
            )
        )

    def add_run(self, *, started_at: dt.datetime, date: dt.date, papers: int) -> None:
        """Remember a run that made a digest of so many papers."""
        row = (started_at.isoformat(timespec="seconds"), _now(), date.isoformat(), papers)
        self._write(
            lambda db: db.execute(
                "INSERT INTO runs (started_at, finished_at, digest_date, papers) VALUES (?, ?, ?, ?)", row
            )
        )
