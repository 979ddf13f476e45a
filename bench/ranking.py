"""Relevance, keywords and their speed against the baselines, in one run.

    python -m bench.ranking --data DIR --part dev --days A.xml B.xml [--baseline-documents 60]

DIR holds `relevance-{papers,pools}.jsonl` and `keywords-*-PART.jsonl`; the days are two feeds of arXiv. The
last line is for programs. KeyBERT and YAKE come with the extra `bench`; they are slow, so they see only the
first documents of each set, and the program's own figures for the same ones stand beside them (0 leaves
them out).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench import keywords, relevance
from digest.feeds.parse import parse_feed
from digest.models import find_embedder, sha256_of
from digest.ranking.embed import SentenceTransformerEmbedder, embed_once
from digest.ranking.interests import Topic
from digest.ranking.keywords import extract_keywords
from digest.ranking.profile import build_profile
from digest.ranking.score import score_by_interests
from digest.threads import available_threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.paper import Paper
    from digest.ranking.embed import Progress, VectorStore

PAPERS = 1000
INTERESTS = (
    "retrieval-augmented generation that cites its sources",
    "reinforcement learning for robots that must be safe",
    "segmentation of medical images with little labelled data",
)
LINE = [
    "map",
    "map_cosine",
    "likes",
    "likes_decayed",
    "kw_inspec_f5",
    "kw_inspec_f10",
    "kw_semeval_f10",
    "kw_kdd_f10",
    "kw_www_f10",
    "keybert_inspec_f10",
    "yake_inspec_f10",
    "seconds_1000",
]


class Counting(SentenceTransformerEmbedder):
    """The embedder, counting what it is asked."""

    texts = 0

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> npt.NDArray[np.float32]:
        """Embed and count."""
        self.texts += len(texts)
        return super().embed(texts, progress)


def some_papers(data: Path, part: str, days: Sequence[Path]) -> list[Paper]:
    """Return 1,000 papers: of the days, then documents of the keyword sets."""
    papers = [paper for day in days for paper in parse_feed(day.read_bytes(), day.name).papers]
    for name in keywords.SETS:
        papers += [keywords.as_paper(each, titled=True) for each in keywords.read(data, name, part)]
    unique = {paper.text: paper for paper in papers}
    return list(unique.values())[:PAPERS]


def run_once(papers: Sequence[Paper], embedder: Counting, store: VectorStore) -> dict[str, float]:
    """Embed, score and find the keywords of all papers, as a run does with its best."""
    embedder.texts = 0
    start = time.perf_counter()
    vectors = embed_once(embedder, store, [paper.text for paper in papers])
    embedded = time.perf_counter()
    topics = [Topic(text, text=text) for text in INTERESTS]
    profile = build_profile(topics, [], [], embedder, store, relevance.NOW)
    score_by_interests(papers, vectors, profile, np.empty((0, embedder.dimension), np.float32))
    scored = time.perf_counter()
    extract_keywords(papers, vectors, embedder, store)
    end = time.perf_counter()
    return {
        "embedding": embedded - start,
        "score": scored - embedded,
        "keywords": end - scored,
        "all": end - start,
        "texts embedded": embedder.texts,
    }


def measure_speed(papers: Sequence[Paper], embedder: Counting) -> float:
    """Print what each step takes for the papers, twice over one store; return the first run's seconds."""
    embedder.embed([papers[0].text])  # loads the model
    store = relevance.Memory()
    runs = [run_once(papers, embedder, store) for _ in range(2)]
    print(f"\n| {len(papers)} papers | first run | second run |\n| --- | --- | --- |")
    for name in runs[0]:
        unit = "" if name == "texts embedded" else " s"
        print(f"| {name} | {runs[0][name]:.1f}{unit} | {runs[1][name]:.1f}{unit} |")
    return runs[0]["all"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="dev")
    parser.add_argument("--days", type=Path, nargs=2, required=True, metavar=("A", "B"))
    parser.add_argument("--baseline-documents", type=int, default=60)
    asked = parser.parse_args()
    folder = find_embedder(None)
    identity = sha256_of(folder / "model.safetensors")
    embedder = Counting(folder, identity, threads=available_threads())
    found = {"seconds_1000": measure_speed(some_papers(asked.data, asked.part, asked.days), embedder)}
    found |= relevance.measure(asked.data, asked.part, tuple(asked.days), embedder)
    print("\n| relevance | MAP |\n| --- | --- |")
    for name in (name for name in found if name.startswith(("map", "likes"))):
        print(f"| {name} | {found[name]:.1f} |")
    found |= keywords.measure(
        asked.data,
        asked.part,
        embedder,
        baselines=asked.baseline_documents,
        folder=folder,
    )
    keywords.print_table(found)
    print("RANKING", *(f"{name}={found[name]:.1f}" for name in LINE if name in found))


if __name__ == "__main__":
    main()
