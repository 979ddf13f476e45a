"""What is known of a candidate without embedding it, and how much each thing counts.

The background's numbers are learned from abstracts (`digest.ranking.background`). The few weights of a
style are not learned: they were set by hand and then moved by a coarse search, one weight at a time, on the
development parts of four keyword sets (Inspec and SemEval2017 for phrases, KDD and WWW for terms).
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.background import background, is_adjective, word_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.ranking.candidates import Candidate

EMPTY = word_list("empty")
_LONG = 4  # words


@dataclass(frozen=True, slots=True)
class Weights:
    """What each feature adds to a candidate's score.

    Attributes:
        again: It stands more than once.
        late: log(1 + tokens before it) / 6.
        whole: It was a whole chunk at least once, not always a part of one.
        rare: Inverse document frequency of the whole phrase, 0 to 1.
        rarest: The same of its rarest word.
        single: One word that is no acronym.
        pair: Two words.
        long: 1 for four words, 2.5 for five.
        odd: Begins like a verb or a participle.
        adjective: Ends like an adjective.
        commonplace: All its words are commonplaces.
        inside: How likely one of its words, the last left out, would end a phrase, 0 to 1.
        cosine: Of its embedding to the paper's.
    """

    again: float
    late: float
    whole: float
    rare: float
    rarest: float
    single: float
    pair: float
    long: float
    odd: float
    adjective: float
    commonplace: float
    inside: float
    cosine: float


PHRASES = Weights(
    again=0.7, late=-0.6, whole=4, rare=0.2, rarest=0, single=-1.2, pair=0, long=-0.5, odd=-0.4,
    adjective=-0.2, commonplace=-0.5, inside=-0.4, cosine=4,
)  # fmt: skip
TERMS = Weights(
    again=2.5, late=-3, whole=0.9, rare=0.2, rarest=0.5, single=-0.5, pair=1, long=-3, odd=-3,
    adjective=-0.5, commonplace=-1, inside=0, cosine=9,
)  # fmt: skip


def cheap_scores(candidates: Sequence[Candidate], weights: Weights) -> npt.NDArray[np.float32]:
    """Return what the candidates are worth before any is embedded, (n,) float32."""
    rows = [_features(candidate) for candidate in candidates]
    values = np.array(astuple(weights)[:-1], np.float32)  # (f,), the cosine left out
    return np.array(rows, np.float32).reshape(len(rows), len(values)) @ values


def _features(candidate: Candidate) -> tuple[float, ...]:
    known = background()
    words = [word.lower() for word in candidate.words]
    size = len(words)
    is_acronym = size == 1 and sum(map(str.isupper, candidate.words[0])) > 1
    odd = size > 1 and words[0].endswith(("ing", "ed"))
    return (
        len(candidate.places) > 1,
        math.log1p(candidate.places[0]) / 6,
        candidate.whole > 0,
        known.rarity(" ".join(words)),
        max(map(known.rarity, words)),
        size == 1 and not is_acronym,
        size == 2,  # noqa: PLR2004
        0 if size < _LONG else 1 if size == _LONG else 2.5,
        max(float(odd), min(1, 2 * known.verb(words[0]))),
        is_adjective(words[-1]),
        all(word in EMPTY for word in words),
        max(map(known.ends, words[:-1]), default=0),
    )
