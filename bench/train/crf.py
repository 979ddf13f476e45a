"""A linear-chain conditional random field (Lafferty et al. 2001), trained on soft labels by L-BFGS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


class Chains:
    """Sequences of different lengths, laid out as a padded grid.

    Args:
        lengths: Of the sequences, which follow each other in every array of rows.
    """

    def __init__(self, lengths: npt.NDArray[np.int64]) -> None:
        self.rows = int(lengths.sum())
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        steps = np.arange(int(lengths.max()))
        self.real = steps < lengths[:, None]  # (chains, longest)
        self.grid = np.where(self.real, starts[:, None] + steps, 0)
        self.first = np.zeros(self.rows, bool)
        self.first[starts] = True

    def marginals(self, scores: Floats, follows: Floats, first: Floats) -> tuple[float, Floats, Floats]:
        """Return the summed log partition, (rows, k) marginals and (k, k) expected transitions."""
        cells = scores[self.grid]  # (chains, longest, k)
        forth, back = cells.copy(), np.zeros_like(cells)
        forth[:, 0] += first
        longest = cells.shape[1]
        for i in range(1, longest):
            step = _log_sum(forth[:, i - 1, :, None] + follows, 1) + cells[:, i]
            forth[:, i] = np.where(self.real[:, i, None], step, forth[:, i - 1])
        partition = _log_sum(forth[:, -1], 1)  # (chains,)
        for i in range(longest - 2, -1, -1):
            step = _log_sum(follows + (cells[:, i + 1] + back[:, i + 1])[:, None, :], 2)
            back[:, i] = np.where(self.real[:, i + 1, None], step, 0)
        marginals = np.zeros_like(scores)
        marginals[self.grid[self.real]] = np.exp(forth + back - partition[:, None, None])[self.real]
        pairs = np.zeros_like(follows)
        for i in range(1, longest):
            here = self.real[:, i]
            to = (cells[here, i] + back[here, i])[:, None, :]
            pairs += np.exp(forth[here, i - 1, :, None] + follows + to - partition[here, None, None]).sum(0)
        return float(partition.sum()), marginals, pairs


@dataclass(frozen=True, slots=True)
class Crf:
    """The learned weights: of d features for k labels, of transitions and of first labels."""

    weights: Floats
    follows: Floats
    first: Floats

    def probabilities(self, rows: Any, lengths: npt.NDArray[np.int64]) -> Floats:  # noqa: ANN401 - scipy has no types
        """Return the marginals, (n, k), of the rows (n, d) of a sparse matrix."""
        return Chains(lengths).marginals(rows @ self.weights, self.follows, self.first)[1]


def train(
    rows: Any,  # noqa: ANN401 - scipy has no types
    lengths: npt.NDArray[np.int64],
    targets: Floats,
    *,
    penalty: float,
    steps: int,
) -> Crf:
    """Fit a field.

    Args:
        rows: The sentences' features, a sparse (n, d) matrix.
        lengths: Of the chains.
        targets: The labels' probabilities, (n, k); of pairs the product is taken.
        penalty: Of squared weights (a Gaussian prior).
        steps: Of L-BFGS at most; stopping early is part of the recipe.
    """
    chains = Chains(lengths)
    rows = rows.astype(np.float32)
    columns = rows.T.tocsr()
    d, k = rows.shape[1], targets.shape[1]
    later = np.flatnonzero(~chains.first)
    wanted_pairs = targets[later - 1].T @ targets[later]
    wanted_first = targets[chains.first].sum(axis=0)

    def unpack(vector: Floats) -> Crf:
        end = d * k + k * k
        return Crf(vector[: d * k].reshape(d, k), vector[d * k : end].reshape(k, k), vector[end:])

    def loss(vector: Floats) -> tuple[float, Floats]:
        crf = unpack(vector)
        scores = (rows @ crf.weights.astype(np.float32)).astype(np.float64)
        partition, marginals, pairs = chains.marginals(scores, crf.follows, crf.first)
        likelihood = (targets * scores).sum() + (wanted_pairs * crf.follows).sum() + wanted_first @ crf.first
        rest = _SMALL * ((crf.follows**2).sum() + (crf.first**2).sum())
        value = partition - likelihood + (penalty * (crf.weights**2).sum() + rest) / 2
        gradient = columns @ (marginals - targets).astype(np.float32) + penalty * crf.weights
        return value, np.concatenate(
            [
                gradient.ravel(),
                (pairs - wanted_pairs + _SMALL * crf.follows).ravel(),
                marginals[chains.first].sum(axis=0) - wanted_first + _SMALL * crf.first,
            ]
        )

    options = {"maxiter": steps, "maxcor": 8}
    found = minimize(loss, np.zeros(d * k + k * k + k), jac=True, method="L-BFGS-B", options=options)
    return unpack(found.x)


_SMALL = 0.01  # the penalty of transitions, which are few


def _log_sum(values: Floats, axis: int) -> Floats:
    most = values.max(axis, keepdims=True)
    return np.asarray(np.squeeze(most, axis) + np.log(np.exp(values - most).sum(axis)))
