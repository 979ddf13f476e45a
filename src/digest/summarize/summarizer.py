"""From papers to summaries: ask the archive, then the model; check; ask again; fill in from the abstract."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from digest.paper import Field, ModelInfo, Paper, Sentence, Status, Summary
from digest.summarize.extract import extractive_summary
from digest.summarize.grounding import ground
from digest.summarize.language_model import (
    Event,
    Failed,
    Job,
    LanguageModel,
    Planned,
    Request,
    Skipped,
    Written,
)
from digest.summarize.prompts import PromptTemplate
from digest.summarize.recovery import generate_surely

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Preference = Literal["best", "model", "extract"]
"""Whose one sentence is shown when both are true: the better one's, the model's, the abstract's."""

OUT_OF_TIME = "the time budget ended before the model could summarize this paper"


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
        language: Of the summaries.
        parallel: Sequences at once; 0 means chosen by the engine.
        context: Most tokens for one paper.
        temperature: 0 means greedy.
        seed: For a temperature above 0.
        memory: Bytes for papers in flight, beside the weights; None means a share of what is free.
        kv_type: Of the KV cache.
        budget_s: No paper is started that would not be finished by then (seconds).
        prefer: Whose one sentence is shown.
    """

    model: LanguageModel
    info: ModelInfo
    language: str
    parallel: int = 0
    context: int = 8192
    temperature: float = 0.0
    seed: int = 0
    memory: int | None = None
    kv_type: str = "f16"
    budget_s: float | None = None
    prefer: Preference = "best"

    def prompt_sha256(self, template: PromptTemplate, wanted: Sequence[str] = ()) -> str:
        """Return the identity of what the model is told, and how it is sampled."""
        sampling: tuple[object, ...] = (
            self.temperature,
            self.seed if self.temperature > 0 else 0,
            self.context,
        )
        if self.kv_type not in ("f16", "f32"):  # a rounded memory writes other words
            sampling = (*sampling, self.kv_type)
        if wanted:
            sampling = (*sampling, *wanted)
        return hashlib.sha256(repr((template.sha256, sampling)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one paper: there is always a summary, and `status` says whose words it is."""

    summary: Summary
    status: Status
    error: str | None = None


@dataclass(slots=True)
class _Draft:
    """A paper on its way to an outcome.

    Attributes:
        accepted: Fields that the model wrote and the checks let pass, by name.
        refused: Why the other ones did not, by name.
        result: How the model's first round ended; None when it was not asked.
    """

    paper: Paper
    sentences: Sequence[Sentence]
    accepted: dict[str, Field] = dataclasses.field(default_factory=dict)
    refused: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    result: Written | Skipped | Failed | None = None


def summarize(
    papers: Sequence[Paper],
    sentences: Sequence[Sequence[Sentence]],
    *,
    template: PromptTemplate,
    writer: Writer | None,
    store: SummaryStore,
    on_event: Callable[[Event], None],
) -> list[Outcome]:
    """Summarize papers; each finished one is in the store before the next event.

    What the checks refuse is asked for once more, in other words, as far as the time allows.

    Args:
        papers: n papers.
        sentences: Of their abstracts.
        template: Says which fields there are.
        writer: None means the abstracts' own sentences only.
        store: Asked first; nothing in it is written again.
        on_event: Sees every event of the model.

    Raises:
        ModelError: The model cannot be used at all.
    """
    drafts = [_Draft(paper, group) for paper, group in zip(papers, sentences, strict=True)]
    if writer is not None:
        rounds = _Rounds(writer, store, on_event)
        asked: dict[str, tuple[str, ...]] = {
            str(number): () for number, draft in enumerate(drafts) if draft.sentences
        }
        rounds.ask(drafts, template, asked)
        again = {str(number): tuple(draft.refused) for number, draft in enumerate(drafts) if draft.refused}
        if template.again and again:
            rounds.ask(drafts, template.once_more(), again)
    return [_outcome(draft, template, writer) for draft in drafts]


