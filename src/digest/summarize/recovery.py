"""Go on when a language model's process dies in the middle of a run: nothing that was finished is lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from digest.errors import ModelError
from digest.summarize.language_model import (
    Event,
    Failed,
    LanguageModel,
    ModelDiedError,
    Request,
    Skipped,
    Started,
    Written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_DEATHS_IN_A_ROW = 3


def generate_surely(  # noqa: C901 - one loop, one state
    model: LanguageModel, request: Request
) -> Iterator[Event]:
    """Generate until every job has ended, also when the model's process dies on the way.

    Those in flight at a death are tried once more, each alone, after all others: the one that kills the
    process again has failed, and the rest are none the worse for it.
    """
    ends_at = None if request.budget_s is None else time.monotonic() + request.budget_s
    waiting = {job.key: job for job in request.jobs}
    suspects: set[str] = set()
    deaths = 0
    while waiting:
        fresh = [job for key, job in waiting.items() if key not in suspects]
        jobs = fresh or [next(iter(waiting.values()))]
        in_flight: set[str] = set()
        worked = False
        cause = ""
        left = None if ends_at is None else max(0.0, ends_at - time.monotonic())
        try:
            for event in model.generate(msgspec.structs.replace(request, jobs=tuple(jobs), budget_s=left)):
                if isinstance(event, Started):
                    worked = True
                    in_flight.add(event.key)
                elif isinstance(event, Written | Skipped | Failed):
                    deaths = 0
                    in_flight.discard(event.key)
                    del waiting[event.key]
                yield event
            continue
        except ModelDiedError as error:
            deaths += 1
            cause = str(error)
        except ModelError as error:
            if not (deaths or worked):
                raise
            # An error at work is as good as a death. One that does not come up again is given up.
            deaths = deaths + 1 if worked else _MOST_DEATHS_IN_A_ROW
            cause = str(error)
        failed: list[str] = []
        if deaths >= _MOST_DEATHS_IN_A_ROW:
            failed = list(waiting)
        elif not fresh:
            failed = [jobs[0].key]
        else:
            suspects |= in_flight or {job.key for job in jobs}
        for key in failed:
            del waiting[key]
            yield Failed(key, cause)
