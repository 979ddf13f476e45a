"""Keywords against their references: KeyBERT, YAKE and ours in one run.

    python -m bench.keywords --data DIR --part dev

reads `keywords-{inspec,semeval2017,kdd,www}-PART.jsonl`: a document a line, with `text` and its `keys`.
Inspec and SemEval2017 are measured with the style `phrases`, KDD and WWW with `terms`; each document gets
ten keywords, as a digest of that style with `count = 10` would show them, and KeyBERT (1- to 3-grams, else
its defaults, with the same embedder) and YAKE (its defaults) their best ten.

Protocol: a phrase is its words in lower case, split at white space, each through NLTK's Porter stemmer.
Predictions with equal stems count once. Of the best k that are left, precision is over what was predicted,
recall over all references, present in the text or not; F1 of each document, averaged over documents. A
keyword that joins a long form and its acronym counts as two predictions, in this order.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.paper import Paper
from digest.ranking.embed import embed_once
from digest.ranking.keywords import extract_keywords

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from digest.ranking.embed import Embedder
    from digest.ranking.keywords import Style

SETS: dict[str, Style] = {"inspec": "phrases", "semeval2017": "phrases", "kdd": "terms", "www": "terms"}
SHORT = {"semeval2017": "semeval"}
COUNT = 10
TITLE_WORDS = range(2, 25)


class MemoryStore:
    """Vectors in a dictionary."""

    def __init__(self) -> None:
        self._vectors: dict[str, npt.NDArray[np.float32]] = {}

    def embeddings(self, embedder: str, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:  # noqa: ARG002
        """Return the known vectors by text."""
        return {text: self._vectors[text] for text in texts if text in self._vectors}

    def add_embeddings(self, embedder: str, texts: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:  # noqa: ARG002
        """Remember vectors (n, d)."""
        self._vectors.update(zip(texts, vectors, strict=True))


def read(data: Path, name: str, part: str) -> list[dict[str, Any]]:
    """Return the documents of a set."""
    lines = (data / f"keywords-{name}-{part}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def as_paper(document: dict[str, Any], *, titled: bool) -> Paper:
    """Return a document as a paper.

    Where a set gives no `title` but its texts begin with one, without a full stop (KDD, WWW), the title
    ends before the first capitalized word that follows a word in lower case.
    """
    text: str = document["text"]
    title: str = document.get("title") or ""
    if not text.startswith(title):
        title = ""
    if not title and titled:
        words = list(re.finditer(r"\S+", text))
        for i in TITLE_WORDS:
            if i >= len(words) - 1:
                break
            word, before = words[i][0], words[i - 1][0]
            if word[0].isupper() and (word[1:].islower() or word in ("A", "I")) and before.islower():
                title = text[: words[i].start()].strip() if before[-1].isalnum() else ""
                break
    day = dt.date(2000, 1, 1)
    return Paper(str(document["id"]), 1, title, (), text[len(title) :].strip(), (), day, "none", "", "", "")


@functools.cache
def _stemmer() -> Any:  # noqa: ANN401 - NLTK carries no types
    from nltk.stem import PorterStemmer

    return functools.cache(PorterStemmer().stem)


def stems(phrase: str) -> str:
    """Return a phrase as it is compared."""
    return " ".join(_stemmer()(word) for word in phrase.lower().split())


def unjoined(keywords: Iterable[str]) -> list[str]:
    """Take "long form (LF)" apart again."""
    result: list[str] = []
    for keyword in keywords:
        match = re.fullmatch(r"(.+) \(([^()]+)\)", keyword)
        result += [match[1], match[2]] if match else [keyword]
    return result


def f1(predicted: Sequence[Sequence[str]], documents: Sequence[dict[str, Any]], k: int) -> float:
    """Return F1@k in percent, averaged over documents; the protocol is told above."""
    total = 0.0
    for phrases, document in zip(predicted, documents, strict=True):
        found = set(list(dict.fromkeys(stems(phrase) for phrase in phrases))[:k])
        wanted = {stems(key) for key in document["keys"]}
        total += 2 * len(found & wanted) / max(1, len(found) + len(wanted))
    return 100 * total / max(1, len(documents))


def ours(papers: Sequence[Paper], embedder: Embedder, style: Style) -> tuple[list[list[str]], float]:
    """Return our keywords, and the seconds that they took beside the papers' own embedding."""
    store = MemoryStore()
    vectors = embed_once(embedder, store, [paper.text for paper in papers])
    start = time.perf_counter()
    found = extract_keywords(papers, vectors, embedder, store, count=COUNT, style=style)
    return [unjoined(k.text for k in keywords) for keywords in found], time.perf_counter() - start


