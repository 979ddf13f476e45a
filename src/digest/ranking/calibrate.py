"""From similarities to numbers that mean the same every day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

_PRIOR_COUNT = 20
_PRIOR_MEAN = 0.1
_PRIOR_DEVIATION = 0.15
"""Of an interest about whose usual similarity little is known."""

_LEAST_DEVIATION = 0.05
_HALF = 1.75
"""So many deviations above the usual, a similarity is half rare: about the best 25 of 600 papers."""

_LEAST_WAY = 0.2
_SHARPNESS = 10.0

_SLOPE = 1.702
"""The logistic function with this slope is within 0.01 of the normal distribution (Camilli 1994)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What is usual for one interest.

    Attributes:
        mean: Of the similarities of usual papers.
        deviation: Their standard deviation, above 0.
        full: The similarity of a paper that is all about it.
    """

    mean: float
    deviation: float
    full: float

    @classmethod
    def of(cls, similarities: Numbers, full: float) -> Scale:
        """Learn from usual papers (m,); with few of them, stay near what is usual for any interest."""
        count = len(similarities)
        if not count:
            return cls(_PRIOR_MEAN, _PRIOR_DEVIATION, full)
        share = count / (count + _PRIOR_COUNT)
        mean = share * float(similarities.mean()) + (1 - share) * _PRIOR_MEAN
        variance = share * float(similarities.var()) + (1 - share) * _PRIOR_DEVIATION**2
        return cls(mean, max(_LEAST_DEVIATION, variance**0.5), full)

    def relevance(self, similarities: Numbers) -> Numbers:
        """Return relevances, above 0, 1 for a paper that is all about the interest; strictly monotone.

        How high a similarity is, on the way from usual to full, counts half when such similarities are
        common and whole when they are rare: so the best of a month without a single fitting paper is not
        good, and a broad interest does not make everything good.
        """
        rare = 1 / (1 + np.exp(-_SLOPE * ((similarities - self.mean) / self.deviation - _HALF)))
        way = (similarities - self.mean) / max(_LEAST_WAY, self.full - self.mean)
        # Softplus is the way itself where that is above 0, and above 0 and monotone where it is not.
        high = np.logaddexp(0, way * _SHARPNESS) / _SHARPNESS
        return np.asarray(high * (1 + rare) / 2, np.float64)


def soft_maximum(relevances: Numbers) -> Numbers:
    """Return for each row of (n, i) its largest relevance, or a little more when several are near it."""
    norm = (relevances**_NORM).sum(axis=1) ** (1 / _NORM)
    return np.asarray(np.minimum(norm, _AT_MOST * relevances.max(axis=1)), np.float64)


_NORM = 12
_AT_MOST = 1.05
"""However many interests there are: a library may be dozens of topics."""


def to_100(raw: npt.NDArray[np.floating]) -> tuple[int, ...]:
    """Return 1..100, monotone: a paper that was scored at all has at least 1."""
    return tuple(int(value) for value in np.clip(np.rint(raw * 100), 1, 100))


def percentiles(raw: npt.NDArray[np.floating], background: npt.NDArray[np.floating]) -> tuple[int, ...]:
    """Return for each raw score the share of the background that lies below it, in percent."""
    below = np.searchsorted(np.sort(background), raw, side="left")
    return tuple(int(count) for count in np.floor(100 * below / max(1, len(background))))
