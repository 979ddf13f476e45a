"""How much memory there is, and how many sequences fit into it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import ModelError
from digest.summarize.llama import Context

if TYPE_CHECKING:
    from digest.summarize.llama import Model

KV_BYTES = {"f32": 4.0, "f16": 2.0, "q8_0": 34 / 32, "q4_0": 18 / 32}
"""Bytes of one element of the KV cache, by its type."""

MOST_PARALLEL = 16
_STEP = 256  # llama.cpp gives each sequence a multiple of so many tokens
_SHARE = 0.8  # of what is free: the rest is for computing, and for others
_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Plan:
    """What was chosen.

    Attributes:
        sequences: In flight at once.
        size: Tokens of memory for each.
        bytes: For all: the KV cache, and what computing a batch takes.
    """

    sequences: int
    size: int
    bytes: int

    def __str__(self) -> str:
        papers = "1 paper" if self.sequences == 1 else f"{self.sequences} papers"
        return (
            f"{papers} at once, {self.size:,} tokens each, {self.bytes / 2**20:,.0f} MiB of memory for them"
        )


def available_memory(meminfo: Path = _MEMINFO, cgroup: Path = _CGROUP) -> int | None:
    """Return how many bytes this process may still take, or None where the system does not tell."""
    free = None
    try:
        for line in meminfo.read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        limit = (cgroup / "memory.max").read_text("ascii").strip()
        used = int((cgroup / "memory.current").read_text("ascii"))
        if limit != "max":
            left = max(0, int(limit) - used)
            free = left if free is None else min(free, left)
    except (OSError, ValueError):
        pass
    return free


def kv_bytes_per_token(model: Model, kv_type: str = "f16") -> int:
    """Return what a token costs in the KV cache: layers x kv heads x head size x 2 x bytes."""
    return int(model.layers * model.kv_heads * model.head_size * 2 * KV_BYTES[kv_type])


def working_bytes(model: Model, *, size: int, batch: int, outputs: int) -> int:
    """Return what computing a batch takes: the scores of attention in f32 and f16, and twice the logits.

    Args:
        model: Has the number of heads and of words.
        size: Tokens that a sequence may have.
        batch: Tokens in a batch.
        outputs: Rows of logits that a batch may ask for.
    """
    return batch * size * model.heads * (4 + 2) + 2 * outputs * model.vocabulary_size * 4


def plan(
    *,
    wanted: int,
    papers: int,
    longest: int,
    bytes_per_token: int,
    memory: int | None,
    free: int | None,
    working: int = 0,
    least: int = 0,
) -> Plan:
    """Choose how many papers are in flight.

    Args:
        wanted: What the reader asked for; 0 means as many as are worth it.
        papers: How many there are.
        longest: Tokens of the longest, prompt and summary.
        bytes_per_token: Of the KV cache.
        memory: What the reader allows beside the weights (bytes); None means a share of what is free.
        free: What is free (bytes), where it is known.
        working: What computing takes whatever is in flight (bytes).
        least: Tokens that each sequence gets at least: llama.cpp takes no batch larger than that.
    """
    size = max(least, -(-longest // _STEP) * _STEP)
    each = size * bytes_per_token
    budget = memory if memory is not None else None if free is None else int(free * _SHARE)
    fitting = papers if budget is None else max(1, (budget - working) // max(1, each))
    sequences = max(1, min(wanted or MOST_PARALLEL, papers, fitting))
    return Plan(sequences, size, sequences * each + working)


def open_context(
    model: Model,
    *,
    wanted: int,
    papers: int,
    longest: int,
    batch_size: int,
    drafted: int,
    threads: int,
    memory: int | None,
    kv_type: str,
) -> tuple[Context, Plan]:
    """Make the context that was planned; where there is no memory for it, one for half as many papers.

    Args:
        model: Must outlive the context.
        wanted: As for `plan`; so are papers, longest and memory.
        papers: How many there are.
        longest: Tokens of the longest.
        batch_size: Most tokens in one batch.
        drafted: Most tokens in one batch that are guesses.
        threads: For computing.
        memory: Bytes allowed beside the weights.
        kv_type: Of the KV cache.

    Raises:
        ModelError: There is no memory for a single paper.
    """
    while True:
        chosen = plan(
            wanted=wanted,
            papers=papers,
            longest=longest,
            least=batch_size,
            bytes_per_token=kv_bytes_per_token(model, kv_type),
            memory=memory,
            free=available_memory(),
            working=working_bytes(
                model, size=longest, batch=batch_size, outputs=(wanted or MOST_PARALLEL) + drafted
            ),
        )
        try:
            context = Context(
                model,
                size=chosen.size,
                sequences=chosen.sequences,
                batch_size=batch_size,
                outputs=chosen.sequences + drafted,
                threads=threads,
                kv_type=kv_type,
            )
        except ModelError:
            if chosen.sequences == 1:
                raise
            wanted = chosen.sequences // 2
        else:
            return context, chosen
