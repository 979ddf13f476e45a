"""Find papers in the archive by words and by meaning.

Words: SQLite's FTS5, ranked by BM25. Meaning: cosines of the query's vector to every paper's. The rankings
are joined by their places (reciprocal rank fusion, Cormack et al. 2009), which needs no common scale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from digest.archive import Filter
from digest.text.clean import clean_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from digest.archive import Archive
    from digest.paper import Paper

_LONGEST_QUERY = 2000  # characters
_MOST_TERMS = 64  # FTS5 gives up at a depth of 256
_DEPTH = 200  # places of each ranking that are joined
_FUSION = 60  # of reciprocal rank fusion, as its authors chose it
_FEW = 20  # papers with all words: then those with some of them are sought, too
_COMMON = 5000  # papers with a word that alone says too little, and to rank all of them would take long
_LEAST_MEANING = 0.2  # cosine: below, papers of the default embedder have nothing to do with what is sought
_BLOCK = 4096  # papers whose vectors are read at once
_PART = re.compile(r'"([^"]*)"?|(\S+)')


@dataclass(frozen=True, slots=True)
class Query:
    """What is sought.

    Attributes:
        text: All of it, without quotation marks: what is embedded.
        phrases: Words that must stand side by side in every paper found.
        words: Words that should.
    """

    text: str
    phrases: tuple[str, ...]
    words: tuple[str, ...]

    @classmethod
    def parse(cls, raw: str) -> Query:
        """Read plain words and "phrases"; every other mark is a character like any."""
        phrases: list[str] = []
        words: list[str] = []
        for phrase, word in _PART.findall(clean_text(raw[:_LONGEST_QUERY])):
            part, found = (phrase, phrases) if phrase else (word.replace('"', " "), words)
            if any(character.isalnum() for character in part):
                found.append(part.strip())
        text = " ".join([*phrases, *words])
        if not phrases:  # in the order in which it was written
            text = clean_text(raw[:_LONGEST_QUERY].replace('"', " "))
        return cls(text, tuple(phrases[:_MOST_TERMS]), tuple(words[:_MOST_TERMS]))

    @property
    def required(self) -> str:
        """The phrases as an FTS5 expression; empty for none."""
        return " AND ".join(map(_quoted, self.phrases))

    def expression(self, how: str) -> str:
        """Return phrases and words as an FTS5 expression; `how` joins the words: AND or OR."""
        words = f" {how} ".join(map(_quoted, self.words))
        return " AND ".join(part for part in (self.required, f"({words})" if words else "") if part)


def _quoted(term: str) -> str:
    """Return a string of FTS5: nothing in it is syntax."""
    return '"' + term.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that was found.

    Attributes:
        paper_id: Without version.
        words: Its place in the ranking by words, from 1; None when it is not in it.
        meaning: Its cosine to what was sought, -1..1; None when meaning was not asked.
    """

    paper_id: str
    words: int | None
    meaning: float | None


