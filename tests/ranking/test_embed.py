from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import ModelError
from digest.models import find_embedder, sha256_of
from digest.ranking.embed import SentenceTransformerEmbedder, _batches, embed_once
from fakes import FakeEmbedder, MemoryStore


def test_each_text_is_embedded_once_ever() -> None:
    embedder, store = FakeEmbedder(), MemoryStore()
    first = embed_once(embedder, store, ["a b", "c", "a b"])
    again = embed_once(embedder, store, ["c", "d", "a b"])
    assert embedder.embedded == ["a b", "c", "d"]
    assert np.array_equal(first[0], again[2])
    assert np.array_equal(first[1], again[0])


def test_progress_counts_what_is_missing_only() -> None:
    embedder, store = FakeEmbedder(), MemoryStore()
    texts = [f"text {n}" for n in range(300)]
    embed_once(embedder, store, texts[:100])
    seen: list[tuple[int, int]] = []
    embed_once(embedder, store, texts, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (200, 200)
    assert seen == sorted(seen)


def test_an_interruption_keeps_what_is_embedded() -> None:
    embedder, store = FakeEmbedder(), MemoryStore()

    def interrupt(done: int, _total: int) -> None:
        if done > 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        # Of the length of abstracts: short phrases are done too soon to be kept in smaller parts.
        embed_once(embedder, store, [f"text {n} " + "word " * 240 for n in range(300)], interrupt)
    assert len(store.vectors) >= 128


def test_no_texts_are_an_empty_matrix() -> None:
    assert embed_once(FakeEmbedder(8), MemoryStore(), []).shape == (0, 8)


def test_a_broken_embedder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "nothing-known"}))
    (tmp_path / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        SentenceTransformerEmbedder(tmp_path, "x").embed(["a"])
    assert "\n" not in str(caught.value)


@pytest.mark.model
def test_the_default_embedder_places_like_by_like() -> None:
    folder = find_embedder(None)
    embedder = SentenceTransformerEmbedder(folder, sha256_of(folder / "model.safetensors"), threads=1)
    vectors = embedder.embed(
        ["a model of language", "text generation by neural networks", "the growth of moths"]
    )
    assert vectors.shape == (3, embedder.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert np.allclose(embedder.embed(["the growth of moths"])[0], vectors[2], atol=1e-5)


@given(st.lists(st.integers(0, 120), max_size=60), st.integers(1, 300), st.integers(1, 9))
def test_batches_are_runs_of_bounded_size(lengths: list[int], characters: int, most: int) -> None:
    texts = ["x" * length for length in lengths]
    batches = list(_batches(texts, characters, most))
    assert [text for batch in batches for text in batch] == texts
    for batch in batches:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or len(batch) * max(map(len, batch)) <= characters
