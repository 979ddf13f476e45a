"""Scores from 0 to 100, each with a receipt.

Each interest is compared by itself, in meaning (cosines) and in words (BM25), and put on its own scale;
a paper's raw score is its best interest's, blended with what was learned from likes, less a penalty for
what the reader avoids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from digest.paper import Receipt
from digest.ranking.calibrate import Scale, percentiles, soft_maximum, to_100
from digest.ranking.compare import Comparison, compare, compare_taste
from digest.ranking.lexical import Words
from digest.ranking.pool import Pool
from digest.ranking.reference_sample import reference_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.paper import Paper
    from digest.ranking.likes import Taste
    from digest.ranking.profile import Profile, Target

    Vectors = npt.NDArray[np.float32]
    Numbers = npt.NDArray[np.float64]

_PENALTY = 0.5
_LEARNED_AT_MOST = 0.5
"""Likes count at most as much as what the reader wrote."""

_NO_PENALTY = 0.01
"""So little every paper has in common with a disliked one."""

_LIKES = "papers you liked"
_DISLIKES = "papers you disliked"
_WORDS_SHOWN = 4
_WORTH_TELLING = 0.05
"""Of the raw score: a like that brought less than this is not on the receipt."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of n papers.

    Attributes:
        raw: (n,) float32; what the scores are monotone in.
        scores: 0..100, one for each paper.
        receipts: One for each paper.
    """

    raw: npt.NDArray[np.float32]
    scores: tuple[int, ...]
    receipts: tuple[Receipt, ...]


def score_by_interests(
    papers: Sequence[Paper], vectors: Vectors, profile: Profile, recent: Vectors
) -> Scores:
    """Score papers against a profile that is not empty.

    Args:
        papers: n of them.
        vectors: (n, d), unit rows, of the papers.
        profile: Of the reader.
        recent: (m, d), unit rows, of other recent papers, for scales and percentiles; m may be 0.
    """
    # Equals are told apart by their place: one order, whatever the order of the feeds.
    order = sorted(range(len(papers)), key=lambda i: (papers[i].id, papers[i].version))
    found = _score_in_order([papers[i] for i in order], vectors[order], profile, recent)
    places = np.argsort(order)
    return Scores(
        found.raw[places],
        tuple(found.scores[i] for i in places),
        tuple(found.receipts[i] for i in places),
    )


def _score_in_order(papers: Sequence[Paper], vectors: Vectors, profile: Profile, recent: Vectors) -> Scores:
    count = len(papers)
    if not count:
        return Scores(np.empty(0, np.float32), (), ())
    dimension = vectors.shape[1]
    recent = recent if len(recent) else np.empty((0, dimension), np.float32)
    pool = Pool(vectors, recent, reference_vectors(profile.embedder, dimension))
    desk = _Desk(papers, pool, Words([paper.text for paper in papers]))
    wanted = [desk.relevance(target) for target in profile.interests]
    merits, learned = _merits(desk, profile, wanted)
    penalties, avoided = _penalties(desk, profile, merits)
    raw = (merits - penalties).astype(np.float32)  # (N,)
    # With a young archive, usual papers stand in for recent ones. Only of today's papers it is known whether
    # they have the terms and categories that an interest names: then these alone can be compared.
    others = raw if len(recent) < pool.size - pool.read else raw[: pool.read]
    if any(target.topic.terms or target.topic.categories for target in profile.interests):
        others = raw[:count]
    below = percentiles(raw[:count], others)
    blank = Receipt(_LIKES, 0.0, 0.0, 0)
    receipts = [
        replace(
            desk.nearest(profile, wanted, i) or blank,
            penalty=float(penalties[i]),
            percentile=below[i],
            avoided=avoided[i] if penalties[i] > 0 else "",
        )
        for i in range(count)
    ]
    if not profile.likes.is_empty:
        alone = not profile.interests
        receipts = [
            desk.with_like(receipt, profile.likes, i, alone=alone)
            if alone or learned[i] >= _WORTH_TELLING
            else receipt
            for i, receipt in enumerate(receipts)
        ]
    return Scores(raw[:count], to_100(raw[:count]), tuple(receipts))


def less_avoided(
    scores: Scores, papers: Sequence[Paper], vectors: Vectors, profile: Profile, recent: Vectors
) -> Scores:
    """Take off scores that were made without the profile what it says is not wanted.

    Args:
        scores: Of the papers.
        papers: n of them.
        vectors: (n, d), unit rows, of the papers.
        profile: Only what it avoids and dislikes counts.
        recent: (m, d), unit rows, of other recent papers, for scales; m may be 0.
    """
    if not papers or (not profile.avoid and profile.dislikes.is_empty):
        return scores
    dimension = vectors.shape[1]
    recent = recent if len(recent) else np.empty((0, dimension), np.float32)
    pool = Pool(vectors, recent, reference_vectors(profile.embedder, dimension))
    desk = _Desk(papers, pool, Words([paper.text for paper in papers]))
    penalties, avoided = _penalties(desk, profile, np.zeros(pool.size))
    own = penalties[: len(papers)]  # (n,)
    raw = (scores.raw - own).astype(np.float32)
    below = percentiles(raw, raw)
    receipts = tuple(
        replace(
            receipt,
            penalty=receipt.penalty + float(cost),
            percentile=percentile,
            avoided=name if cost > 0 else receipt.avoided,
        )
        for receipt, cost, percentile, name in zip(scores.receipts, own, below, avoided, strict=True)
    )
    return Scores(raw, to_100(raw), receipts)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A day's papers, their rows and their words."""

    papers: Sequence[Paper]
    pool: Pool
    words: Words

    def relevance(self, target: Target) -> tuple[Numbers, Comparison]:
        """Return relevances (N,) to a topic, and what was seen of today's papers."""
        seen = compare(self.pool, self.words, self.papers, target)
        relevance = self._scale(seen.similarity, seen.full).relevance(seen.similarity)
        # A weight lifts or lowers what is partly relevant; what is all about the topic stays what it is.
        bent = relevance ** (1 / target.topic.weight)
        return np.where(relevance < 1, bent, relevance), seen

    def taste(self, taste: Taste) -> Numbers:
        """Return relevances (N,) to papers of one verdict."""
        similarity, full = compare_taste(self.pool, taste)
        return self._scale(similarity, full).relevance(similarity)

    def _scale(self, similarity: Numbers, full: float) -> Scale:
        # What was there before today; when nothing was, and there is no sample either, today itself.
        usual = similarity[self.pool.today :]
        return Scale.of(usual if len(usual) else similarity, full)

    def nearest(
        self, profile: Profile, wanted: Sequence[tuple[Numbers, Comparison]], paper: int
    ) -> Receipt | None:
        """Return what a receipt says of the interest that a paper fits best, if there is any."""
        if not wanted:
            return None
        which = int(np.argmax([relevance[paper] for relevance, _ in wanted]))
        target, seen = profile.interests[which], wanted[which][1]
        words = self.shared(target, seen, paper)
        return Receipt(target.topic.name, float(seen.cosine[paper]), 0.0, 0, words)

    def with_like(self, receipt: Receipt, likes: Taste, paper: int, *, alone: bool) -> Receipt:
        """Return a receipt that names the like that lies nearest; its cosine too, where likes are alone."""
        cosines = likes.vectors @ self.pool.row(paper)  # (p,)
        best = int(cosines.argmax())
        cosine = float(cosines[best]) if alone else receipt.cosine
        return replace(receipt, cosine=cosine, liked=likes.ids[best], liked_title=likes.titles[best])

    def shared(self, target: Target, seen: Comparison, paper: int) -> tuple[str, ...]:
        """Return the terms and words that a paper shares with a topic, the most telling first."""
        terms = seen.terms[paper]
        words = self.words.best(seen.query(target, paper), paper, _WORDS_SHOWN)
        return tuple(dict.fromkeys((*terms, *words)))[:_WORDS_SHOWN]


