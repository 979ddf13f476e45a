"""The archive as the rest of the program sees it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

import msgspec

from digest.archive import _catalogue
from digest.archive._batches import Batches
from digest.archive._catalogue import Catalogue, Filter
from digest.archive._database import Database
from digest.archive._digests import Digests
from digest.archive._feedback import Feedback
from digest.archive._forget import Forgotten, Selection, forget, sources
from digest.archive._responses import Responses
from digest.archive._vectors import Vectors, text_sha256
from digest.paper import Paper
from digest.summarize.language_model import Written

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from digest.errors import ArchiveError
    from digest.feeds.health import Batch
    from digest.feeds.response import FeedResponse
    from digest.paper import Digest, ScoredPaper
    from digest.ranking.interests import Opinion, Verdict


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
        self._database = Database(path, on_write_error)
        self._db = self._database.connection
        self._vectors = Vectors(self._database)
        self._feedback = Feedback(self._database)
        self._responses = Responses(self._database)
        self._batches = Batches(self._database)
        self._digests = Digests(self._database)
        self._catalogue = Catalogue(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

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

        def work(db: sqlite3.Connection) -> None:
            ids = _catalogue.changed(db, [(row[0], row[1], row[-1]) for row in rows])
            _catalogue.take_out(db, ids)
            db.executemany(
                "INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " published = excluded.published, text_sha256 = excluded.text_sha256, paper = excluded.paper",
                rows,
            )
            _catalogue.put_back(db, ids)

        self._database.write(work)

    def paper(self, paper_id: str, version: int | None = None) -> Paper | None:
        """Return a paper, its newest version when none is named."""
        row = self._db.execute(
            "SELECT paper FROM papers WHERE id = ? AND version = coalesce(?, version)"
            " ORDER BY version DESC LIMIT 1",
            (paper_id, version),
        ).fetchone()
        return msgspec.json.decode(row[0], type=Paper) if row else None

    def paper_before(self, paper: Paper) -> Paper | None:
        """Return the version of a paper that was known before this one."""
        row = self._db.execute(
            "SELECT paper FROM papers WHERE id = ? AND version < ? ORDER BY version DESC LIMIT 1",
            (paper.id, paper.version),
        ).fetchone()
        return msgspec.json.decode(row[0], type=Paper) if row else None

    def newest_day(self) -> dt.date | None:
        """Return the last day on which a paper was published; None when there are no papers.

        A feed's clock may be wrong, so never a day to come.
        """
        today = dt.datetime.now(dt.UTC).date()
        (day,) = self._db.execute("SELECT max(published) FROM papers").fetchone()
        return min(dt.date.fromisoformat(day), today) if day else None

    def embeddings(self, embedder: str, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Return the known vectors of `texts`, each (d,) float32 of unit length."""
        return self._vectors.of_texts(embedder, texts)

    def add_embeddings(self, embedder: str, texts: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Remember the vectors (n, d) float32, unit rows, of `texts`; they are kept as float16."""
        self._vectors.add(embedder, texts, vectors)

    def recent_embeddings(
        self, embedder: str, *, since: dt.date, without: Iterable[Paper] = ()
    ) -> npt.NDArray[np.float32]:
        """Return the vectors of papers published since a day, (n, d) float32; (0, 0) when there are none."""
        left_out = {text_sha256(paper.text) for paper in without}
        return self._vectors.published_since(embedder, since, left_out)

    def iter_embeddings(
        self, embedder: str, *, since: dt.date | None = None, chunk: int = 1024
    ) -> Iterator[tuple[list[str], npt.NDArray[np.float32]]]:
        """Yield the ids of papers and their vectors (n, d) float32, unit rows, at most `chunk` at once.

        Each paper comes once, in its newest version, oldest day first; those without a vector are left out.
        """
        return self._vectors.chunks(embedder, since or dt.date.min, chunk)

    def add_opinion(self, paper_id: str, verdict: Verdict, *, at: dt.datetime | None = None) -> bool:
        """Remember what the reader said of a paper, now if no time is given; the last word counts.

        Returns:
            False when the archive does not know the paper, and nothing was stored.
        """
        return self._feedback.add(paper_id, verdict, at or dt.datetime.now(dt.UTC))

    def opinions(self) -> tuple[Opinion, ...]:
        """Return the last word on each paper that the reader has judged, the latest first."""
        return self._feedback.all()

    def forget_opinion(self, paper_id: str) -> bool:
        """Remove what the reader said of a paper; return whether there was something."""
        return self._feedback.forget(paper_id)

    def forget(self, selection: Selection) -> Forgotten:
        """Remove papers and all that was made of them; no byte of it stays in the archive's files."""
        return forget(self._database, selection)

    def sources(self) -> list[str]:
        """Return the feeds that there are papers of."""
        return sources(self._database)

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
        self._database.write(
            lambda db: db.execute(
                "INSERT OR REPLACE INTO summaries VALUES (?, ?, ?, ?, ?, ?, ?)",
                (paper.id, paper.version, text_sha256(paper.text), model, prompt, raw, _now()),
            )
        )

    def response(self, url: str) -> FeedResponse | None:
        """Return the last good answer of an address, if there is one."""
        return self._responses.get(url)

    def add_response(self, response: FeedResponse) -> None:
        """Keep an answer in the place of the one before it."""
        self._responses.add(response)

    def batches(self, source: str) -> tuple[Batch, ...]:
        """Return what a feed held lately, the latest day first."""
        return self._batches.of(source)

    def add_batch(self, source: str, batch: Batch) -> None:
        """Remember what a feed held; what is known keeps when it was first seen."""
        self._batches.add(source, batch)

    def add_digest(self, digest: Digest) -> None:
        """Remember a digest in the place of the one of that day, and what it showed of its papers."""
        self._digests.add(digest)

    def digest(self, date: dt.date) -> Digest | None:
        """Return the digest of a day, as it was shown.

        Raises:
            ArchiveError: It is damaged.
        """
        return self._digests.of(date)

    def digest_dates(self) -> list[dt.date]:
        """Return the days that have a digest, the latest first."""
        return self._digests.dates()

    def last_shown(self, paper_id: str) -> tuple[Digest, ScoredPaper] | None:
        """Return the last digest that showed a paper, and the paper in it."""
        return self._digests.last_shown(paper_id)

    def find_words(self, match: str, chosen: Filter, *, limit: int) -> list[str]:
        """Return the ids of papers that match an FTS5 expression, the best by BM25 first."""
        return self._catalogue.best(match, chosen, limit)

    def count_words(self, match: str, *, most: int) -> int:
        """Return how many papers match an FTS5 expression, counting no further than `most`."""
        return self._catalogue.count(match, most)

    def chosen(self, chosen: Filter, match: str = "") -> set[str]:
        """Return the ids of papers that a filter lets through, and an FTS5 expression if one is given."""
        return self._catalogue.chosen(chosen, match)

    def embedder_of(self, text: str) -> str | None:
        """Return the identity of the embedder that embedded a text last; None when none has."""
        return self._vectors.embedder_of(text)

    def add_run(self, *, started_at: dt.datetime, date: dt.date, papers: int) -> None:
        """Remember a run that made a digest of so many papers."""
        row = (started_at.isoformat(timespec="seconds"), _now(), date.isoformat(), papers)
        self._database.write(
            lambda db: db.execute(
                "INSERT INTO runs (started_at, finished_at, digest_date, papers) VALUES (?, ?, ?, ?)", row
            )
        )
