"""The batched engine: many summaries at once, no token computed twice, structure by construction.

Every prompt begins with the same tokens (template, instructions, example): these are decoded once and
shared. Then up to `parallel` papers are in flight; a batch holds single tokens of those that write and
chunks of prompts of those that still read; a finished paper is replaced at once. The labels of the
fields are forced: they are fed together with what follows, never sampled. Where a summary seems to copy
its abstract, the next tokens are guessed and verified in one batch. (Continuous batching: Yu et al. 2022,
Orca; speculation: see `speculation`.)
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from digest.summarize.language_model import Notice, Progress, Skipped, Started, TextPiece
from digest.summarize.llama import Span
from digest.summarize.memory import open_context
from digest.summarize.sampling import Sampler, says_again
from digest.summarize.speculation import Lookup, Policy
from digest.summarize.tasks import Budget, FieldPlan, Slot, Task, common_prefix, utf8_decoder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from digest.summarize.language_model import Event
    from digest.summarize.llama import Context, Model

BATCH_TOKENS = 512
_MOST_DRAFTED = 48  # in one batch, over all sequences
_LINE_END = b"\n"


class Engine:
    """Writes the fields of many tasks with one model.

    Args:
        model: The weights.
        fields: What may be written for a task, in order.
        separator: Tokens of the line end that is forced before a label when a field ran out of budget
            or of words.
        parallel: Tasks in flight; 0 means as many as are worth it and fit.
        threads: For computing.
        temperature: 0 means the likeliest token.
        seed: With the task's prompt it seeds the task's own random numbers, so that its text does not
            depend on the others.
        speculate: Guess tokens ahead, where this machine gains by it.
        memory: Bytes for papers in flight, beside the weights; None means a share of what is free.
        kv_type: Of the KV cache.
        budget_s: No task is started that would not be finished by then (seconds).
    """

    def __init__(
        self,
        model: Model,
        fields: Sequence[FieldPlan],
        *,
        separator: Sequence[int],
        parallel: int,
        threads: int,
        temperature: float = 0.0,
        seed: int = 0,
        speculate: bool = True,
        memory: int | None = None,
        kv_type: str = "f16",
        budget_s: float | None = None,
    ) -> None:
        self.model = model
        self.fields = tuple(fields)
        self.separator = tuple(separator)
        self.parallel = 1 if model.has_recurrent_state else parallel
        self.threads = threads
        self.sampler = Sampler(model, temperature)
        self.seed = seed
        self.memory = memory
        self.kv_type = kv_type
        self.budget = Budget(budget_s)
        # A guess that was wrong must be taken back, which a recurrent state cannot.
        self.policy = Policy() if speculate and not model.has_recurrent_state else None
        labels = sum(len(plan.label) + len(self.separator) for plan in self.fields)
        self.answer_tokens = labels + sum(plan.max_tokens for plan in self.fields)
        self._prompt_tokens = 0
        self._generated_tokens = 0

    def run(self, tasks: Sequence[Task]) -> Iterator[Event]:
        """Yield events until every task is `Written`; several tasks end in any order."""
        if not tasks:
            return
        # A memory that cannot be copied in part reads every prompt by itself.
        shared = 0 if self.model.has_recurrent_state else common_prefix([task.prompt for task in tasks])
        context, chosen = open_context(
            self.model,
            wanted=self.parallel,
            papers=len(tasks),
            longest=max(len(task.prompt) for task in tasks) + self.answer_tokens,
            batch_size=BATCH_TOKENS,
            drafted=_MOST_DRAFTED,
            threads=self.threads,
            memory=self.memory,
            kv_type=self.kv_type,
        )
        try:
            yield Notice(f"{chosen}, {self.model.where(self.threads)}", warning=False)
            if self.memory is not None and chosen.bytes > self.memory:
                yield Notice(f"one paper takes {chosen.bytes / 2**20:,.0f} MiB, more than --memory allows")
            yield from self._run(context, tasks, shared)
        finally:
            context.close()

    def _run(self, context: Context, tasks: Sequence[Task], shared: int) -> Iterator[Event]:
        yield from self._read_prefix(context, tasks[0].prompt[:shared])
        waiting = deque(tasks)
        free = list(range(context.sequences))[::-1]
        slots: list[Slot] = []
        while True:
            while free and waiting:
                allowed = self.budget.allows_another(self._ahead(slots, waiting[0], shared), len(slots))
                if allowed is None:  # the next batch will tell
                    break
                task = waiting.popleft()
                if allowed:
                    slots.append(self._start(free.pop(), task, shared))
                    yield Started(task.key)
                else:
                    yield Skipped(task.key)
            if not slots:
                return
            yield from self._step(context, slots)
            for slot in [slot for slot in slots if slot.index == len(slot.plans)]:
                context.truncate(slot.sequence, shared)  # the prefix stays for the next paper
                free.append(slot.sequence)
                slots.remove(slot)
                self.budget.finished(slot.started_at)
                yield slot.result()
            if not waiting and not self.model.has_recurrent_state:
                self._close_ranks(context, slots)

    def _ahead(self, slots: Sequence[Slot], task: Task, shared: int) -> int:
        """Return the tokens that a task and those in flight have before them, at the most."""
        own = len(task.prompt) - shared + self.answer_tokens
        return own + sum(len(slot.pending) + self.answer_tokens - slot.generated for slot in slots)

    def _close_ranks(self, context: Context, slots: Sequence[Slot]) -> None:
        """Move the last sequences into gaps, for only neighbours are computed in one pass."""
        gaps = set(range(len(slots))) - {slot.sequence for slot in slots}
        for slot in slots:
            if slot.sequence >= len(slots):
                gap = gaps.pop()
                context.truncate(gap, 0)
                context.copy(slot.sequence, gap)
                context.truncate(slot.sequence, 0)
                slot.sequence = gap

    def _read_prefix(self, context: Context, prefix: Sequence[int]) -> Iterator[Event]:
        """Decode what all prompts share into one sequence, and give it to the others."""
        for start in range(0, len(prefix), BATCH_TOKENS):
            tokens = prefix[start : start + BATCH_TOKENS]
            context.decode([Span(0, start, tokens, outputs=0)])
            self._prompt_tokens += len(tokens)
            yield self._progress()
        if prefix:
            for sequence in range(1, context.sequences):
                context.copy(0, sequence)

    def _step(self, context: Context, slots: Sequence[Slot]) -> Iterator[Event]:
        """Decode one batch, and take from it what each sequence gained."""
        spans, sampled = self._batch(slots)
        began = time.perf_counter()
        logits = context.decode(spans)
        seconds = time.perf_counter() - began
        counts = {span.sequence: len(span.tokens) for span in spans}
        self.budget.worked(sum(counts.values()), seconds)
        if self.policy:
            self.policy.learn_time(counts, seconds)
        row = 0
        for slot in sampled:
            rows = logits[row : row + 1 + len(slot.draft)]
            row += len(rows)
            yield from self._take(context, slot, rows)
        yield self._progress()

    def _take(self, context: Context, slot: Slot, logits: npt.NDArray[np.float32]) -> Iterator[Event]:
        """Take one token, and as many guessed ones as the model agrees with.

        Args:
            context: Forgets the guesses that were wrong.
            slot: Of one task.
            logits: (1 + drafted, vocabulary) float32.
        """
        draft, slot.draft = slot.draft, []
        for place in range(len(draft) + 1):
            token = self.sampler.choose(logits[place], slot.generator, may_end=bool(slot.written))
            field_before = slot.index
            yield from self._accept(slot, token)
            if slot.index != field_before or place == len(draft) or draft[place] != token:
                break
            # The model chose what was guessed, so it is in the memory already.
            slot.length += 1
            slot.pending = []
        if draft:
            context.truncate(slot.sequence, slot.length)
            if self.policy:
                self.policy.drafted += len(draft)
                self.policy.accepted += place

    def _start(self, sequence: int, task: Task, shared: int) -> Slot:
        plans = task.plans(self.fields)
        own = [*task.prompt[shared:], *plans[0].label]
        return Slot(
            sequence=sequence,
            task=task,
            plans=plans,
            generator=np.random.default_rng((self.seed, *task.prompt)),
            length=shared,
            pending=own,
            lookup=Lookup(own),
        )

    def _batch(self, slots: Sequence[Slot]) -> tuple[list[Span], list[Slot]]:
        """Fill one batch: those that write first, for they need one token each, then readers' chunks."""
        room = BATCH_TOKENS - self._draft(slots)
        taken: dict[int, tuple[Span, Slot]] = {}
        for slot in sorted(slots, key=lambda slot: len(slot.pending)):
            if room == 0:
                break
            tokens, slot.pending = slot.pending[:room], slot.pending[room:]
            outputs = 0 if slot.pending else 1 + len(slot.draft)
            span = Span(slot.sequence, slot.length, [*tokens, *slot.draft], outputs)
            taken[slot.sequence] = span, slot
            slot.length += len(tokens)
            room -= len(tokens)
            if not slot.written and slot.index == 0:
                self._prompt_tokens += len(tokens)
        # llama.cpp computes neighbouring sequences together only when they come in order.
        ordered = [taken[sequence] for sequence in sorted(taken)]
        return [span for span, _ in ordered], [slot for span, slot in ordered if span.outputs]

    def _draft(self, slots: Sequence[Slot]) -> int:
        """Let the sequences that write guess ahead; return how many tokens were guessed."""
        writing = [slot for slot in slots if slot.written]
        if self.policy is None or not writing:
            return 0
        chosen = self.policy.choose(
            {slot.sequence: slot.lookup.streak if slot.lookup.draft(1) else None for slot in writing}
        )
        guessed = 0
        for slot in writing:
            length = chosen[slot.sequence]
            left = slot.plans[slot.index].max_tokens - len(slot.written) - 1
            slot.draft = slot.lookup.draft(max(0, min(length, left, _MOST_DRAFTED - guessed)))
            guessed += len(slot.draft)
        return guessed

    def _accept(self, slot: Slot, token: int) -> Iterator[Event]:
        """Take one sampled token: the field goes on, or it ends and the next label is forced."""
        plan = slot.plans[slot.index]
        before, line_end, _ = self.model.piece(token).partition(_LINE_END)
        ends = self.model.is_end(token)
        if not ends:
            slot.written.append(token)
            slot.generated += 1
            self._generated_tokens += 1
        over_budget = len(slot.written) >= plan.max_tokens
        so_far = slot.text + before.decode("utf-8", "ignore")
        repeats = not ends and not line_end and says_again(slot.written, slot.earlier, so_far)
        done = ends or bool(line_end) or over_budget or repeats
        new = slot.decoder.decode(b"" if ends else before, final=done)
        if new:
            slot.text += new
            yield TextPiece(slot.task.key, plan.name, new)
        if not done:
            slot.pending = [token]
            streak = slot.lookup.streak
            right = slot.lookup.observe(token)
            if self.policy and right is not None:
                self.policy.learn_guess(streak, right=right)
            return
        slot.fields[plan.name] = slot.text
        slot.earlier.append(tuple(slot.written))
        if repeats:
            slot.repeats.append(plan.name)
        elif over_budget and not line_end:
            slot.cut.append(plan.name)
        # A token that carries words stays in the memory; the line end after it is ours, but where the
        # token brought one along.
        carried = [] if ends or not before else [token]
        forced = [] if carried and line_end else list(self.separator)
        slot.index += 1
        slot.written, slot.text, slot.decoder = [], "", utf8_decoder()
        if slot.index < len(slot.plans):
            slot.pending = [*carried, *forced, *slot.plans[slot.index].label]
            slot.lookup.extend(slot.pending)

    def _progress(self) -> Progress:
        return Progress(self._prompt_tokens, self._generated_tokens)
