"""From papers to summaries: ask the archive, then the model; check; ask again; fill in from the abstract."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from digest.paper import ModelInfo, Paper, Sentence
from digest.summarize.choice import Draft, Outcome, Preference, choose
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
    import numpy.typing as npt

Embed = Callable[[Sequence[str]], "npt.NDArray[np.float32]"]
"""Texts to (n, d) float32, unit rows."""


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


def summarize(
    papers: Sequence[Paper],
    sentences: Sequence[Sequence[Sentence]],
    *,
    template: PromptTemplate,
    writer: Writer | None,
    store: SummaryStore,
    embed: Embed | None = None,
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
        embed: Tells by meaning which sentences carry a field, in a language that the embedder knows.
        on_event: Sees every event of the model.

    Raises:
        ModelError: The model cannot be used at all.
    """
    drafts = [Draft(paper, group) for paper, group in zip(papers, sentences, strict=True)]
    if writer is not None:
        rounds = _Rounds(drafts, writer, store, embed, on_event)
        asked: dict[str, tuple[str, ...]] = {
            str(number): () for number, draft in enumerate(drafts) if draft.sentences
        }
        rounds.ask(template, asked)
        again = {str(number): tuple(draft.refused) for number, draft in enumerate(drafts) if draft.refused}
        if template.again and again:
            rounds.ask(template.once_more(), again)
    language, prefer = (writer.language, writer.prefer) if writer else ("en", "extract")
    return [choose(draft, template, language=language, prefer=prefer) for draft in drafts]


class _Rounds:
    """Asks a model about drafts, and checks what it wrote; all rounds share one budget of time."""

    def __init__(
        self,
        drafts: Sequence[Draft],
        writer: Writer,
        store: SummaryStore,
        embed: Embed | None,
        on_event: Callable[[Event], None],
    ) -> None:
        self._drafts = drafts
        self._writer = writer
        self._store = store
        self._embed = embed
        self._on_event = on_event
        self._vectors: dict[str, npt.NDArray[np.float32]] = {}  # of the sentences, once they are asked for
        self._ends_at = None if writer.budget_s is None else time.monotonic() + writer.budget_s

    def ask(self, template: PromptTemplate, wanted: dict[str, tuple[str, ...]]) -> None:
        """Ask the store, then the model.

        Args:
            template: What the model is told.
            wanted: Names of the fields to write (empty: all), by the draft's place.
        """
        writer = self._writer
        model = writer.info.sha256
        jobs = []
        for key, names in wanted.items():
            draft = self._drafts[int(key)]
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
                draft = self._drafts[int(event.key)]
                if isinstance(event, Written):
                    prompt = writer.prompt_sha256(template, wanted[event.key])
                    self._store.add_summary(draft.paper, event, model=model, prompt=prompt)
                self._check(draft, template, event)
            self._on_event(event)

    def _check(self, draft: Draft, template: PromptTemplate, result: Written | Skipped | Failed) -> None:
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
                field=prompt.name,
                instructions=template.instructions,
                meaning=self._meaning(draft),
            )
            if checked.grounded:
                draft.accepted[prompt.name] = checked
                draft.refused.pop(prompt.name, None)
            else:
                draft.refused.setdefault(prompt.name, checked.flags)

    def _meaning(self, draft: Draft) -> Callable[[str], npt.NDArray[np.float32]] | None:
        """Return what gives a text's cosine similarity to each sentence of a draft, (n,)."""
        embed = self._embed
        if embed is None:
            return None

        def similarities(text: str) -> npt.NDArray[np.float32]:
            if not self._vectors:  # all at once is faster than paper by paper
                texts = [sentence.text for each in self._drafts for sentence in each.sentences]
                self._vectors = dict(zip(texts, embed(texts), strict=True))
            rows = np.stack([self._vectors[sentence.text] for sentence in draft.sentences])  # (n, d)
            cosines: npt.NDArray[np.float32] = rows @ embed([text])[0]
            return cosines

        return similarities
