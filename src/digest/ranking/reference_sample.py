"""What papers usually look like, so that a score is told against more than one day."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]


@functools.cache
def _shipped() -> tuple[str, Vectors]:
    """Return the embedder's identity, and (256, d) float32, unit rows."""
    with np.load(Path(__file__).parent / "reference" / "vectors.npz", allow_pickle=False) as file:
        rows = file["rows"].astype(np.float32)
        return str(file["identity"]), rows / np.linalg.norm(rows, axis=1, keepdims=True)


def reference_vectors(embedder: str, dimension: int) -> Vectors:
    """Return vectors of usual abstracts of computer science.

    Args:
        embedder: Its identity: vectors of one embedder say nothing about another's.
        dimension: Of its vectors.

    Returns:
        (256, d) float32, unit rows, for the default embedder; (0, d) for any other.
    """
    identity, rows = _shipped()
    return rows if embedder == identity else np.empty((0, dimension), np.float32)


def mean_direction(*groups: Vectors) -> Vectors:
    """Return the mean of all rows, (d,) float32: what all papers have in common; not of unit length."""
    count = sum(len(rows) for rows in groups)
    if not count:
        return np.zeros(groups[0].shape[1], np.float32)
    total = sum((rows.sum(axis=0, dtype=np.float64) for rows in groups if len(rows)), start=np.float64(0))
    return np.asarray(total / count, np.float32)


def centred(rows: Vectors, mean: Vectors) -> Vectors:
    """Return the rows without what all papers have in common, (n, d) float32, unit rows.

    Cosines of such rows tell papers of one field apart (Mu & Viswanath 2018, without their principal
    components, which hold the fields themselves).
    """
    moved = rows - mean
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(lengths > 0, lengths, 1), np.float32)
