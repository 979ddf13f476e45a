from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summarize.llama import Model
from digest.summarize.sampling import REPEATED_TOKENS, Sampler, begins_like, comes_round, says_again

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

END, NEWLINE, A, B = 257, 10, 65, 66
N = REPEATED_TOKENS


@pytest.fixture(scope="module")
def model(tiny_gguf: Path) -> Iterator[Model]:
    model = Model(tiny_gguf)
    yield model
    model.close()


def row(model: Model, *best: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Logits in which the named tokens lead, the first one most."""
    logits = np.zeros(model.vocabulary_size, np.float32)
    for place, token in enumerate(best):
        logits[token] = 10 - place
    return logits


def test_the_likeliest_token_is_taken(model: Model) -> None:
    chosen = Sampler(model, 0.0).choose(row(model, B, A), np.random.default_rng(0), may_end=True)
    assert chosen == B


def test_a_field_does_not_end_before_it_began(model: Model) -> None:
    logits = row(model, END, NEWLINE, A)
    sampler = Sampler(model, 0.0)
    assert sampler.choose(logits, np.random.default_rng(0), may_end=True) == END
    assert sampler.choose(logits, np.random.default_rng(0), may_end=False) == A
    assert logits[END] == 10  # the caller's row is left as it was


def test_a_temperature_samples_the_softmax(model: Model) -> None:
    logits = np.full(model.vocabulary_size, -np.inf, np.float32)
    logits[[A, B]] = 0.0, np.log(3)
    generator = np.random.default_rng(1)
    drawn = [Sampler(model, 1.0).choose(logits, generator, may_end=True) for _ in range(2000)]
    assert set(drawn) == {A, B}
    assert 0.70 < drawn.count(B) / 2000 < 0.80  # expected 0.75, deviation 0.01


@given(st.lists(st.integers(0, 50), min_size=N, max_size=5 * N))
def test_a_field_that_is_half_of_another_is_noticed(tokens: list[int]) -> None:
    half = max(N, (len(tokens) + 1) // 2)
    assert begins_like(tokens[:half], [[99], tokens])
    assert not begins_like(tokens[: half - 1], [tokens])
    assert not begins_like([*tokens[: half - 1], 99], [tokens])
    assert not begins_like([*tokens, 99], [tokens])


@given(st.lists(st.integers(0, 50), max_size=40, unique=True))
def test_what_never_says_a_token_twice_does_not_come_round(tokens: list[int]) -> None:
    assert not any(comes_round(tokens[:end]) for end in range(len(tokens) + 1))


@given(st.lists(st.integers(0, 9), max_size=20), st.integers(1, 3 * N))
def test_a_loop_of_any_period_is_noticed(before: list[int], period: int) -> None:
    loop = list(range(100, 100 + period))
    written = before + loop * (3 * N // period + 2)
    assert any(comes_round(written[:end]) for end in range(len(written) + 1))


def test_a_long_name_may_come_twice() -> None:
    name = list(range(N))
    twice = [*name, 99, *name]
    assert comes_round(twice)
    assert not says_again(twice, [], "Qwen2.5-VL-72B-Instruct beats Qwen2.5-VL-72B-Instruct")
    assert says_again(twice, [], "the model counts moths at lamps, the model counts moths at lamps")
