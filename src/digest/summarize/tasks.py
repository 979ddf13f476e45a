"""What the engine works on: tasks, the sequences that work on them, and the time for all of it."""

from __future__ import annotations

import codecs
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from digest.summarize.language_model import Written

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from digest.summarize.speculation import Lookup

_RECENT_TASKS = 8
utf8_decoder = partial(codecs.getincrementaldecoder("utf-8"), "replace")


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A field as the engine sees it: forced tokens, then at most `max_tokens` sampled ones."""

    name: str
    label: tuple[int, ...]
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Task:
    """A paper as the engine sees it.

    Attributes:
        prompt: Tokens up to where the first label begins; at least one.
        left_out: Passed on to `Written`.
        wanted: Names of the fields to write; empty means all.
    """

    key: str
    prompt: tuple[int, ...]
    left_out: int = 0
    wanted: tuple[str, ...] = ()

    def plans(self, fields: Sequence[FieldPlan]) -> tuple[FieldPlan, ...]:
        """Return those of the fields that are written for this task."""
        return tuple(plan for plan in fields if not self.wanted or plan.name in self.wanted)


@dataclass(slots=True)
class Slot:
    """A sequence at work on one task."""

    sequence: int
    task: Task
    plans: tuple[FieldPlan, ...]  # of the fields that it writes, in order
    generator: np.random.Generator
    length: int  # positions that are in the context's memory
    pending: list[int]  # tokens to be decoded before the next one can be sampled
    lookup: Lookup
    draft: list[int] = field(default_factory=list)
    started_at: float = field(default_factory=time.monotonic)
    index: int = 0  # of the plan at work
    written: list[int] = field(default_factory=list)
    text: str = ""
    # Holds back the start of a character whose other bytes are still to come.
    decoder: codecs.IncrementalDecoder = field(default_factory=utf8_decoder)
    fields: dict[str, str] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)
    repeats: list[str] = field(default_factory=list)
    earlier: list[tuple[int, ...]] = field(default_factory=list)  # the tokens of the fields before
    generated: int = 0

    def result(self) -> Written:
        """Return what was written."""
        return Written(
            self.task.key,
            self.fields,
            cut=tuple(self.cut),
            repeats=tuple(self.repeats),
            left_out=self.task.left_out,
            prompt_tokens=len(self.task.prompt),
            generated_tokens=self.generated,
        )


class Budget:
    """Time for all tasks, how fast tokens go, and how long the finished tasks took.

    Args:
        seconds: From now; None means no limit.
    """

    def __init__(self, seconds: float | None) -> None:
        self._ends_at = None if seconds is None else time.monotonic() + seconds
        self._durations: list[float] = []
        self._tokens = 0
        self._seconds = 0.0

    def worked(self, tokens: int, seconds: float) -> None:
        """Take note of what a batch took."""
        self._tokens += tokens
        self._seconds += seconds

    def finished(self, started_at: float) -> None:
        """Take note of a task that is done."""
        self._durations.append(time.monotonic() - started_at)

    def allows_another(self, ahead: int = 0, in_flight: int = 0) -> bool | None:
        """Say whether one more task would still be finished; None when nothing is known yet to tell by.

        Args:
            ahead: Tokens that it and all that are in flight have before them, at the most.
            in_flight: How many are; the first one is started on trust.
        """
        if self._ends_at is None:
            return True
        now = time.monotonic()
        if now >= self._ends_at:
            return False
        recent = self._durations[-_RECENT_TASKS:]
        if not recent and not self._seconds:
            return True if in_flight == 0 else None
        by_tasks = sum(recent) / len(recent) if recent else 0.0
        # Once some are done, they tell more: few tasks write all that they may.
        by_tokens = 0.0 if recent or not self._tokens else ahead * self._seconds / self._tokens
        return now + max(by_tasks, by_tokens) <= self._ends_at


def common_prefix(prompts: Sequence[tuple[int, ...]]) -> int:
    """Return how many tokens all prompts share at their start, at least one less than the shortest."""
    if len(prompts) < 2:  # noqa: PLR2004 - nobody to share with
        return 0
    first, last = min(prompts), max(prompts)  # the lexicographic extremes differ first
    length = min(len(prompt) for prompt in prompts) - 1
    return next((i for i in range(length) if first[i] != last[i]), length)
