"""Choose tokens: greedily, or by chance with a seed; and notice where a model only repeats itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from digest.summarize.grounding import loops

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from digest.summarize.llama import Model

REPEATED_TOKENS = 12
"""Fewer tokens in a row may well be said again."""

_LINE_END = b"\n"


class Sampler:
    """Chooses the next token of a field.

    Args:
        model: Knows which tokens end a text.
        temperature: 0 means the likeliest token.
    """

    def __init__(self, model: Model, temperature: float) -> None:
        self._model = model
        self._temperature = temperature

    def choose(
        self, logits: npt.NDArray[np.float32], generator: np.random.Generator, *, may_end: bool
    ) -> int:
        """Return the next token.

        Args:
            logits: (vocabulary,) float32.
            generator: Of the task, so that its text does not depend on the others.
            may_end: Else the likeliest token is taken that says something: a field that ends before it
                began says nothing.
        """
        token = self._sample(logits, generator)
        if may_end or not self._ends(token):
            return token
        row = logits.copy()
        while self._ends(token):
            row[token] = -np.inf
            token = self._sample(row, generator)
        return token

    def _sample(self, logits: npt.NDArray[np.float32], generator: np.random.Generator) -> int:
        if self._temperature == 0:
            return int(logits.argmax())
        # Gumbel-max (Gumbel 1954): the argmax of noisy logits is a sample of the softmax.
        noise = generator.gumbel(size=logits.shape)
        return int((logits / self._temperature + noise).argmax())

    def _ends(self, token: int) -> bool:
        """Say whether a field ends with `token` and gains no words by it."""
        if self._model.is_end(token):
            return True
        before, line_end, _ = self._model.piece(token).partition(_LINE_END)
        return bool(line_end) and not before.strip()


def says_again(written: Sequence[int], earlier: Collection[Sequence[int]], text: str) -> bool:
    """Say whether a field has become one that the checks reject, so that writing on is lost time.

    Args:
        written: The field's tokens so far.
        earlier: The tokens of the fields before it.
        text: Of the field so far.
    """
    # Tokens are a cheap sign of a loop, the words decide: a long name may well come twice.
    return begins_like(written, earlier) or (comes_round(written) and loops(text))


def begins_like(written: Sequence[int], earlier: Collection[Sequence[int]]) -> bool:
    """Say whether a field is half of one before it, token for token.

    Args:
        written: The field's tokens so far.
        earlier: The tokens of the fields before it.
    """
    count = len(written)
    return any(
        count >= max(REPEATED_TOKENS, (len(other) + 1) // 2)
        and count <= len(other)
        and list(written) == list(other[:count])
        for other in earlier
    )


def comes_round(written: Sequence[int]) -> bool:
    """Say whether a field's newest tokens stand in it before."""
    tail = list(written[-REPEATED_TOKENS:])
    last = len(written) - 2 * REPEATED_TOKENS  # what overlaps with the tail is not said twice yet
    return any(
        written[place] == tail[0] and list(written[place : place + REPEATED_TOKENS]) == tail
        for place in range(last + 1)
    )
