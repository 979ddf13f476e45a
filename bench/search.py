"""How long a search takes: milliseconds for words, for meaning, and for both, and what is read before.

    python -m bench.search [--papers 100000] [--queries 50] [--folder DIR]

Papers and vectors are invented: words as frequent as in English (Zipf's law, 30,000 of them), 150 to an
abstract, 10 to a title. A query is three words of one title. With `--folder` the archive is kept there and
used again.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.scale import BATCH, DIMENSION, EMBEDDER, invented, unit_rows
from digest.archive import Archive, Filter
from digest.search import Meanings, Query, search

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.paper import Paper

WORDS = 30_000
TITLE, ABSTRACT = 10, 150  # words
SHARES = np.cumsum(1 / (np.arange(WORDS) + 2.7))  # Mandelbrot's form of Zipf's law
SHARES /= SHARES[-1]


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured.

    Attributes:
        start_ms: To read every vector, once.
        median_ms: Of the queries, by the way they were searched.
        worst_ms: The slowest of them, likewise.
        index_mb: The index of words on disk (10^6 bytes).
    """

    start_ms: float
    median_ms: dict[str, float]
    worst_ms: dict[str, float]
    index_mb: float


def word(number: int) -> str:
    """Return an invented word; frequent ones are short."""
    letters = ""
    while number or not letters:
        number, letter = divmod(number, 20)
        letters += "bcdfghklmnprstvwxaei"[letter]
    return f"{letters}o"


def paper_of_words(number: int) -> Paper:
    """Return an invented paper whose words are as frequent as in English."""
    chances = np.random.default_rng(number).random(TITLE + ABSTRACT)
    words = [word(int(rank)) for rank in np.searchsorted(SHARES, chances)]
    return replace(invented(number), title=" ".join(words[:TITLE]), abstract=" ".join(words[TITLE:]))


def fill(path: Path, count: int) -> float:
    """Store so many papers with their vectors; return the seconds that storing them took."""
    seconds = 0.0
    with Archive(path) as archive:
        for start in range(0, count, BATCH):
            papers = [paper_of_words(number) for number in range(start, min(count, start + BATCH))]
            begin = time.perf_counter()
            archive.add_papers(papers)
            archive.add_embeddings(EMBEDDER, [p.text for p in papers], unit_rows(len(papers), seed=start))
            seconds += time.perf_counter() - begin
    return seconds


def milliseconds(work: Callable[[], object]) -> float:
    """Return the time of one run."""
    begin = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - begin)


def measure(path: Path, count: int, queries: int) -> Speed:
    """Measure an archive."""
    random = np.random.default_rng(1)
    texts = [
        " ".join(random.choice(paper_of_words(int(number)).title.split(), 3, replace=False))
        for number in random.choice(count, queries, replace=False)
    ]
    vectors = unit_rows(queries, seed=2)
    with Archive(path) as archive:
        made: list[Meanings] = []
        start_ms = milliseconds(lambda: made.append(Meanings(archive, EMBEDDER)))
        meanings = made[0]
        assert len(meanings) == count
        last_half = Filter(since=invented(count // 2).published)
        ways: dict[str, Callable[[int], object]] = {
            "words": lambda i: search(archive, Query.parse(texts[i])),
            "a phrase": lambda i: search(archive, Query.parse(f'"{texts[i].rsplit(" ", 1)[0]}"')),
            "meaning": lambda i: meanings.nearest(vectors[i]),
            "both": lambda i: search(archive, Query.parse(texts[i]), meanings=meanings, vector=vectors[i]),
            "both, filtered": lambda i: search(
                archive, Query.parse(texts[i]), chosen=last_half, meanings=meanings, vector=vectors[i]
            ),
        }
        times = {
            name: [milliseconds(lambda way=way, i=i: way(i)) for i in range(queries)]  # type: ignore[misc]
            for name, way in ways.items()
        }
        (index,) = archive._db.execute("SELECT sum(length(block)) FROM words_data").fetchone()  # noqa: SLF001
    return Speed(
        start_ms,
        {name: statistics.median(measured) for name, measured in times.items()},
        {name: max(measured) for name, measured in times.items()},
        index / 1e6,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = (options.folder or Path(temporary)) / f"search-{options.papers}.sqlite"
        if not path.exists():
            print(f"stored in {fill(path, options.papers):.1f} s")
        speed = measure(path, options.papers, options.queries)
        size = path.stat().st_size / 1e6
    print(f"{options.papers:,} papers, vectors of {DIMENSION}: {size:.0f} MB, index {speed.index_mb:.0f} MB")
    print(f"start (all vectors read): {speed.start_ms:.0f} ms")
    for name, median in speed.median_ms.items():
        print(f"{name:15} median {median:6.1f} ms   slowest {speed.worst_ms[name]:6.1f} ms")


if __name__ == "__main__":
    main()
