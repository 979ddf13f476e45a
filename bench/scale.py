"""How the archive grows: bytes on disk, and seconds to read and score every paper in it.

    python -m bench.scale [--counts 1000 10000 100000] [--folder DIR]

Papers and vectors are invented: 2,000 papers a day, vectors of 384 numbers. Filling an archive takes longer
than reading it; with `--folder` archives are kept there and used again.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digest.archive import Archive
from digest.paper import Paper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

DIMENSION = 384
INTERESTS = 20
PAPERS_A_DAY = 2_000
EMBEDDER = "e" * 64
FIRST_DAY = dt.date(2025, 1, 1)
BATCH = 5_000
WORDS = "an invented abstract of the usual length that says nothing at all about moths and lamps "


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured of one archive.

    Attributes:
        papers: In it.
        megabytes: On disk, with everything that the archive keeps of a paper (10^6 bytes).
        vector_megabytes: Of these, the vectors and their index.
        score_s: To read all vectors and score them against 20 interests, median of the repeats.
        recent_s: To read the vectors of the last 30 days.
        fill_s: To store papers and vectors; None when the archive was there.
    """

    papers: int
    megabytes: float
    vector_megabytes: float
    score_s: float
    recent_s: float
    fill_s: float | None


def unit_rows(count: int, seed: int) -> npt.NDArray[np.float32]:
    """Return invented vectors, (count, d) float32, unit rows."""
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def invented(number: int) -> Paper:
    """Return a paper with an abstract of 1,300 characters."""
    day = FIRST_DAY + dt.timedelta(days=number // PAPERS_A_DAY)
    identifier = f"{day:%y%m}.{number:07}"
    return Paper(
        id=identifier,
        version=1,
        title=f"Invented study {number} of moths at street lamps",
        authors=("Ada Lindqvist", "Kofi Mensah", "Li Wei"),
        abstract=f"{number}. {WORDS * 15}",
        categories=("cs.CL", "cs.LG"),
        published=day,
        announce_type="new",
        url=f"https://arxiv.org/abs/{identifier}v1",
        pdf_url=f"https://arxiv.org/pdf/{identifier}v1",
        source="bench",
    )


def fill(path: Path, count: int) -> float:
    """Store so many papers with their vectors, as runs do; return seconds."""
    seconds = 0.0
    with Archive(path) as archive:
        for start in range(0, count, BATCH):
            papers = [invented(number) for number in range(start, min(count, start + BATCH))]
            vectors = unit_rows(len(papers), seed=start)
            begin = time.perf_counter()
            archive.add_papers(papers)
            archive.add_embeddings(EMBEDDER, [paper.text for paper in papers], vectors)
            seconds += time.perf_counter() - begin
    return seconds


def score_all(archive: Archive, interests: npt.NDArray[np.float32]) -> int:
    """Score every paper by its nearest interest; return how many there were."""
    count = 0
    for ids, vectors in archive.iter_embeddings(EMBEDDER):
        best = (vectors @ interests.T).max(axis=1)
        count += len(best)
        assert len(ids) == len(best)
    return count


def seconds_of(work: Callable[[], object], repeats: int) -> float:
    """Return the median time of some runs."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def measure_archive(path: Path, count: int, *, repeats: int = 3) -> Size:
    """Measure one archive, made first if it is not there."""
    fill_s = None if path.exists() else fill(path, count)
    interests = unit_rows(INTERESTS, seed=1)
    last_day = FIRST_DAY + dt.timedelta(days=(count - 1) // PAPERS_A_DAY)
    since = last_day - dt.timedelta(days=29)
    with Archive(path) as archive:
        assert score_all(archive, interests) == count
        score_s = seconds_of(lambda: score_all(archive, interests), repeats)
        recent_s = seconds_of(lambda: archive.recent_embeddings(EMBEDDER, since=since), repeats)
    size = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
    # A row's key of 32 bytes stands in the table and in its index.
    vectors = count * (2 * DIMENSION + 2 * 32)
    return Size(count, size / 1e6, vectors / 1e6, score_s, recent_s, fill_s)


def measure(counts: Sequence[int], folder: Path | None = None, *, repeats: int = 3) -> list[Size]:
    """Measure archives of so many papers each; they are kept in `folder`, if one is named."""
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        return [measure_archive(place / f"scale-{n}.sqlite", n, repeats=repeats) for n in counts]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    print("   papers       MB   of which vectors   read and score   last 30 days     fill")
    for size in measure(options.counts, options.folder):
        filled = "" if size.fill_s is None else f"{size.fill_s:7.1f} s"
        print(
            f"{size.papers:9,} {size.megabytes:8.1f} {size.vector_megabytes:18.1f}"
            f" {size.score_s:14.3f} s {size.recent_s:12.3f} s {filled:>9}"
        )


if __name__ == "__main__":
    main()
