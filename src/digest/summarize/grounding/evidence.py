"""Which sentences carry a text, and how much of it the source says at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.summarize.grounding.chinese import chinese_terms, has_any, terms_in
from digest.summarize.grounding.numbers import quantities
from digest.summarize.grounding.words import content_stems, weight

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_MOST_EVIDENCE = 2
_MUCH = 0.5
_MEANING_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a text stands to its source.

    Attributes:
        sentences: Indices of those that carry it, ascending.
        coverage: Share of its telling words that title and abstract have, 0..1, rare words counting more.
        nearest: Share that the best single sentence has, 0..1.
        meaning: Highest cosine similarity to a sentence, -1..1; None without an embedder.
    """

    sentences: tuple[int, ...]
    coverage: float
    nearest: float
    meaning: float | None


def find_evidence(
    text: str,
    stems: tuple[frozenset[str], ...],
    title_stems: frozenset[str],
    cosines: npt.NDArray[np.float32] | None,
) -> Evidence:
    """Find what carries a text.

    Args:
        text: Of the field.
        stems: Of each sentence, with its numbers; (n,).
        title_stems: Of the title.
        cosines: (n,) similarity of the text to each sentence; None without an embedder.
    """
    own = text_stems(text)
    foreign = [chinese_terms()[term] for term in dict.fromkeys(terms_in(text))]
    total = sum(map(weight, own)) or 1.0
    shares = []
    for sentence in stems:
        shared = sum(weight(one) for one in own & sentence)
        shares.append(
            shared / total
            + _MEANING_SHARE * sum(has_any(meant, sentence) for meant in foreign) / (len(foreign) or 1)
        )
    everything = title_stems.union(*stems)
    coverage = sum(weight(one) for one in own & everything) / total
    ranks = shares
    if cosines is not None and len(cosines) == len(shares):
        ranks = [share + float(cosine) for share, cosine in zip(shares, cosines, strict=True)]
    best = sorted(range(len(ranks)), key=lambda i: (-ranks[i], i))[:_MOST_EVIDENCE]
    chosen = sorted(i for i in best if shares[i] > 0 and ranks[i] >= _MUCH * ranks[best[0]])
    meaning = float(cosines.max()) if cosines is not None and len(cosines) else None
    return Evidence(tuple(chosen), coverage, max(shares, default=0.0), meaning)


def text_stems(text: str) -> frozenset[str]:
    """Return the stems of a text's words of meaning, and its numbers."""
    return frozenset(content_stems(text)).union(*(quantity.values for quantity in quantities(text)))
