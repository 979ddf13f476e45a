"""Prompt-lookup speculation: a summary repeats its abstract, so what follows there is a good guess here.

Drafts come from n-gram matches in the sequence's own tokens (Saxena 2023, prompt lookup decoding); they are
verified in the same batch, and only what the model itself would have chosen is kept (Leviathan et al. 2023).
How far to draft is measured: the share of guesses that come true, and what a batch of n tokens costs here.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTHS = (0, 2, 4, 7, 12)
"""Tokens that may be drafted for one sequence in one step."""

_NGRAMS = (3, 2)
_STREAKS = (1, 2, 4, 8, 16)
_FORGET = 0.98
_PRIOR = (2.0, 4.0)  # guesses that came true, and guesses, before anything is known
_NEWEST = 0.3  # weight of the newest time


class Lookup:
    """The tokens of one sequence, and where in them the text seems to be copied from.

    Args:
        tokens: What was in the sequence before anything was written.
    """

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens: list[int] = []
        self._after: dict[tuple[int, ...], int] = {}
        self._source: int | None = None
        self.streak = 0
        self.extend(tokens)

    def extend(self, tokens: Sequence[int]) -> None:
        """Append tokens that were not guessed at: prompts and labels."""
        for token in tokens:
            self._append(token)
        self.streak = 0

    def observe(self, token: int) -> bool | None:
        """Append a written token; return whether it was the one that was guessed, None without a guess."""
        guess = self._tokens[self._source] if self._source is not None else None
        right = None if guess is None else guess == token
        self.streak = self.streak + 1 if right else 0
        following = self._source + 1 if right and self._source is not None else None
        self._append(token)
        if following is not None:  # go on copying from the same place
            self._source = following
        return right

    def draft(self, length: int) -> list[int]:
        """Return at most `length` tokens that may come next."""
        if self._source is None:
            return []
        return self._tokens[self._source : self._source + length]

    def _append(self, token: int) -> None:
        self._tokens.append(token)
        end = len(self._tokens)
        self._source = None
        for size in _NGRAMS:
            if end < size:
                continue
            key = tuple(self._tokens[end - size :])
            if self._source is None:
                self._source = self._after.get(key)
            self._after[key] = end


class Policy:
    """Chooses how far to draft, from what was measured in this run."""

    def __init__(self) -> None:
        self._hits = [_PRIOR[0]] * (len(_STREAKS) + 1)
        self._tries = [_PRIOR[1]] * (len(_STREAKS) + 1)
        self._seconds: dict[int, float] = {}
        self.drafted = 0
        self.accepted = 0

    def learn_guess(self, streak: int, *, right: bool) -> None:
        """Take note of a guess, also of one that was not drafted: looking costs nothing."""
        place = bisect_left(_STREAKS, streak + 1)
        self._hits[place] = self._hits[place] * _FORGET + right
        self._tries[place] = self._tries[place] * _FORGET + 1

    def learn_time(self, tokens: int, seconds: float) -> None:
        """Take note of what a batch of so many written and drafted tokens took (seconds)."""
        known = self._seconds.get(tokens)
        self._seconds[tokens] = seconds if known is None else known + _NEWEST * (seconds - known)

    def chance(self, streak: int) -> float:
        """Return the chance that the next guess is right after so many right ones in a row."""
        place = bisect_left(_STREAKS, streak + 1)
        return self._hits[place] / self._tries[place]

    def choose(self, streaks: Sequence[int | None]) -> list[int]:
        """Return how many tokens to draft for each of the sequences that write.

        Args:
            streaks: Right guesses in a row of each sequence; None where there is no guess.
        """
        alone = len(streaks)
        best, best_rate = [0] * alone, alone / self._cost(alone)
        for length in LENGTHS[1:]:
            plan = [0] * alone
            expected = float(alone)
            for number, streak in enumerate(streaks):
                if streak is None or self.chance(streak) < _WORTH_A_TRY:
                    continue
                plan[number] = length
                probability, running = 1.0, streak
                for _ in range(length):
                    probability *= self.chance(running)
                    expected += probability
                    running += 1
            rate = expected / self._cost(alone + sum(plan))
            if rate > best_rate * _CLEARLY:
                best, best_rate = plan, rate
        return best

    def _cost(self, tokens: int) -> float:
        """Estimate the seconds of a batch.

        What is larger than anything tried is taken to cost as much as that, so that it is tried.
        """
        if not self._seconds:
            return 1.0
        if tokens in self._seconds:
            return self._seconds[tokens]
        sizes = sorted(self._seconds)
        place = bisect_left(sizes, tokens)
        if place == 0:
            return self._seconds[sizes[0]]
        if place == len(sizes):
            return self._seconds[sizes[-1]]
        below, above = sizes[place - 1], sizes[place]
        share = (tokens - below) / (above - below)
        return self._seconds[below] * (1 - share) + self._seconds[above] * share


_WORTH_A_TRY = 0.5
_CLEARLY = 1.03
