"""Keywords: phrases between stop words, ranked by their cosine to the paper, kept apart by MMR."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digest.paper import Keyword
from digest.ranking.embed import embed_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.paper import Paper
    from digest.ranking.embed import Embedder, Progress, VectorStore

_MOST_WORDS = 4
_MOST_CANDIDATES = 40
_RANK_COST = 0.004  # of cosine, for each place further down by prominence
_RELEVANCE = 0.7  # of maximal marginal relevance (Carbonell & Goldstein 1998), lambda


def _words(name: str) -> frozenset[str]:
    """Return the words of a list that travels with this package; lines with # are comments."""
    lines = (Path(__file__).parent / "words" / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


_BREAKS = _words("breaks")
_EMPTY = _words("empty")

_SHORTEST_ADVERB = 4
_NO_ADVERB = frozenset(
    {"anomaly", "assembly", "family", "butterfly", "monopoly", "supply", "reply", "multiply"}
)

_WORD = re.compile(r"[^\W_](?:[\w'’+#./-]*[\w+#])?")
_PHRASE_END = re.compile(r"[,;:!?()\[\]{}\"“”]|\.(?=\s|$)|\s[–—-]\s")


def candidates(paper: Paper) -> list[str]:
    """Return phrases that may be keywords, the most prominent first, each once, casing as in the text."""
    found: dict[str, tuple[float, str]] = {}
    for weight, text in ((2.0, paper.title), (1.0, paper.abstract)):
        for chunk in _PHRASE_END.split(text):
            for phrase in _phrases(chunk):
                key = phrase.lower()
                count, shown = found.get(key, (0.0, phrase))
                # "Graph Attention" of a title reads better as the text has it, "graph attention".
                better = phrase if phrase.islower() and shown.istitle() else shown
                found[key] = (count + weight * (1 + 0.1 * (len(phrase.split()) > 1)), better)
    ranked = sorted(found.items(), key=lambda item: -item[1][0])
    return [shown for _, (_, shown) in ranked[:_MOST_CANDIDATES]]


def _breaks(word: str) -> bool:
    lower = word.lower()
    return lower in _BREAKS or (
        lower.endswith("ly") and len(lower) > _SHORTEST_ADVERB and lower not in _NO_ADVERB
    )


def _phrases(chunk: str) -> list[str]:
    phrases: list[list[str]] = [[]]
    for word in _WORD.findall(chunk):
        if _breaks(word) or (word[0].isdigit() and not any(c.isalpha() for c in word)):
            phrases.append([])
        else:
            phrases[-1].append(word)
    return [
        " ".join(words) for words in phrases if words and len(words) <= _MOST_WORDS and _says_something(words)
    ]


def _says_something(words: Sequence[str]) -> bool:
    return any(word.lower() not in _EMPTY for word in words) and len("".join(words)) > 2  # noqa: PLR2004


def extract_keywords(
    papers: Sequence[Paper],
    vectors: npt.NDArray[np.float32],
    embedder: Embedder,
    store: VectorStore,
    *,
    count: int = 8,
    progress: Progress | None = None,
) -> list[tuple[Keyword, ...]]:
    """Return the keywords of each paper, the most typical first.

    Args:
        papers: n papers.
        vectors: (n, d), unit rows, of the papers.
        embedder: Places the phrases.
        store: Phrases met before are not embedded again.
        count: Most keywords for a paper.
        progress: For the embedding.
    """
    phrases = [candidates(paper) for paper in papers]
    flat = list(dict.fromkeys(phrase for group in phrases for phrase in group))
    places = dict(zip(flat, embed_once(embedder, store, flat, progress), strict=True))
    result: list[tuple[Keyword, ...]] = []
    for group, vector in zip(phrases, vectors, strict=True):
        if not group:
            result.append(())
            continue
        matrix = np.stack([places[phrase] for phrase in group])  # (c, d)
        result.append(tuple(_diverse(group, matrix, vector, count)))
    return result


def _diverse(
    phrases: Sequence[str], matrix: npt.NDArray[np.float32], vector: npt.NDArray[np.float32], count: int
) -> list[Keyword]:
    # What stands more often, or in the title, comes first in `phrases`: worth a little.
    relevance = matrix @ vector - _RANK_COST * np.arange(len(phrases), dtype=np.float32)  # (c,)
    nearness = matrix @ matrix.T  # (c, c)
    chosen: list[int] = []
    open_ = set(range(len(phrases)))
    while open_ and len(chosen) < count:
        redundancy = nearness[:, chosen].max(axis=1) if chosen else np.zeros(len(phrases), np.float32)
        gain = _RELEVANCE * relevance - (1 - _RELEVANCE) * redundancy
        best = max(open_, key=lambda i: (float(gain[i]), -i))
        open_.remove(best)
        if not any(_same(phrases[best], phrases[other]) for other in chosen):
            chosen.append(best)
    chosen.sort(key=lambda i: (-float(relevance[i]), i))
    return [Keyword(phrases[i], float(np.clip(relevance[i], 0, 1))) for i in chosen]


def _same(one: str, other: str) -> bool:
    """Say whether two phrases are one keyword: singular and plural, or one a part of the other."""
    first, second = (re.sub(r"s\b", "", phrase.lower()) for phrase in (one, other))
    return first in second or second in first
