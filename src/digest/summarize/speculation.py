"""Prompt-lookup speculation: a summary repeats its abstract, so what follows there is a good guess here.

Drafts come from n-gram matches in the sequence's own tokens (Saxena 2023, prompt lookup decoding); they are
verified in the same batch, and only what the model itself would have chosen is kept (Leviathan et al. 2023).
How far to draft is measured: the share of guesses that come true, and what a pass of n tokens costs here.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LENGTHS = (0, 2, 4, 7, 12)
"""Tokens that may be drafted for one sequence in one step."""

_NGRAMS = (3, 2)
_STREAKS = (1, 2, 4, 8, 16)
_FORGET = 0.98
_PRIOR = (2.0, 4.0)  # guesses that came true, and guesses, before anything is known
_LARGEST_LEARNED = 160
_STEPS_TO_LEARN = 6
_RIDGE = 1e-3
_LEAST_COST = 1e-9


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


def passes(counts: Mapping[int, int]) -> list[int]:
    """Return how many tokens each pass over the weights has, when llama.cpp decodes a batch.

    With a memory for each sequence it computes together only neighbouring sequences, and as many tokens
    of each as the shortest has left (`split_equal` in llama-batch.cpp).

    Args:
        counts: Tokens by sequence.
    """
    left = {sequence: count for sequence, count in sorted(counts.items()) if count}
    sizes = []
    while left:
        run: list[int] = []
        for sequence in left:
            if not run or sequence == run[-1] + 1:
                run.append(sequence)
        length = min(left[sequence] for sequence in run)
        sizes.append(length * len(run))
        for sequence in run:
            left[sequence] -= length
            if not left[sequence]:
                del left[sequence]
    return sizes


class Policy:
    """Chooses how far to draft, from what was measured in this run."""

    def __init__(self) -> None:
        self._hits = [_PRIOR[0]] * (len(_STREAKS) + 1)
        self._tries = [_PRIOR[1]] * (len(_STREAKS) + 1)
        self._sums = [0.0] * 5  # of products of passes, tokens and seconds
        self._steps = 0
        self.drafted = 0
        self.accepted = 0

    def learn_guess(self, streak: int, *, right: bool) -> None:
        """Take note of a guess, also of one that was not drafted: looking costs nothing."""
        place = bisect_left(_STREAKS, streak + 1)
        self._hits[place] = self._hits[place] * _FORGET + right
        self._tries[place] = self._tries[place] * _FORGET + 1

    def learn_time(self, counts: Mapping[int, int], seconds: float) -> None:
        """Take note of what a batch of written and drafted tokens took.

        Args:
            counts: Tokens by sequence.
            seconds: For all of it.
        """
        tokens = sum(counts.values())
        if tokens > _LARGEST_LEARNED:  # a prompt is being read
            return
        number = len(passes(counts))
        for place, (one, other) in enumerate(
            ((number, number), (number, tokens), (tokens, tokens), (number, seconds), (tokens, seconds))
        ):
            self._sums[place] = self._sums[place] * _FORGET + one * other
        self._steps += 1

    def chance(self, streak: int) -> float:
        """Return the chance that the next guess is right after so many right ones in a row."""
        place = bisect_left(_STREAKS, streak + 1)
        return self._hits[place] / self._tries[place]

    def choose(self, streaks: Mapping[int, int | None]) -> dict[int, int]:
        """Return how many tokens to draft for each of the sequences that write.

        Args:
            streaks: Right guesses in a row by sequence; None where there is no guess.
        """
        best = dict.fromkeys(streaks, 0)
        best_rate = len(streaks) / self._cost(best)
        for length in LENGTHS[1:]:
            plan = dict.fromkeys(streaks, 0)
            expected = float(len(streaks))
            for sequence, streak in streaks.items():
                if streak is None or self.chance(streak) < _WORTH_A_TRY:
                    continue
                plan[sequence] = length
                probability = 1.0
                for place in range(length):
                    probability *= self.chance(streak + place)
                    expected += probability
            rate = expected / self._cost(plan)
            if rate > best_rate * _CLEARLY:
                best, best_rate = plan, rate
        return best

    def _cost(self, drafted: Mapping[int, int]) -> float:
        """Estimate the seconds of a batch in which each sequence has one token and its draft.

        A pass costs a constant (the weights are read once) and a share for each token (they are computed
        with): least squares over the latest batches. Before anything is known a token costs nothing, so
        that drafts are tried.
        """
        counts = {sequence: 1 + length for sequence, length in drafted.items()}
        number, tokens = len(passes(counts)), sum(counts.values())
        if self._steps < _STEPS_TO_LEARN:
            return float(number)
        pass_pass, pass_token, token_token, pass_seconds, token_seconds = self._sums
        token_token += _RIDGE * token_token
        pass_pass += _RIDGE * pass_pass
        determinant = pass_pass * token_token - pass_token**2
        of_pass = (pass_seconds * token_token - token_seconds * pass_token) / determinant
        of_token = (token_seconds * pass_pass - pass_seconds * pass_token) / determinant
        return max(number * of_pass + tokens * of_token, _LEAST_COST)


_WORTH_A_TRY = 0.5
_CLEARLY = 1.1  # what is gained must be more than noise
