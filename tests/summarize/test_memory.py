from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summarize.llama import Model, prefers_flash_attention
from digest.summarize.memory import MOST_PARALLEL, available_memory, kv_bytes_per_token, plan, working_bytes
from tiny_model import HEADS, KV_HEADS, LAYERS, WIDTH


def test_a_token_costs_what_its_keys_and_values_take(tiny_gguf: Path) -> None:
    model = Model(tiny_gguf)
    assert kv_bytes_per_token(model) == LAYERS * KV_HEADS * (WIDTH // HEADS) * 2 * 2
    assert kv_bytes_per_token(model, "q8_0") * 32 == kv_bytes_per_token(model, "f16") * 17
    model.close()


@given(
    st.integers(0, 64),
    st.integers(1, 500),
    st.integers(1, 9000),
    st.integers(1, 10**6),
    st.integers(0, 10**10),
)
def test_a_plan_keeps_what_was_allowed(
    wanted: int, papers: int, longest: int, each: int, memory: int
) -> None:
    chosen = plan(
        wanted=wanted, papers=papers, longest=longest, bytes_per_token=each, memory=memory, free=None
    )
    assert chosen.size >= longest
    assert 1 <= chosen.sequences <= min(papers, wanted or MOST_PARALLEL)
    assert chosen.sequences == 1 or chosen.bytes <= memory


def test_what_computing_takes_is_counted(tiny_gguf: Path) -> None:
    model = Model(tiny_gguf)
    working = working_bytes(model, size=1024, batch=512, outputs=10)
    assert working == 512 * 1024 * HEADS * 6 + 2 * 10 * model.vocabulary_size * 4
    model.close()
    common: dict[str, Any] = {
        "wanted": 0,
        "papers": 100,
        "longest": 1024,
        "bytes_per_token": 1024,
        "free": None,
    }
    assert plan(**common, memory=8 * 2**20).sequences == 8
    less = plan(**common, memory=8 * 2**20, working=3 * 2**20)
    assert (less.sequences, less.bytes) == (5, 8 * 2**20)


def test_flash_attention_is_for_gpus_large_heads_and_quantized_caches(
    tiny_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model(tiny_gguf)
    assert [prefers_flash_attention(model, kind) for kind in ("f16", "f32", "q8_0")] == [False, False, True]
    model.gpu_layers = -1
    assert prefers_flash_attention(model, "f16")
    model.gpu_layers = 0
    monkeypatch.setattr(Model, "head_size", 128)
    assert prefers_flash_attention(model, "f16")
    model.close()


def test_without_a_word_a_share_of_what_is_free_is_taken() -> None:
    common = {"wanted": 0, "papers": 100, "longest": 1000, "bytes_per_token": 1024}
    assert plan(**common, memory=None, free=None).sequences == MOST_PARALLEL
    assert plan(**common, memory=None, free=5 * 2**20).sequences == 4
    assert plan(**common, memory=2**20, free=2**40).sequences == 1
    assert str(plan(**common, memory=2**20, free=None)).startswith("1 paper at once, 1,024 tokens")


@pytest.mark.parametrize(
    ("meminfo", "limit", "current", "expected"),
    [
        ("MemTotal: 9 kB\nMemAvailable: 4 kB\n", None, None, 4096),
        ("MemAvailable: 4 kB\n", "max", "100", 4096),
        ("MemAvailable: 4 kB\n", "3000", "1000", 2000),
        ("MemAvailable: 4 kB\n", "3000", "5000", 0),
        (None, "3000", "1000", 2000),
        (None, None, None, None),
        ("nonsense", "x", "y", None),
    ],
)
def test_the_smaller_of_machine_and_group_counts(
    tmp_path: Path, meminfo: str | None, limit: str | None, current: str | None, expected: int | None
) -> None:
    for name, content in (("meminfo", meminfo), ("memory.max", limit), ("memory.current", current)):
        if content is not None:
            (tmp_path / name).write_text(content)
    assert available_memory(tmp_path / "meminfo", tmp_path) == expected
