"""A great day, and a year of such days: 2,000 papers over 12 feeds, 730,000 papers in the archive.

    python -m bench.load [--days 365] [--folder DIR]

The feeds and papers are invented, in the form of arXiv's Atom. Measured are: reading 12 feeds and storing
their papers; opening a full archive and asking it what a run asks before it reads a feed; finding a day's
papers that are known already. With `--folder` the archive is kept there and used again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from digest.archive import Archive, text_sha256
from digest.feeds.parse import merge, parse_feed
from digest.paper import Paper

if TYPE_CHECKING:
    from collections.abc import Callable

FEEDS = 12
PAPERS_A_DAY = 2_000
ABSTRACT_WORDS = 180
DIMENSION = 384
EMBEDDER = "e" * 64
LAST_DAY = dt.date(2026, 2, 2)
WORDS = (
    "moth",
    "lamp",
    "night",
    "wing",
    "count",
    "error",
    "method",
    "model",
    "data",
    "street",
    "light",
    "of",
)


def make_paper(number: int, day: dt.date, dice: random.Random) -> Paper:
    """Invent a paper of the usual length; its number makes it unlike all others."""
    abstract = " ".join(dice.choices(WORDS, k=ABSTRACT_WORDS))
    title = f"Paper {number} on {' '.join(dice.choices(WORDS, k=8))}"
    ident = f"{number // 100_000 + 2600}.{number % 100_000:05}"
    page = f"https://arxiv.org/abs/{ident}v1"
    authors = tuple(f"Ada {word.title()}" for word in dice.choices(WORDS, k=5))
    kinds = ("cs.CL", "cs.LG")
    return Paper(
        *(ident, 1, title, authors, abstract, kinds, day, "new", page, page.replace("abs", "pdf"), "feed"),
        title_source=title,
        abstract_source=abstract,
    )


def feed_of(papers: list[Paper]) -> bytes:
    """Return papers as arXiv's Atom announces them."""
    entries = "".join(
        f"<entry><id>oai:arXiv.org:{paper.id}v1</id><title>{paper.title}</title>"
        f'<updated>2026-02-02T05:00:00Z</updated><link href="{paper.url}" rel="alternate" type="text/html"/>'
        f"<summary>arXiv:{paper.id}v1 Announce Type: new Abstract: {paper.abstract}</summary>"
        + "".join(f'<category term="{name}"/>' for name in paper.categories)
        + "<published>2026-02-02T00:00:00-05:00</published><arxiv:announce_type>new</arxiv:announce_type>"
        f"<dc:creator>{', '.join(paper.authors)}</dc:creator></entry>"
        for paper in papers
    )
    head = (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"><title>t</title><updated>2026-02-02T05:00:00Z</updated>'
    )
    return f"{head}{entries}</feed>".encode()


def fill(path: Path, days: int) -> None:
    """Make an archive of so many days as fast as SQLite writes: in one transaction that waits for no disk."""
    Archive(path).close()
    dice = random.Random(1)  # noqa: S311 - no secret
    vectors = np.random.default_rng(1).normal(size=(PAPERS_A_DAY, DIMENSION))
    packed = [
        row.tobytes() for row in (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype("<f2")
    ]
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("PRAGMA synchronous = OFF; BEGIN")
    db.execute("INSERT INTO embedders (id, identity) VALUES (1, ?)", (EMBEDDER,))
    for number in range(days):
        day = LAST_DAY - dt.timedelta(days=days - number)
        first = 1_000_000 + number * PAPERS_A_DAY
        papers = [make_paper(first + i, day, dice) for i in range(PAPERS_A_DAY)]
        keys = [text_sha256(paper.text) for paper in papers]
        rows = [
            (paper.id, 1, day.isoformat(), day.isoformat(), key, msgspec.json.encode(paper).decode())
            for paper, key in zip(papers, keys, strict=True)
        ]
        db.executemany("INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?)", rows)
        db.executemany(
            "INSERT INTO vectors (embedder, text_sha256, vector) VALUES (1, ?, ?)",
            zip(keys, packed, strict=True),
        )
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def timed(what: str, work: Callable[[], object]) -> None:
    """Do it once and print the seconds: what is measured here is done once a day."""
    started = time.perf_counter()
    found = work()
    print(
        f"{time.perf_counter() - started:8.3f} s  {what}{'' if found is None else f': {found}'}", flush=True
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        measure(Path(arguments.folder or temporary) / f"load-{arguments.days}.sqlite", arguments.days)


def measure(path: Path, days: int) -> None:
    """Measure with an archive of so many days; it is made when it is missing."""
    dice = random.Random(2)  # noqa: S311 - no secret
    today = [make_paper(5_000_000 + i, LAST_DAY, dice) for i in range(PAPERS_A_DAY)]
    feeds = [feed_of(today[i::FEEDS]) for i in range(FEEDS)]
    if not path.exists():
        timed(f"fill an archive with {days * PAPERS_A_DAY:,} papers", lambda: fill(path, days))
    print(f"{path.stat().st_size / 1e6:,.0f} MB; the day's feeds: {sum(map(len, feeds)) / 1e6:.1f} MB")
    papers: list[Paper] = []

    def read() -> int:
        for number, data in enumerate(feeds):
            papers.extend(parse_feed(data, f"feed {number}").papers)
        return len(papers)

    timed("import feedparser and read an empty day", lambda: len(parse_feed(feed_of([]), "x").papers))
    timed(f"read {FEEDS} feeds", read)
    timed("merge them, each given twice", lambda: len(merge([*papers, *papers])))
    command = [sys.executable, "-m", "digest", "feedback", "--archive", str(path)]
    timed(
        "a process that opens the archive and lists the opinions",
        lambda: subprocess.run(command, check=True, capture_output=True).returncode,
    )
    with Archive(path) as archive:
        timed(
            "ask for the newest day and the opinions", lambda: (archive.newest_day(), len(archive.opinions()))
        )
        texts = [paper.text for paper in papers]
        timed("look for the day's vectors: none", lambda: len(archive.embeddings(EMBEDDER, texts)))
        timed("store the day's papers", lambda: archive.add_papers(papers))
        timed("store them again: all are known", lambda: archive.add_papers(papers))
        since = LAST_DAY - dt.timedelta(days=30)
        timed(
            "read the last 30 days' vectors", lambda: archive.recent_embeddings(EMBEDDER, since=since).shape
        )


if __name__ == "__main__":
    main()
