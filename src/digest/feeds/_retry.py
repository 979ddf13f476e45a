"""Try again what may pass: a few times, with growing pauses, never sooner than the server asks."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

    from digest.errors import FeedError

MOST_TRIES = 4
LONGEST_WAIT_S = 60.0  # for one pause; a server that asks for more is not asked again in this run
MOST_WAITED_S = 150.0  # for all pauses together
_FIRST_PAUSE_S = 1.0

_Result = TypeVar("_Result")


class TryAgainError(Exception):
    """A failure that may pass; `wait_s` is what the server asked for, if it did."""

    def __init__(self, error: FeedError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


def random_share() -> float:
    """Return a number in 0..1, so that not all readers come back at the same moment."""
    return secrets.randbelow(1000) / 1000


def with_retries(
    work: Callable[[], _Result], *, sleep: Callable[[float], None], jitter: Callable[[], float]
) -> _Result:
    """Do `work`, again when it raises `TryAgainError`.

    Args:
        work: What to do.
        sleep: Waits that many seconds.
        jitter: A random number in 0..1: so much is added to a pause, which doubles each time.

    Raises:
        FeedError: It failed, the last time for good.
    """
    from tenacity import Retrying, retry_if_exception_type

    def pause(state: RetryCallState) -> float:
        if (asked := _failure(state).wait_s) is not None:
            return asked
        return float(_FIRST_PAUSE_S * 2.0 ** (state.attempt_number - 1) * (1 + jitter()))

    def is_over(state: RetryCallState) -> bool:
        next_pause = state.upcoming_sleep
        return (
            state.attempt_number >= MOST_TRIES
            or next_pause > LONGEST_WAIT_S
            or state.idle_for + next_pause > MOST_WAITED_S
        )

    retrying = Retrying(
        sleep=sleep,
        wait=pause,
        stop=is_over,
        retry=retry_if_exception_type(TryAgainError),
        reraise=True,
    )
    try:
        return retrying(work)
    except TryAgainError as failure:
        raise failure.error from None


def _failure(state: RetryCallState) -> TryAgainError:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, TryAgainError):  # pragma: no cover - nothing else is tried again
        raise TypeError
    return error
