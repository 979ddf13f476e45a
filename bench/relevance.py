"""How well papers are ranked: by an interest (CSFCube), and by five likes (two days of a feed).

    python -m bench.relevance --data DIR --part dev --days A.xml B.xml

DIR holds `relevance-pools.jsonl` and `relevance-papers.jsonl`: CSFCube (Mysore et al. 2021), a query
paper, one of its facets, and candidates with grades; 2 and 3 count as relevant; mean average precision.
The query paper is an example of an interest whose text is its title and the facet's sentences.

With the days: five random papers of one primary category on day A are liked, day B is ranked, that
category's papers are relevant; mean average precision over the six categories that are most frequent on
both days together and stand at least three times on each, ten draws each. (Where a category has fewer
than five papers on day A, all are liked.)
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from digest.feeds.parse import parse_feed
from digest.models import find_embedder, sha256_of
from digest.paper import Paper
from digest.ranking.embed import Embedder, SentenceTransformerEmbedder, VectorStore, embed_once
from digest.ranking.interests import Example, Opinion, Topic
from digest.ranking.lexical import Words
from digest.ranking.profile import build_profile
from digest.ranking.score import score_by_interests

Numbers = npt.NDArray[np.floating[Any]]
Relevant = npt.NDArray[np.bool_]
NOW = dt.datetime(2026, 7, 1, tzinfo=dt.UTC)
LIKES, CATEGORIES, DRAWS, LEAST, SEED = 5, 6, 10, 3, 0
FACETS = {"background": ("background", "objective"), "method": ("method",), "result": ("result",)}


class Memory:
    """Vectors in a dictionary."""

    def __init__(self) -> None:
        self.known: dict[str, npt.NDArray[np.float32]] = {}

    def embeddings(self, embedder: str, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Return what is known."""
        del embedder
        return {text: self.known[text] for text in texts if text in self.known}

    def add_embeddings(self, embedder: str, texts: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Remember."""
        del embedder
        self.known.update(zip(texts, vectors, strict=True))


def average_precision(scores: Numbers, relevant: Relevant) -> float:
    """Return the mean precision at the ranks of what is relevant, in percent."""
    found = relevant[np.argsort(-scores, kind="stable")]
    if not found.any():
        return 0.0
    precision = np.cumsum(found)[found] / (np.flatnonzero(found) + 1)
    return float(100 * precision.mean())


# --- by an interest --------------------------------------------------------------------------------------


def to_paper(record: dict[str, Any]) -> Paper:
    """Return a paper of CSFCube."""
    day = dt.date(2020, 1, 1)
    title, abstract = record["title"], " ".join(record["sents"])
    return Paper(record["id"], 1, title, (), abstract, (), day, "none", "", "", "CSFCube")


def facet_text(record: dict[str, Any], facet: str) -> str:
    """Return the title and the sentences of one facet."""
    labels = FACETS[facet]
    pairs = zip(record["sents"], record["labels"], strict=True)
    return " ".join([f"{record['title']}.", *(s for s, label in pairs if label.startswith(labels))])


def measure_interests(folder: Path, embedder: Embedder, store: VectorStore) -> dict[str, float]:
    """Rank the pools of CSFCube.

    Returns:
        Mean average precision of the program, of the cosine of title and abstract, and of BM25 alone.
    """
    lines = (folder / "relevance-papers.jsonl").read_text("utf-8").splitlines()
    records = {record["id"]: record for record in map(json.loads, lines)}
    found: dict[str, list[float]] = {"map": [], "map_cosine": [], "map_bm25": []}
    none = np.empty((0, embedder.dimension), np.float32)
    for line in (folder / "relevance-pools.jsonl").read_text("utf-8").splitlines():
        pool = json.loads(line)
        query = records.get(pool["qid"])
        if query is None:
            continue
        graded = zip(pool["cands"], pool["rel"], strict=True)
        judged = [(to_paper(records[i]), r >= 2) for i, r in graded if i != pool["qid"] and i in records]
        papers = [paper for paper, _ in judged]
        relevant = np.array([good for _, good in judged])
        whole = to_paper(query).text
        topic = Topic("query", text=facet_text(query, pool["facet"]), examples=(Example("", whole),))
        profile = build_profile([topic], [], [], embedder, store, NOW)
        vectors = embed_once(embedder, store, [paper.text for paper in papers])
        ways = {
            "map": score_by_interests(papers, vectors, profile, none).raw,
            "map_cosine": vectors @ profile.interests[0].example_vectors[0],
            "map_bm25": Words([paper.text for paper in papers]).similarity([whole])[:, 0],
        }
        for name, scores in ways.items():
            found[name].append(average_precision(scores, relevant))
    return {name: float(np.mean(values)) for name, values in found.items()}


# --- by likes --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    """A feed, embedded."""

    papers: list[Paper]
    vectors: npt.NDArray[np.float32]

    @classmethod
    def read(cls, path: Path, embedder: Embedder, store: VectorStore) -> Day:
        """Read and embed a feed."""
        papers = list(parse_feed(path.read_bytes(), path.name).papers)
        return cls(papers, embed_once(embedder, store, [paper.text for paper in papers]))


def draws(first: Day, second: Day) -> Iterator[tuple[str, list[int], Relevant]]:
    """Yield category, what is liked on the first day, and what is relevant on the second."""
    counts = [Counter(paper.primary_category for paper in day.papers) for day in (first, second)]
    both = [name for name in counts[0] if name and min(counts[0][name], counts[1][name]) >= LEAST]
    both.sort(key=lambda name: (-(counts[0][name] + counts[1][name]), name))
    randomness = np.random.default_rng(SEED)
    for name in both[:CATEGORIES]:
        members = [i for i, paper in enumerate(first.papers) if paper.primary_category == name]
        relevant = np.array([paper.primary_category == name for paper in second.papers])
        for _ in range(DRAWS):
            chosen = randomness.choice(members, min(LIKES, len(members)), replace=False)
            yield name, [int(i) for i in chosen], relevant


def by_support_vectors(first: Day, second: Day) -> Callable[[list[int]], Numbers]:
    """arXiv-sanity's way: a linear SVM on tf-idf, all other papers as negatives."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    texts = [paper.text for day in (first, second) for paper in day.papers]
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", ngram_range=(1, 2), min_df=2)
    rows: Any = vectorizer.fit_transform(texts)
    count = len(first.papers)

    def rank(liked: list[int]) -> Numbers:
        labels = np.zeros(count)
        labels[liked] = 1
        machine = LinearSVC(class_weight="balanced", C=0.1, max_iter=10000)
        return np.asarray(machine.fit(rows[:count], labels).decision_function(rows[count:]))

    return rank


def by_program(
    first: Day, second: Day, embedder: Embedder, store: VectorStore
) -> Callable[[list[int]], Numbers]:
    """The program's way: opinions, the first day in the archive, the second day's papers scored."""

    def rank(liked: list[int]) -> Numbers:
        chosen = [first.papers[i] for i in liked]
        opinions = [Opinion(paper.id, paper.text, "like", NOW) for paper in chosen]
        profile = build_profile([], [], opinions, embedder, store, NOW)
        return score_by_interests(second.papers, second.vectors, profile, first.vectors).raw

    return rank


def measure_likes(
    days: tuple[Path, Path], embedder: Embedder, store: VectorStore
) -> tuple[dict[str, float], dict[str, float]]:
    """Rank the second day by likes of the first.

    Returns:
        Mean average precision by way, and the program's by category. All likes are of one day, so the
        peers' mean cosine, which decays with age, is a plain mean.
    """
    first, second = (Day.read(path, embedder, store) for path in days)
    ways: dict[str, Callable[[list[int]], Numbers]] = {
        "likes": by_program(first, second, embedder, store),
        "likes_decayed": lambda liked: (second.vectors @ first.vectors[liked].T).mean(axis=1),
        "likes_nearest": lambda liked: (second.vectors @ first.vectors[liked].T).max(axis=1),
        "likes_svm": by_support_vectors(first, second),
    }
    found: dict[str, dict[str, list[float]]] = {name: {} for name in ways}
    for category, liked, relevant in draws(first, second):
        for name, rank in ways.items():
            found[name].setdefault(category, []).append(average_precision(rank(liked), relevant))
    by_category = {
        name: {category: float(np.mean(values)) for category, values in table.items()}
        for name, table in found.items()
    }
    means = {name: float(np.mean(list(table.values()))) for name, table in by_category.items()}
    return means, by_category["likes"]


def measure(
    data: Path, part: str, days: tuple[Path, Path], embedder: Embedder, store: VectorStore | None = None
) -> dict[str, float]:
    """Measure both.

    Args:
        data: The folder with CSFCube.
        part: Its name, for other benches; CSFCube's files are called the same in every part.
        days: Two feeds.
        embedder: Places the texts.
        store: Keeps vectors between calls.
    """
    del part
    kept = store or Memory()
    return {**measure_interests(data, embedder, kept), **measure_likes(days, embedder, kept)[0]}


def main() -> None:
    """Measure and print; the last line is for programs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="dev")
    parser.add_argument("--days", type=Path, nargs=2, required=True, metavar=("A", "B"))
    asked = parser.parse_args()
    folder = find_embedder(None)
    embedder = SentenceTransformerEmbedder(folder, sha256_of(folder / "model.safetensors"))
    found = measure(asked.data, asked.part, tuple(asked.days), embedder)
    for name, value in found.items():
        print(f"{name:15s} {value:5.1f}")
    print("RELEVANCE", *(f"{name}={value:.1f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
