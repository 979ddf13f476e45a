"""Small networks with one hidden layer, trained on soft labels by AdamW (Loshchilov & Hutter 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

HIDDEN = 48
EPOCHS, BATCH, RATE, DECAY = 12, 64, 2e-3, 0.01
DROP_INPUT, DROP_HIDDEN = 0.2, 0.4


@dataclass(frozen=True, slots=True)
class Networks:
    """The weights of s networks: `hidden` (s, 1 + inputs, h) and `output` (s, 1 + h, k); biases first."""

    hidden: Floats
    output: Floats

    def probabilities(self, inputs: Floats) -> Floats:
        """Return the mean of their answers, (n, k)."""
        inner = np.maximum(inputs @ self.hidden[:, 1:] + self.hidden[:, :1], 0)
        outer = inner @ self.output[:, 1:] + self.output[:, :1]
        odds = np.exp(outer - outer.max(axis=2, keepdims=True))
        return np.asarray((odds / odds.sum(axis=2, keepdims=True)).mean(axis=0))


def train_networks(inputs: Floats, targets: Floats, *, seeds: int) -> Networks:
    """Train networks that differ in their seeds alone.

    Args:
        inputs: (n, inputs).
        targets: The labels' probabilities, (n, k).
        seeds: How many.
    """
    import torch
    from torch import nn

    torch.set_num_threads(1)  # sums in the same order on any machine
    rows, wanted = torch.tensor(inputs, dtype=torch.float32), torch.tensor(targets, dtype=torch.float32)
    hidden: list[npt.NDArray[np.float32]] = []
    output: list[npt.NDArray[np.float32]] = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        into, out = nn.Linear(rows.shape[1], HIDDEN), nn.Linear(HIDDEN, wanted.shape[1])
        net = nn.Sequential(nn.Dropout(DROP_INPUT), into, nn.ReLU(), nn.Dropout(DROP_HIDDEN), out)
        optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
        steps = EPOCHS * (len(rows) // BATCH)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
        for _ in range(EPOCHS):
            order = torch.randperm(len(rows))
            for start in range(0, len(rows) - BATCH + 1, BATCH):
                chosen = order[start : start + BATCH]
                loss = -(wanted[chosen] * net(rows[chosen]).log_softmax(1)).sum(1).mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
        for layer, weights in ((into, hidden), (out, output)):
            weights.append(torch.cat([layer.bias[None], layer.weight.T]).detach().numpy())
    return Networks(np.stack(hidden).astype(np.float64), np.stack(output).astype(np.float64))
