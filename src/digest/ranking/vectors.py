"""How vectors are stored: float16, which halves them and moves cosines by less than 0.0001."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

STORED = np.dtype("<f2")


def pack(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float16]:
    """Return vectors (n, d) as they are stored."""
    return vectors.astype(STORED)


def unpack(blobs: Sequence[bytes]) -> npt.NDArray[np.float32]:
    """Return stored vectors as (n, d) float32; (0, 0) for none.

    Rows that were of unit length are so still, within 0.0001: rounding errors cancel each other, and
    making them exact would cost more than scoring does.
    """
    if not blobs:
        return np.empty((0, 0), np.float32)
    return np.frombuffer(b"".join(blobs), STORED).reshape(len(blobs), -1).astype(np.float32)


def as_stored(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return vectors (n, d) as they will come back: fresh ones then score exactly as stored ones do."""
    return pack(vectors).astype(np.float32)