class _Rounds:
    """Asks a model about drafts, and checks what it wrote; all rounds share one budget of time."""

    def __init__(self, writer: Writer, store: SummaryStore, on_event: Callable[[Event], None]) -> None:
        self._writer = writer
        self._store = store
        self._on_event = on_event
        self._ends_at = None if writer.budget_s is None else time.monotonic() + writer.budget_s

    def ask(
        self, drafts: Sequence[_Draft], template: PromptTemplate, wanted: dict[str, tuple[str, ...]]
    ) -> None:
        """Ask the store, then the model.

        Args:
            drafts: Are filled in.
            template: What the model is told.
            wanted: Names of the fields to write (empty: all), by the draft's place.
        """
        writer = self._writer
        model = writer.info.sha256
        jobs = []
        for key, names in wanted.items():
            draft = drafts[int(key)]
            prompt = writer.prompt_sha256(template, names)
            known = self._store.summary(draft.paper, model=model, prompt=prompt)
            if known is not None:
                self._check(draft, template, known)
            else:
                texts = tuple(sentence.text for sentence in draft.sentences)
                jobs.append(Job(key, draft.paper.title, texts, names))
        request = Request(
            template,
            tuple(jobs),
            parallel=writer.parallel,
            context=writer.context,
            temperature=writer.temperature,
            seed=writer.seed,
            memory=writer.memory,
            kv_type=writer.kv_type,
            budget_s=None if self._ends_at is None else max(0.0, self._ends_at - time.monotonic()),
        )
        if jobs:
            self._on_event(Planned(len(jobs)))
        for event in generate_surely(writer.model, request):
            if isinstance(event, Written | Skipped | Failed):
                draft = drafts[int(event.key)]
                if isinstance(event, Written):
                    prompt = writer.prompt_sha256(template, wanted[event.key])
                    self._store.add_summary(draft.paper, event, model=model, prompt=prompt)
                self._check(draft, template, event)
            self._on_event(event)

    def _check(self, draft: _Draft, template: PromptTemplate, result: Written | Skipped | Failed) -> None:
        """Take what the model wrote into the draft, or why it may not be shown."""
        draft.result = draft.result or result  # a second round that fails takes nothing away
        if not isinstance(result, Written):
            return
        for prompt in template.fields:
            if prompt.name in draft.accepted or prompt.name not in result.fields:
                continue
            checked = ground(
                result.fields[prompt.name],
                title=draft.paper.title,
                sentences=draft.sentences,
                language=self._writer.language,
                label=prompt.label,
                cut=prompt.name in result.cut,
                repeats=prompt.name in result.repeats,
                others=[field.text for field in draft.accepted.values()],
            )
            if checked.grounded:
                draft.accepted[prompt.name] = checked
                draft.refused.pop(prompt.name, None)
            else:
                draft.refused.setdefault(prompt.name, checked.flags)


def _outcome(draft: _Draft, template: PromptTemplate, writer: Writer | None) -> Outcome:
    extract = extractive_summary(draft.sentences)
    if isinstance(draft.result, Skipped):
        return Outcome(extract, "extracted", OUT_OF_TIME)
    if isinstance(draft.result, Failed):
        return Outcome(extract, "failed", draft.result.error)
    if draft.result is None or writer is None:  # no model, or no abstract: nothing was asked for
        return Outcome(extract, "extracted")
    fields: dict[str, Field] = {}
    for prompt in template.fields:
        own: Field = getattr(extract, prompt.name)
        flags = (*draft.refused.get(prompt.name, ()), *own.flags)
        fields[prompt.name] = draft.accepted.get(prompt.name) or dataclasses.replace(own, flags=flags)
    if draft.result.left_out:
        note = f"the last {draft.result.left_out} sentences of the abstract did not fit the model's context"
        fields = {
            name: dataclasses.replace(field, flags=(*field.flags, note)) for name, field in fields.items()
        }
    status: Status = "summarized" if draft.accepted else "extracted"
    return Outcome(Summary.of(fields), status)
