"""Deterministic stand-ins that implement the program's own protocols."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np

from digest.summarize.language_model import (
    Event,
    Failed,
    Job,
    ModelDiedError,
    Progress,
    Request,
    Skipped,
    Started,
    TextPiece,
    Written,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from digest.paper import Paper


class FakeEmbedder:
    """Hashed bags of words: texts with common words are near."""

    def __init__(self, dimension: int = 64) -> None:
        self.name = "fake"
        self.identity = f"fake-{dimension}"
        self.dimension = dimension
        self.embedded: list[str] = []

    def embed(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> npt.NDArray[np.float32]:
        self.embedded += texts
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                row[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % self.dimension] += 1
            row[0] += 1e-3
            np.divide(row, np.linalg.norm(row), out=row)
        if progress:
            progress(len(texts), len(texts))
        return rows


class MemoryStore:
    """Vectors and summaries in dictionaries."""

    def __init__(self) -> None:
        self.vectors: dict[tuple[str, str], npt.NDArray[np.float32]] = {}
        self.summaries: dict[tuple[str, int, str, str], Written] = {}

    def embeddings(self, embedder: str, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        return {text: self.vectors[embedder, text] for text in texts if (embedder, text) in self.vectors}

    def add_embeddings(self, embedder: str, texts: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        self.vectors.update({(embedder, text): vector for text, vector in zip(texts, vectors, strict=True)})

    def summary(self, paper: Paper, *, model: str, prompt: str) -> Written | None:
        return self.summaries.get((paper.id, paper.version, model, prompt))

    def add_summary(self, paper: Paper, written: Written, *, model: str, prompt: str) -> None:
        self.summaries[paper.id, paper.version, model, prompt] = written


class FakeModel:
    """Writes the abstract's own sentences; dies on the titles it is told to die on.

    Args:
        deadly: Titles that kill the process whenever they are in flight.
        skipped: Titles for which there is no time.
        fields: Overrides what is written for a title.
        in_flight: How many jobs are started before the first is finished.
        broken: Raised as soon as anything is asked for.
    """

    def __init__(
        self,
        *,
        deadly: Sequence[str] = (),
        fields: dict[str, dict[str, str]] | None = None,
        skipped: Sequence[str] = (),
        in_flight: int = 2,
        broken: Callable[[int], Exception | None] = lambda _: None,
    ) -> None:
        self.deadly = set(deadly)
        self.fields = fields or {}
        self.skipped = set(skipped)
        self.in_flight = in_flight
        self.broken = broken
        self.requests: list[Request] = []
        self.closed = False

    def generate(self, request: Request) -> Iterator[Event]:
        self.requests.append(request)
        if error := self.broken(len(self.requests)):
            raise error
        waiting = list(request.jobs)
        while waiting:
            flying, waiting = waiting[: self.in_flight], waiting[self.in_flight :]
            for job in flying:
                yield Started(job.key)
            if self.deadly & {job.title for job in flying}:
                raise ModelDiedError("it was ended by SIGABRT")
            for job in flying:
                yield from self._write(job, request)

    def _write(self, job: Job, request: Request) -> Iterator[Event]:
        if not job.sentences:
            yield Failed(job.key, "nothing to read")
            return
        if job.title in self.skipped:
            yield Skipped(job.key)
            return
        names = [field.name for field in request.template.fields]
        # The first sentence is a motivation, and no summary.
        order = [1, 0, *range(2, len(names))]
        fields = {
            name: f" {job.sentences[i % len(job.sentences)]}" for i, name in zip(order, names, strict=True)
        }
        fields.update(self.fields.get(job.title, {}))
        if job.wanted:
            fields = {name: fields[name] for name in job.wanted}
        for name, text in fields.items():
            yield TextPiece(job.key, name, text)
        yield Progress(10, 10)
        yield Written(job.key, fields)

    def close(self) -> None:
        self.closed = True
