"""Embeddings: sentence-transformers from a local folder, each text once."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from digest.errors import ModelError
from digest.ranking.precision import encode, fastest
from digest.ranking.vectors import as_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    Progress = Callable[[int, int], None]
    """Called with how many texts are done, and of how many."""

_BATCH_CHARACTERS = 40_000
"""Of one batch, padding counted: some thirty abstracts, or a few hundred phrases."""

_MOST_IN_BATCH = 256
_STORED_CHARACTERS = 4 * _BATCH_CHARACTERS
_LEAST_TO_MEASURE = 64


class Embedder(Protocol):
    """Something that places texts in a vector space."""

    name: str
    identity: str
    """Changes whenever the vectors would, but for the rounding of another precision (cosines of 0.997)."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> npt.NDArray[np.float32]:
        """Return (n, d) float32, unit rows, in the order of `texts`."""
        ...


class VectorStore(Protocol):
    """Where vectors are kept between runs."""

    def embeddings(self, embedder: str, texts: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Return the known vectors by text."""
        ...

    def add_embeddings(self, embedder: str, texts: Sequence[str], vectors: npt.NDArray[np.float32]) -> None:
        """Remember vectors (n, d)."""
        ...


class SentenceTransformerEmbedder:
    """A sentence-transformers model in a local folder, loaded on first use, hub switched off.

    Args:
        folder: With `modules.json`, a tokenizer and safetensors weights.
        identity: The weights' sha256.
        threads: For computing; 0 means torch's own choice.
        precisions: A file that remembers which precision is faster on this CPU; None means float32.
    """

    def __init__(
        self, folder: Path, identity: str, *, threads: int = 0, precisions: Path | None = None
    ) -> None:
        self.name = folder.name
        self.identity = identity
        self._folder = folder
        self._threads = threads
        self._precisions = precisions
        self._model: Any = None

    @property
    def dimension(self) -> int:
        """Length of a vector, read from the folder without loading the model."""
        for path in sorted(self._folder.glob("*_Pooling/config.json")):
            settings = json.loads(path.read_text("utf-8"))
            size = settings.get("word_embedding_dimension", settings.get("embedding_dimension"))
            if isinstance(size, int):
                return size
        return int(self._load().get_embedding_dimension())

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> npt.NDArray[np.float32]:
        """Embed texts, longest first so that a batch pads little.

        Returns:
            (n, d) float32, unit rows, in the order of `texts`.
        """
        model = self._load()
        if self._precisions and len(texts) >= _LEAST_TO_MEASURE:
            model = self._model = fastest(model, texts, self.identity, self._precisions)
            self._precisions = None
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        rows: list[npt.NDArray[np.float32]] = []
        for batch in _batches([texts[i] for i in order], _BATCH_CHARACTERS, _MOST_IN_BATCH):
            rows.append(encode(model, batch))  # (batch, d)
            if progress:
                progress(sum(map(len, rows)), len(order))
        stacked = np.concatenate(rows)  # (n, d), longest first
        result = np.empty_like(stacked)
        result[order] = stacked
        return result

    def _load(self) -> Any:  # noqa: ANN401 - a SentenceTransformer, whose package is imported here only
        if self._model is None:
            # Read by huggingface_hub when it is imported, so they must be set before.
            os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
            try:
                import torch
                from sentence_transformers import SentenceTransformer
                from transformers.utils import logging

                logging.disable_progress_bar()  # type: ignore[no-untyped-call]
                if self._threads:
                    torch.set_num_threads(self._threads)
                self._model = SentenceTransformer(
                    str(self._folder), device="cpu", local_files_only=True, trust_remote_code=False
                )
            except (OSError, ValueError, KeyError, RuntimeError) as error:
                first_line = str(error).strip().split("\n")[0]
                raise ModelError(
                    f"the embedder {self._folder} cannot be loaded ({first_line})",
                    "check it with `digest models verify`",
                ) from error
        return self._model


def _batches(texts: Sequence[str], characters: int, most: int) -> Iterator[Sequence[str]]:
    """Cut texts into runs that take so many characters when each is as long as its longest."""
    start = longest = 0
    for end, text in enumerate(texts):
        longest = max(longest, len(text))
        if end > start and ((end - start + 1) * longest > characters or end - start == most):
            yield texts[start:end]
            start, longest = end, len(text)
    if start < len(texts):
        yield texts[start:]


def embed_once(
    embedder: Embedder, store: VectorStore, texts: Sequence[str], progress: Progress | None = None
) -> npt.NDArray[np.float32]:
    """Embed what the store does not know yet, and keep it as soon as a batch is done.

    Returns:
        (n, d) float32, unit rows, in the order of `texts`; (0, d) for no texts. The same vectors whether
        they were known or not.
    """
    if not texts:
        return np.empty((0, embedder.dimension), np.float32)
    known = store.embeddings(embedder.identity, texts)
    missing = list(dict.fromkeys(text for text in texts if text not in known))
    done = 0
    for part in _batches(missing, _STORED_CHARACTERS, 8 * _MOST_IN_BATCH):

        def report(count: int, _total: int, before: int = done) -> None:
            if progress:
                progress(before + count, len(missing))

        vectors = as_stored(embedder.embed(part, report))
        store.add_embeddings(embedder.identity, part, vectors)
        known.update(zip(part, vectors, strict=True))
        done += len(part)
    return np.stack([known[text] for text in texts])
