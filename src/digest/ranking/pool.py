"""The papers of today among those that came before, and how near they lie to what is sought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from digest.ranking.reference_sample import centred, mean_direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Numbers = npt.NDArray[np.float64]

_ROWS_AT_ONCE = 16384

_TASTE_SHARPNESS = 3.0
"""Between the mean (0) and the nearest (infinite) of several papers that stand for one thing."""

_MOST_FEEDBACK = 10
_FEEDBACK = 0.3

_MOST_NEIGHBOURS = 10
_NEIGHBOURS_SHARE = 0.4
_NEIGHBOUR_SHARPNESS = 10.0


class Pool:
    """Rows of papers: today's, recent ones, and a sample of usual ones; N in all.

    Args:
        today: (n, d) float32, unit rows.
        recent: (m, d) of other recent papers; m may be 0.
        reference: (r, d) of usual papers, for scales only; r may be 0.
    """

    def __init__(self, today: Vectors, recent: Vectors, reference: Vectors) -> None:
        groups = [group for group in (today, recent, reference) if len(group)]
        self.size = sum(map(len, groups))
        self.today = len(today)
        self.read = len(today) + len(recent)
        self.mean = mean_direction(*groups) if groups else np.zeros(today.shape[1], np.float32)
        self._groups = groups
        # |v - mean| of unit rows, without moving them: 1 - 2 v.mean + |mean|^2
        shared = self._products(self.mean[None])[:, 0]  # (N,)
        squares = 1 - 2 * shared + np.float32(self.mean @ self.mean)
        self._lengths = np.sqrt(np.maximum(squares, 1e-6))

    def _chunks(self) -> Iterator[tuple[int, Vectors]]:
        start = 0
        for group in self._groups:
            for at in range(0, len(group), _ROWS_AT_ONCE):
                chunk = group[at : at + _ROWS_AT_ONCE]
                yield start, chunk
                start += len(chunk)

    def _products(self, directions: Vectors) -> Vectors:
        result = np.empty((self.size, len(directions)), np.float32)
        for start, chunk in self._chunks():
            np.matmul(chunk, directions.T, out=result[start : start + len(chunk)])
        return result

    def cosines(self, directions: Vectors) -> Vectors:
        """Return cosines to unit directions (p, d), as (N, p)."""
        return self._products(directions)

    def centred_cosines(self, directions: Vectors) -> Vectors:
        """Return cosines (N, p) to unit directions (p, d), without what all papers have in common."""
        moved = centred(directions, self.mean)
        found = (self._products(moved) - moved @ self.mean) / self._lengths[:, None]
        return np.asarray(found, np.float32)

    def row(self, paper: int) -> Vectors:
        """Return the row of one of today's papers, (d,)."""
        return np.asarray(self.today_rows()[paper], np.float32)

    def today_rows(self) -> Vectors:
        """Return the rows of today's papers, (n, d)."""
        return self._groups[0][: self.today]

    def taste(
        self, directions: Vectors, weights: Vectors, words: Vectors | None = None, usual: float = 0.0
    ) -> Numbers:
        """Return how like several papers each row is: between the mean and the nearest.

        Args:
            directions: (p, d), unit rows.
            weights: (p,) above 0.
            words: (n, p) to be added to the cosines of today's rows.
            usual: The same for all other rows.

        Returns:
            (N,), log(sum w exp(t c) / sum w) / t over centred cosines c.
        """
        shares = (weights / weights.sum()).astype(np.float32)
        near = self.centred_cosines(directions)  # (N, p)
        if words is not None:
            near[: self.today] += words
            near[self.today :] += np.float32(usual)
        np.exp(np.multiply(near, np.float32(_TASTE_SHARPNESS), out=near), out=near)
        return np.asarray(np.log((near @ shares).astype(np.float64)) / _TASTE_SHARPNESS, np.float64)

    def with_feedback(self, similarity: Numbers) -> Numbers:
        """Add how near each row is to those that were read and came out best (Rocchio 1971).

        What is sought is told in few words or by few papers; the best of a month show what it looks like
        in full. With few papers at hand the best may be no good, and count less.
        """
        best = min(_MOST_FEEDBACK, self.read // 10)
        if not best:
            return similarity
        order = np.argsort(-similarity[: self.read], kind="stable")[:best]
        rows = centred(self._rows(order), self.mean)  # (k, d)
        centre = rows.mean(axis=0)
        centre /= max(float(np.linalg.norm(centre)), 1e-6)
        near = (self._products(centre[None])[:, 0] - centre @ self.mean) / self._lengths  # (N,)
        share = _FEEDBACK * best / _MOST_FEEDBACK
        return np.asarray(similarity + share * near.astype(np.float64), np.float64)

    def among_neighbours(self, similarity: Numbers) -> Numbers:
        """Move today's papers towards their nearest neighbours of the day (Zhou et al. 2004, one step).

        A few liked papers show a few corners of a subject; what lies among papers of those corners belongs
        to it too. Interests told in words gain nothing by it (measured), so it is for likes alone.
        """
        rows = centred(self.today_rows(), self.mean)  # (n, d)
        count = min(_MOST_NEIGHBOURS, (len(rows) - 1) // 5)
        if count < 1:
            return similarity
        moved = similarity.copy()
        today = similarity[: self.today]
        share = _NEIGHBOURS_SHARE * count / _MOST_NEIGHBOURS
        for start in range(0, len(rows), _ROWS_AT_ONCE // 8):
            near = rows[start : start + _ROWS_AT_ONCE // 8] @ rows.T  # (c, n)
            own = np.arange(len(near))
            near[own, own + start] = -np.inf
            which = np.argpartition(-near, count - 1, axis=1)[:, :count]  # (c, k)
            weights = np.exp(_NEIGHBOUR_SHARPNESS * np.take_along_axis(near, which, axis=1))
            around = (weights * today[which]).sum(axis=1) / weights.sum(axis=1)  # (c,)
            moved[start : start + len(near)] = (1 - share) * today[start : start + len(near)] + share * around
        return moved

    def _rows(self, indices: npt.NDArray[np.intp]) -> Vectors:
        found = []
        for index in indices:
            at = int(index)
            for group in self._groups:
                if at < len(group):
                    found.append(group[at])
                    break
                at -= len(group)
        return np.stack(found)
