"""Embeddings: sentence-transformers from a local folder, each text once."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from digest.errors import ModelError
from digest.ranking.vectors import as_stored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy.typing as npt

    Progress = Callable[[int, int], None]
    """Called with how many texts are done, and of how many."""

_BATCH = 32


class Embedder(Protocol):
    """Something that places texts in a vector space."""

    name: str
    identity: str
    """Changes whenever the vectors would."""

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
    """

    def __init__(self, folder: Path, identity: str, *, threads: int = 0) -> None:
        self.name = folder.name
        self.identity = identity
        self._folder = folder
        self._threads = threads
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
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        rows: list[npt.NDArray[np.float32]] = []
        for start in range(0, len(order), _BATCH):
            batch = [texts[i] for i in order[start : start + _BATCH]]
            vectors = model.encode(
                batch, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False
            )
            rows.append(np.asarray(vectors, np.float32))  # (batch, d)
            if progress:
                progress(min(start + _BATCH, len(order)), len(order))
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
    for start in range(0, len(missing), _STORED_AT_ONCE):
        part = missing[start : start + _STORED_AT_ONCE]

        def report(done: int, _total: int, start: int = start) -> None:
            if progress:
                progress(start + done, len(missing))

        vectors = as_stored(embedder.embed(part, report))
        store.add_embeddings(embedder.identity, part, vectors)
        known.update(zip(part, vectors, strict=True))
    return np.stack([known[text] for text in texts])


_STORED_AT_ONCE = 128
