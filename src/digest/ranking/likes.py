"""What the reader's opinions of papers say: what was liked, what was not, what is not to come again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.embed import embed_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from digest.ranking.embed import Embedder, VectorStore
    from digest.ranking.interests import Opinion, Verdict

_HALF_LIFE_DAYS = 90.0
_LEAST_WEIGHT = 1e-3  # of what was said by a clock that was wrong by decades: small, and still a number
_HALF_SURE = 5.0
"""With so many fresh likes, the learner is half as sure as it can get."""


@dataclass(frozen=True, slots=True)
class Taste:
    """Papers of one verdict.

    Attributes:
        ids: p of them.
        titles: Their titles.
        vectors: (p, d) float32, unit rows.
        weights: (p,) float32, 0..1: 1 today, a half after 90 days.
    """

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    vectors: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]

    @property
    def is_empty(self) -> bool:
        """Whether there is no such paper."""
        return not self.ids

    @property
    def confidence(self) -> float:
        """How sure one can be of what these papers have in common: 0..1, more with each of them."""
        count = float(self.weights.sum())
        return count / (count + _HALF_SURE)


def last_words(opinions: Iterable[Opinion]) -> list[Opinion]:
    """Return the last opinion on each paper, oldest first."""
    latest: dict[str, Opinion] = {}
    for opinion in sorted(opinions, key=lambda opinion: opinion.at):
        latest.pop(opinion.paper_id, None)
        latest[opinion.paper_id] = opinion
    return list(latest.values())


def hidden(opinions: Iterable[Opinion]) -> frozenset[str]:
    """Return the ids of papers that the reader does not want to see again."""
    return frozenset(opinion.paper_id for opinion in last_words(opinions) if opinion.verdict == "hide")


def taste_of(
    opinions: Sequence[Opinion], verdict: Verdict, embedder: Embedder, store: VectorStore, now: dt.datetime
) -> Taste:
    """Gather the papers of one verdict; those of long ago count less."""
    # Of a paper that is no longer known there is nothing to learn.
    chosen = [opinion for opinion in last_words(opinions) if opinion.verdict == verdict and opinion.text]
    ages = [max(0.0, (now - opinion.at) / dt.timedelta(days=1)) for opinion in chosen]
    return Taste(
        ids=tuple(opinion.paper_id for opinion in chosen),
        titles=tuple(opinion.title for opinion in chosen),
        vectors=embed_once(embedder, store, [opinion.text for opinion in chosen]),
        weights=np.array([max(_LEAST_WEIGHT, 0.5 ** (age / _HALF_LIFE_DAYS)) for age in ages], np.float32),
    )