def yake(texts: Sequence[str]) -> list[list[str]]:
    """Return YAKE's keywords (Campos et al. 2020)."""
    from yake import KeywordExtractor

    extractor = KeywordExtractor(top=2 * COUNT)  # equal stems count once
    return [[phrase for phrase, _ in extractor.extract_keywords(text)] for text in texts]


def keybert(texts: Sequence[str], folder: Path) -> list[list[str]]:
    """Return KeyBERT's keywords, with the embedder in a local folder."""
    from keybert import KeyBERT
    from sentence_transformers import SentenceTransformer

    model = KeyBERT(SentenceTransformer(str(folder), device="cpu", local_files_only=True))
    result = []
    for text in texts:
        found = model.extract_keywords(text, keyphrase_ngram_range=(1, 3), top_n=2 * COUNT)
        result.append([phrase for phrase, _ in found])
    return result


def measure(
    data: Path,
    part: str,
    embedder: Embedder,
    *,
    baselines: int,
    folder: Path | None = None,
    limit: int | None = None,
) -> dict[str, float]:
    """Measure F1@5 and F1@10 in percent.

    Args:
        data: Folder of the sets.
        part: `dev` or `test`.
        embedder: Ours.
        baselines: For how many documents of each set KeyBERT and YAKE are computed too.
        folder: The embedder's, for KeyBERT; None leaves KeyBERT out.
        limit: Only so many documents of each set.

    Returns:
        `kw_SET_fK`, `yake_SET_fK` and `keybert_SET_fK`, with SET from inspec, semeval, kdd, www;
        `same_SET_fK`, ours for the documents that the baselines saw; and `kw_seconds_1000`, what 1,000
        papers' keywords take beside their embedding.
    """
    results: dict[str, float] = {}
    seconds, papers_read = 0.0, 0
    for name, style in SETS.items():
        documents = read(data, name, part)[:limit]
        texts = [document["text"] for document in documents]
        papers = [as_paper(document, titled=style == "terms") for document in documents]
        found, took = ours(papers, embedder, style)
        seconds, papers_read = seconds + took, papers_read + len(papers)
        ways = {"kw": found}
        if baselines:
            ways["same"] = found[:baselines]
            ways["yake"] = yake(texts[:baselines])
            if folder:
                ways["keybert"] = keybert(texts[:baselines], folder)
        for way, predicted in ways.items():
            for k in (5, COUNT):
                results[f"{way}_{SHORT.get(name, name)}_f{k}"] = f1(predicted, documents[: len(predicted)], k)
    results["kw_seconds_1000"] = 1000 * seconds / max(1, papers_read)
    return results


def print_table(results: Mapping[str, float]) -> None:
    """Print what `measure` returned."""
    names = [SHORT.get(name, name) for name in SETS]
    print(f"\n| F1@5 / F1@10 | {' | '.join(names)} |\n| {'--- | ' * (len(names) + 1)}")
    titles = {
        "keybert": "KeyBERT, first documents",
        "yake": "YAKE, first documents",
        "same": "digest, the same documents",
        "kw": "digest, all documents",
    }
    for way, title in titles.items():
        if f"{way}_inspec_f5" in results:
            cells = (f"{results[f'{way}_{n}_f5']:.1f} / {results[f'{way}_{n}_f10']:.1f}" for n in names)
            print(f"| {title} | {' | '.join(cells)} |")


def main() -> None:
    """Measure and print."""
    from digest.models import find_embedder
    from digest.ranking.embed import SentenceTransformerEmbedder

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="dev")
    parser.add_argument("--embedder")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--baseline-documents", type=int, default=60)
    arguments = parser.parse_args()
    folder = find_embedder(arguments.embedder)
    embedder = SentenceTransformerEmbedder(folder, folder.name, threads=arguments.threads)
    results = measure(
        arguments.data,
        arguments.part,
        embedder,
        baselines=arguments.baseline_documents,
        folder=folder,
        limit=arguments.limit,
    )
    print_table(results)
    print("KEYWORDS", *(f"{name}={value:.1f}" for name, value in results.items()))


if __name__ == "__main__":
    main()
