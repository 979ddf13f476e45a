"""What the reader is interested in, as vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.embed import embed_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.config import Interest
    from digest.ranking.embed import Embedder, VectorStore


@dataclass(frozen=True, slots=True)
class Profile:
    """Interests and dislikes, each one vector.

    Attributes:
        names: One for each interest.
        interests: (i, d) float32, unit rows.
        weights: (i,) float32.
        avoid: (a, d) float32, unit rows.
        avoid_weights: (a,) float32.
    """

    names: tuple[str, ...]
    interests: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]
    avoid: npt.NDArray[np.float32]
    avoid_weights: npt.NDArray[np.float32]

    @property
    def is_empty(self) -> bool:
        """Whether the reader has named no interest."""
        return not self.names


def build_profile(
    interests: Sequence[Interest], avoid: Sequence[Interest], embedder: Embedder, store: VectorStore
) -> Profile:
    """Embed what the config says."""
    return Profile(
        names=tuple(interest.label for interest in interests),
        interests=embed_once(embedder, store, [interest.text for interest in interests]),
        weights=np.array([interest.weight for interest in interests], np.float32),
        avoid=embed_once(embedder, store, [interest.text for interest in avoid]),
        avoid_weights=np.array([interest.weight for interest in avoid], np.float32),
    )