def _merits(
    desk: _Desk, profile: Profile, wanted: Sequence[tuple[Numbers, Comparison]]
) -> tuple[Numbers, Numbers]:
    """Return what speaks for each row, (N,), and how much of it was learned from likes."""
    none = np.zeros(desk.pool.size)
    told = soft_maximum(np.stack([relevance for relevance, _ in wanted], axis=1)) if wanted else none
    if profile.likes.is_empty:
        return told, none
    learned = desk.taste(profile.likes)
    share = _LEARNED_AT_MOST * profile.likes.confidence if wanted else 1.0
    return (1 - share) * told + share * learned, share * learned


def _penalties(desk: _Desk, profile: Profile, merits: Numbers) -> tuple[Numbers, list[str]]:
    """Return what is taken off each row, (N,), and for each of today's papers, on account of what."""
    names = [target.topic.name for target in profile.avoid]
    # Only what is nearer to an avoidance than to what is wanted is pushed down.
    costs = [
        _PENALTY * np.clip(np.minimum(desk.relevance(target)[0], 1) - merits / 2, 0, None)
        for target in profile.avoid
    ]
    if not profile.dislikes.is_empty:
        names.append(_DISLIKES)
        share = _PENALTY * profile.dislikes.confidence
        costs.append(np.clip(share * desk.taste(profile.dislikes) - _NO_PENALTY, 0, None))
    if not costs:
        return np.zeros(desk.pool.size), [""] * len(desk.papers)
    table = np.stack(costs)  # (a, N)
    return table.max(axis=0), [names[which] for which in table[:, : len(desk.papers)].argmax(axis=0)]
