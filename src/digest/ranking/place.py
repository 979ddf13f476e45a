"""Where a day's papers lie on a map: near each other when their texts are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

FEWEST = 3
_DIGITS = 4


def place(vectors: npt.NDArray[np.float32]) -> list[tuple[float, float] | None]:
    """Project embeddings on their first two principal components, each stretched over 0..1.

    The sign of a component is arbitrary: it is chosen so that its largest loading is positive, and the
    same papers always make the same map.

    Args:
        vectors: One row a paper, shape (papers, dimension).

    Returns:
        A position for each row; None for all of them when there are fewer than three.
    """
    if len(vectors) < FEWEST:
        return [None] * len(vectors)
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    axes = components[:2]
    largest = np.abs(axes).argmax(axis=1)
    axes *= np.where(axes[np.arange(len(axes)), largest] < 0, -1, 1)[:, None]
    projected = np.zeros((len(vectors), 2))
    projected[:, : len(axes)] = centred @ axes.T
    return [(x, y) for x, y in np.column_stack([_stretch(column) for column in projected.T]).tolist()]


def _stretch(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Move `values` to 0..1; without any spread they are all in the middle."""
    low, high = values.min(), values.max()
    if high - low < 10**-_DIGITS / 2:
        return np.full_like(values, 0.5)
    stretched: npt.NDArray[np.float64] = ((values - low) / (high - low)).round(_DIGITS)
    return stretched
