"""From papers to summaries: ask the archive, then the model; check; fill in from the abstract."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec

from digest.errors import ModelError
from digest.paper import FIELD_NAMES, Field, ModelInfo, Paper, Sentence, Status, Summary
from digest.summarize.extract import extractive_summary
from digest.summarize.grounding import ground
from digest.summarize.language_model import (
    Event,
    Failed,
    Job,
    LanguageModel,
    ModelDiedError,
    Planned,
    Request,
    Skipped,
    Started,
    Written,
)
from digest.summarize.prompts import PromptTemplate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

OUT_OF_TIME = "the time budget ended before the model could summarize this paper"
_MOST_DEATHS_IN_A_ROW = 3


class SummaryStore(Protocol):
    """Where finished summaries are kept between runs."""

    def summary(self, paper: Paper, *, model: str, prompt: str) -> Written | None:
        """Return what this model wrote for this paper with this prompt."""
        ...

    def add_summary(self, paper: Paper, written: Written, *, model: str, prompt: str) -> None:
        """Remember it."""
        ...


@dataclass(frozen=True, slots=True)
class Writer:
    """A language model with everything that decides what it writes.

    Attributes:
        model: Writes.
        info: Its name and identity.
        template: What it is told.
        language: Of the summaries.
        parallel: Sequences at once; 0 means chosen by the engine.
        context: Most tokens for one paper.
        temperature: 0 means greedy.
        seed: For a temperature above 0.
        memory: Bytes for papers in flight, beside the weights; None means a share of what is free.
        kv_type: Of the KV cache.
        budget_s: No paper is started that would not be finished by then (seconds).
    """

    model: LanguageModel
    info: ModelInfo
    template: PromptTemplate
    language: str
    parallel: int = 0
    context: int = 8192
    temperature: float = 0.0
    seed: int = 0
    memory: int | None = None
    kv_type: str = "f16"
    budget_s: float | None = None

    @property
    def prompt_sha256(self) -> str:
        """The identity of what the model is told and how it is sampled."""
        sampling: tuple[object, ...] = (
            self.temperature,
            self.seed if self.temperature > 0 else 0,
            self.context,
        )
        if self.kv_type not in ("f16", "f32"):  # a rounded memory writes other words
            sampling = (*sampling, self.kv_type)
        return hashlib.sha256(repr((self.template.sha256, sampling)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one paper: there is always a summary, and `status` says whose words it is."""

    summary: Summary
    status: Status
    error: str | None = None


def summarize(
    papers: Sequence[Paper],
    sentences: Sequence[Sequence[Sentence]],
    *,
    writer: Writer | None,
    store: SummaryStore,
    on_event: Callable[[Event], None],
) -> list[Outcome]:
    """Summarize papers; each finished one is in the store before the next event.

    Args:
        papers: n papers.
        sentences: Of their abstracts.
        writer: None means the abstracts' own sentences only.
        store: Asked first; nothing in it is written again.
        on_event: Sees every event of the model.

    Raises:
        ModelError: The model cannot be used at all.
    """
    extracts = [
        extractive_summary(group, paper.title) for paper, group in zip(papers, sentences, strict=True)
    ]
    if writer is None:
        return [Outcome(extract, "extracted") for extract in extracts]
    keys = {"model": writer.info.sha256, "prompt": writer.prompt_sha256}
    done: dict[str, Written | Skipped | Failed] = {}
    jobs = []
    for number, (paper, group) in enumerate(zip(papers, sentences, strict=True)):
        known = store.summary(paper, **keys)
        if known is not None:
            done[str(number)] = known
        elif group:
            jobs.append(Job(str(number), paper.title, tuple(sentence.text for sentence in group)))
    request = Request(
        writer.template,
        tuple(jobs),
        parallel=writer.parallel,
        context=writer.context,
        temperature=writer.temperature,
        seed=writer.seed,
        memory=writer.memory,
        kv_type=writer.kv_type,
        budget_s=writer.budget_s,
    )
    if jobs:
        on_event(Planned(len(jobs)))
    for event in generate_surely(writer.model, request):
        if isinstance(event, Written):
            store.add_summary(papers[int(event.key)], event, **keys)
        if isinstance(event, Written | Skipped | Failed):
            done[event.key] = event
        on_event(event)
    return [
        _outcome(paper, group, extract, done.get(str(number)), writer)
        for number, (paper, group, extract) in enumerate(zip(papers, sentences, extracts, strict=True))
    ]


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


def _outcome(
    paper: Paper,
    sentences: Sequence[Sentence],
    extract: Summary,
    result: Written | Skipped | Failed | None,
    writer: Writer,
) -> Outcome:
    if result is None:  # no abstract: nothing was asked for
        return Outcome(extract, "extracted")
    if isinstance(result, Skipped):
        return Outcome(extract, "extracted", OUT_OF_TIME)
    if isinstance(result, Failed):
        return Outcome(extract, "failed", result.error)
    fields: dict[str, Field] = {}
    accepted: list[str] = []
    for prompt in writer.template.fields:
        field = ground(
            result.fields.get(prompt.name, ""),
            title=paper.title,
            sentences=sentences,
            language=writer.language,
            label=prompt.label,
            cut=prompt.name in result.cut,
            repeats=prompt.name in result.repeats,
            others=accepted,
        )
        if field.grounded:
            accepted.append(field.text)
            fields[prompt.name] = field
        else:
            own: Field = getattr(extract, prompt.name)
            fields[prompt.name] = Field(own.text, "extract", own.evidence, flags=(*field.flags, *own.flags))
    if result.left_out:
        note = f"the last {result.left_out} sentences of the abstract did not fit the model's context"
        fields = {
            name: Field(field.text, field.origin, field.evidence, field.grounded, (*field.flags, note))
            for name, field in fields.items()
        }
    status: Status = "summarized" if accepted else "extracted"
    return Outcome(Summary(**{name: fields[name] for name in FIELD_NAMES}), status)
