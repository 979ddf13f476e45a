"""What a language model is to the rest of the program: jobs go in, events come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from digest.summarize.prompts import PromptTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator


class Job(msgspec.Struct, frozen=True):
    """One paper to be summarized.

    Attributes:
        key: Names it in every event; unique within a run.
        sentences: The abstract; when the prompt is too long, the last ones are left out.
        wanted: Names of the template's fields that are to be written; empty means all.
    """

    key: str
    title: str
    sentences: tuple[str, ...]
    wanted: tuple[str, ...] = ()


class Request(msgspec.Struct, frozen=True):
    """Papers to be summarized with one template.

    Attributes:
        parallel: Sequences written at once; 0 means chosen by the engine.
        context: Most tokens for one paper's prompt and summary.
        temperature: 0 means greedy.
        seed: For a temperature above 0.
        memory: Bytes for papers in flight, beside the weights; None means a share of what is free.
        kv_type: Of the KV cache: f32, f16, q8_0 or q4_0.
        budget_s: No paper is started that would not be finished by then (seconds); None means no limit.
    """

    template: PromptTemplate
    jobs: tuple[Job, ...]
    parallel: int = 0
    context: int = 8192
    temperature: float = 0.0
    seed: int = 0
    memory: int | None = None
    kv_type: str = "f16"
    budget_s: float | None = None


class Notice(msgspec.Struct, frozen=True, tag="notice"):
    """Something that a reader should know about the model, said once; a choice is no warning."""

    text: str
    warning: bool = True


class Planned(msgspec.Struct, frozen=True, tag="planned"):
    """So many jobs are to be done: papers that are known already are none."""

    jobs: int


class Started(msgspec.Struct, frozen=True, tag="started"):
    """From here on, if the process dies, this job may be why."""

    key: str


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """Tokens so far in this run; comes with every batch, so it is also a sign of life."""

    prompt_tokens: int
    generated_tokens: int


class TextPiece(msgspec.Struct, frozen=True, tag="text"):
    """More text of a field, as it is written; not yet cleaned or checked."""

    key: str
    field: str
    text: str


class Written(msgspec.Struct, frozen=True, tag="written"):
    """A finished job.

    Attributes:
        fields: Raw text by field name; never cleaned or checked yet.
        cut: Names of the fields that ran into their budget.
        repeats: Names of the fields that were ended because they said again what had been said.
        left_out: How many of the abstract's last sentences did not fit the context.
    """

    key: str
    fields: dict[str, str]
    cut: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    left_out: int = 0
    prompt_tokens: int = 0
    generated_tokens: int = 0


class Skipped(msgspec.Struct, frozen=True, tag="skipped"):
    """A job that was not started, because the time would not have been enough."""

    key: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """A job that cannot be done; the others go on."""

    key: str
    error: str


Event = Notice | Planned | Started | Progress | TextPiece | Written | Skipped | Failed


class ModelDiedError(Exception):
    """The process that runs the model ended in the middle of a run."""


class LanguageModel(Protocol):
    """Something that writes summaries."""

    def generate(self, request: Request) -> Iterator[Event]:
        """Yield events until every job is `Written`, `Skipped` or `Failed`.

        Raises:
            ModelDiedError: The model's process died; jobs without an end are not done. Calling again
                starts a new one.
            ModelError: The model cannot be loaded at all.
        """
        ...

    def close(self) -> None:
        """End the model's process; calling it twice is harmless."""
        ...