class Meanings:
    """The vectors of every paper, in memory: 154 MB for 100,000 papers of 384 numbers.

    As float32: to widen float16 anew for each query takes three times as long as the products.

    Args:
        archive: Where they are read from, once.
        embedder: Identity of the embedder that made them.
    """

    def __init__(self, archive: Archive, embedder: str) -> None:
        self.ids: list[str] = []
        self._blocks: list[npt.NDArray[np.float32]] = []
        for ids, vectors in archive.iter_embeddings(embedder, chunk=_BLOCK):
            self.ids += ids
            self._blocks.append(vectors)

    def __len__(self) -> int:
        return len(self.ids)

    def cosines(self, vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the cosine (n,) float32 of each paper to a vector (d,) of unit length."""
        if not self._blocks:
            return np.empty(0, np.float32)
        return np.concatenate([block @ vector for block in self._blocks])

    def nearest(
        self,
        vector: npt.NDArray[np.float32],
        *,
        among: Collection[str] | None = None,
        limit: int = _DEPTH,
    ) -> list[tuple[str, float]]:
        """Return ids and cosines of the nearest papers, the nearest first.

        Args:
            vector: (d,) float32 of unit length.
            among: Only these papers; None for all.
            limit: At most so many.
        """
        cosines = self.cosines(vector)
        if among is not None:
            cosines[[paper_id not in among for paper_id in self.ids]] = -np.inf
        limit = min(limit, len(cosines))
        if not limit:
            return []
        best = np.argpartition(-cosines, limit - 1)[:limit]
        best = best[np.lexsort((best, -cosines[best]))]
        return [(self.ids[i], float(cosines[i])) for i in best if np.isfinite(cosines[i])]


def search(
    archive: Archive,
    query: Query,
    *,
    chosen: Filter | None = None,
    limit: int = 20,
    meanings: Meanings | None = None,
    vector: npt.NDArray[np.float32] | None = None,
) -> list[Hit]:
    """Return the papers that answer a query best.

    Args:
        archive: Where words are sought.
        query: What is sought. Its phrases must stand in what is found.
        chosen: Only these papers.
        limit: At most so many.
        meanings: The papers' vectors; None means to seek by words alone.
        vector: That of `query.text`, (d,) float32 of unit length.
    """
    chosen = chosen or Filter()
    depth = max(limit, _DEPTH)
    by_words = _by_words(archive, query, chosen, depth)
    near: list[tuple[str, float]] = []
    if meanings is not None and vector is not None and query.text:
        everything = chosen == Filter() and not query.phrases
        among = None if everything else archive.chosen(chosen, query.required)
        near = meanings.nearest(vector, among=among, limit=depth)
        near = [(paper_id, cosine) for paper_id, cosine in near if cosine >= _LEAST_MEANING]
    places = {paper_id: place for place, paper_id in enumerate(by_words, start=1)}
    cosines = dict(near)
    scores: dict[str, float] = {}
    for ranking in (by_words, [paper_id for paper_id, _ in near]):
        for place, paper_id in enumerate(ranking, start=1):
            scores[paper_id] = scores.get(paper_id, 0.0) + 1 / (_FUSION + place)
    best = sorted(scores, key=lambda paper_id: -scores[paper_id])[:limit]
    return [Hit(paper_id, places.get(paper_id), cosines.get(paper_id)) for paper_id in best]


def _by_words(archive: Archive, query: Query, chosen: Filter, depth: int) -> list[str]:
    """Rank the papers with all words, then, if these are few, those with some that are not in every paper."""
    expression = query.expression("AND")
    if not expression:
        return []
    found = archive.find_words(expression, chosen, limit=depth)
    if len(found) < _FEW and len(query.words) > 1:
        telling = [w for w in query.words if archive.count_words(_quoted(w), most=_COMMON) < _COMMON]
        expression = replace(query, words=tuple(telling)).expression("OR")
        some = archive.find_words(expression, chosen, limit=depth) if expression else []
        found = list(dict.fromkeys([*found, *some]))[:depth]
    return found


def related(
    paper: Paper,
    vector: npt.NDArray[np.float32],
    meanings: Meanings,
    *,
    archive: Archive,
    chosen: Filter | None = None,
    limit: int = 20,
) -> list[Hit]:
    """Return the papers nearest to one, which is not among them.

    Args:
        paper: The one.
        vector: Its own, (d,) float32 of unit length.
        meanings: Where the others are.
        archive: Knows which are chosen.
        chosen: Only these papers.
        limit: At most so many.
    """
    among = archive.chosen(chosen) if chosen and chosen != Filter() else None
    near = meanings.nearest(vector, among=among, limit=limit + 1)
    others = [(paper_id, cosine) for paper_id, cosine in near if paper_id != paper.id]
    return [Hit(paper_id, None, cosine) for paper_id, cosine in others[:limit]]


def papers_of(archive: Archive, hits: Sequence[Hit]) -> list[Paper]:
    """Return the papers of hits, in their order."""
    return [paper for hit in hits if (paper := archive.paper(hit.paper_id))]
