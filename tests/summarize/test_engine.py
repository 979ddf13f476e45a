from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import ModelError
from digest.summarize.engine import BATCH_TOKENS, Engine
from digest.summarize.language_model import Event, Notice, Progress, Skipped, Started, TextPiece, Written
from digest.summarize.llama import Context, Model, Span
from digest.summarize.sampling import REPEATED_TOKENS
from digest.summarize.tasks import Budget, FieldPlan, Task, common_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NEWLINE = (10,)
FIELDS = (
    FieldPlan("tldr", tuple(b"TL;DR:"), 12),
    FieldPlan("method", tuple(b"Method:"), 7),
)


@pytest.fixture(scope="module")
def model(tiny_gguf: Path) -> Iterator[Model]:
    model = Model(tiny_gguf)
    yield model
    model.close()


LONG_FIELDS = (FieldPlan("tldr", tuple(b"TL;DR:"), 90), FieldPlan("method", tuple(b"Method:"), 90))


def engine(
    model: Model, parallel: int = 3, fields: tuple[FieldPlan, ...] = FIELDS, **options: float
) -> Engine:
    return Engine(model, fields, separator=NEWLINE, parallel=parallel, threads=1, **options)  # type: ignore[arg-type]


def tasks(count: int, *, shared: int = 30, seed: int = 0, longest: int = 60) -> list[Task]:
    source = random.Random(seed)
    prefix = tuple(source.randrange(32, 127) for _ in range(shared))
    return [
        Task(str(n), (*prefix, *(source.randrange(32, 127) for _ in range(source.randrange(1, longest)))))
        for n in range(count)
    ]


def written(events: Sequence[Event]) -> dict[str, Written]:
    return {event.key: event for event in events if isinstance(event, Written)}


def plain_greedy(model: Model, prompt: Sequence[int]) -> dict[str, str]:
    """The referee: one paper, one token at a time, nothing shared, by the rules of a field."""
    context = Context(model, size=4096, sequences=1, batch_size=2048, threads=1)
    fields = {}
    position, pending = 0, list(prompt)
    for plan in FIELDS:
        pending += plan.label
        tokens: list[int] = []
        text = b""
        while True:
            row = context.decode([Span(0, position, pending, 1)])[0].copy()
            position += len(pending)
            token = int(row.argmax())
            while not tokens and (model.is_end(token) or model.piece(token) == b"\n"):
                row[token] = -np.inf
                token = int(row.argmax())
            if model.is_end(token) or model.piece(token) == b"\n":
                pending = list(NEWLINE)
                break
            tokens.append(token)
            text += model.piece(token)
            pending = [token]
            if len(tokens) == plan.max_tokens:
                pending = [token, *NEWLINE]
                break
        fields[plan.name] = text.decode("utf-8", "replace")
    context.close()
    return fields


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=8).map(tuple), min_size=2, max_size=5))
def test_the_common_prefix_is_common_maximal_and_leaves_something(prompts: list[tuple[int, ...]]) -> None:
    length = common_prefix(prompts)
    shortest = min(map(len, prompts))
    assert 0 <= length < shortest
    assert len({tuple(prompt[:length]) for prompt in prompts}) == 1
    assert length == shortest - 1 or len({prompt[length] for prompt in prompts}) > 1


def test_one_paper_has_no_prefix_to_share() -> None:
    assert common_prefix([(1, 2, 3)]) == 0


@pytest.mark.parametrize("parallel", [1, 3, 8])
def test_every_paper_reads_as_if_it_were_alone(model: Model, parallel: int) -> None:
    some = tasks(9)
    result = written(list(engine(model, parallel).run(some)))
    assert {key: event.fields for key, event in result.items()} == {
        task.key: plain_greedy(model, task.prompt) for task in some
    }


def test_prompts_longer_than_a_batch_are_read_in_chunks(model: Model) -> None:
    some = tasks(3, shared=BATCH_TOKENS + 100, longest=700, seed=5)
    result = written(list(engine(model).run(some)))
    assert {key: event.fields for key, event in result.items()} == {
        task.key: plain_greedy(model, task.prompt) for task in some
    }


def test_the_prefix_is_computed_once(model: Model) -> None:
    some = tasks(8, shared=200, longest=20)
    shared = common_prefix([task.prompt for task in some])
    events = list(engine(model).run(some))
    labels = len(FIELDS[0].label)
    expected = shared + sum(len(task.prompt) - shared + labels for task in some)
    assert [e for e in events if isinstance(e, Progress)][-1].prompt_tokens == expected


def test_pieces_of_text_add_up_to_the_fields(model: Model) -> None:
    events = list(engine(model).run(tasks(5, seed=3)))
    for key, event in written(events).items():
        for plan in FIELDS:
            pieces = [
                e.text for e in events if isinstance(e, TextPiece) and (e.key, e.field) == (key, plan.name)
            ]
            assert "".join(pieces) == event.fields[plan.name]


def test_a_field_that_runs_into_its_budget_is_marked(model: Model) -> None:
    result = written(list(engine(model).run(tasks(6, seed=4))))
    assert any(event.cut for event in result.values())
    for event in result.values():
        assert event.generated_tokens <= sum(plan.max_tokens for plan in FIELDS)
        assert all(event.fields[plan.name] for plan in FIELDS)


def test_each_paper_is_started_before_it_ends_and_at_most_so_many_are_in_flight(model: Model) -> None:
    flying: set[str] = set()
    most = 0
    for event in engine(model, parallel=3).run(tasks(10)):
        if isinstance(event, Started):
            flying.add(event.key)
        elif isinstance(event, Written):
            flying.remove(event.key)
        most = max(most, len(flying))
    assert (most, flying) == (3, set())


@pytest.mark.parametrize("seed", range(4))
def test_one_paper_reads_as_llama_cpp_python_itself_would_write_it(
    model: Model, tiny_gguf: Path, seed: int
) -> None:
    """Batch of one, greedy, no guesses: the same as `Llama.create_completion` for the same tokens."""
    from llama_cpp import Llama

    (task,) = tasks(1, seed=seed, longest=200)
    field = FieldPlan("tldr", tuple(b"TL;DR:"), 40)
    (mine,) = written(list(engine(model, 1, (field,), speculate=False).run([task]))).values()
    llama = Llama(str(tiny_gguf), n_ctx=1024, n_batch=BATCH_TOKENS, n_threads=1, verbose=False)
    answer: Any = llama.create_completion(
        [*task.prompt, *field.label], max_tokens=40, temperature=0.0, stop=["\n"], repeat_penalty=1.0
    )
    llama.close()
    # Bytes that are no characters are left out there and marked here.
    theirs, ours = answer["choices"][0]["text"], mine.fields["tldr"].replace("\ufffd", "")
    assert theirs
    assert theirs == ours if not mine.repeats else theirs.startswith(ours)


def test_a_field_that_comes_round_to_itself_is_ended_and_marked(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = engine(model, 2, LONG_FIELDS)
    monkeypatch.setattr(writer.sampler, "choose", lambda *_, **__: ord("a"))
    for event in written(list(writer.run(tasks(3)))).values():
        assert event.repeats == ("tldr", "method")
        assert event.cut == ()
        # The first comes round to itself, the second is half of the first one.
        first, second = (len(event.fields[plan.name]) for plan in LONG_FIELDS)
        assert first == 2 * REPEATED_TOKENS
        assert second == REPEATED_TOKENS


def test_a_model_whose_memory_cannot_be_taken_back_in_part_is_run_the_plain_way(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies: list[int] = []
    monkeypatch.setattr(Model, "has_recurrent_state", True)
    monkeypatch.setattr(Context, "copy", lambda *_: copies.append(1))
    cuts: list[int] = []
    real = Context.truncate

    def truncate(context: Context, sequence: int, length: int) -> None:
        cuts.append(length)
        real(context, sequence, length)

    monkeypatch.setattr(Context, "truncate", truncate)
    some = tasks(5)
    writer = engine(model, 4)
    result = written(list(writer.run(some)))
    assert {key: event.fields for key, event in result.items()} == {
        task.key: plain_greedy(model, task.prompt) for task in some
    }
    assert (writer.parallel, writer.policy, copies, set(cuts)) == (1, None, [], {0})


def test_no_papers_are_no_work(model: Model) -> None:
    assert list(engine(model).run([])) == []


def test_with_a_temperature_the_seed_decides_and_not_the_company(model: Model) -> None:
    some = tasks(6)

    def texts(parallel: int, seed: int) -> dict[str, dict[str, str]]:
        events = list(engine(model, parallel, temperature=1.0, seed=seed).run(some))
        return {key: event.fields for key, event in written(events).items()}

    assert texts(1, 7) == texts(4, 7)
    fewer = written(list(engine(model, 2, temperature=1.0, seed=7).run(some[3:])))
    assert {key: event.fields for key, event in fewer.items()}.items() <= texts(1, 7).items()
    assert texts(1, 7) != texts(1, 8)


def repetitive_tasks(count: int, seed: int) -> list[Task]:
    source = random.Random(seed)
    phrase = tuple(source.randrange(97, 100) for _ in range(6))
    return [Task(str(n), tuple(b"Read: ") + phrase * source.randrange(2, 9)) for n in range(count)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([0.0, 0.8]))
def test_guessing_ahead_changes_no_text(model: Model, seed: int, parallel: int, temperature: float) -> None:
    """The tiny model's f32 logits have no ties, so the text must be the same to the letter."""
    some = [*tasks(3, seed=seed), *repetitive_tasks(4, seed)]
    some = [Task(str(n), task.prompt) for n, task in enumerate(some)]
    texts = []
    for speculate in (False, True):
        writer = engine(model, parallel, LONG_FIELDS, temperature=temperature, seed=seed, speculate=speculate)
        if writer.policy:  # guess whenever there is something to guess
            writer.policy.choose = lambda streaks: {n: 4 if s is not None else 0 for n, s in streaks.items()}  # type: ignore[method-assign]
        texts.append({key: event.fields for key, event in written(list(writer.run(some))).items()})
    assert texts[0] == texts[1]


def test_guesses_do_come_true(model: Model) -> None:
    writer = engine(model, 2, LONG_FIELDS)
    assert writer.policy
    writer.policy.choose = lambda streaks: {n: 4 if s is not None else 0 for n, s in streaks.items()}  # type: ignore[method-assign]
    list(writer.run(repetitive_tasks(12, 1)))
    assert 0 < writer.policy.accepted <= writer.policy.drafted


def test_more_memory_than_there_is_halves_the_papers_in_flight(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    real = Context

    def scarce(*arguments: Any, sequences: int, **options: Any) -> Context:  # noqa: ANN401
        tried.append(sequences)
        if sequences > 2:
            raise ModelError("no memory")
        return real(*arguments, sequences=sequences, **options)

    monkeypatch.setattr("digest.summarize.memory.Context", scarce)
    assert len(written(list(engine(model, 8).run(tasks(8))))) == 8
    assert tried == [8, 4, 2]


def test_memory_that_is_allowed_bounds_the_papers_in_flight(model: Model) -> None:
    events = list(engine(model, 8, memory=1).run(tasks(4)))
    assert len(written(events)) == 4
    chosen, warning = [event for event in events if isinstance(event, Notice)]
    assert warning.warning
    assert "more than --memory allows" in warning.text
    assert chosen.text.startswith("1 paper at once")
    assert chosen.text.endswith("on the CPU with 1 thread")
    assert not chosen.warning


def test_a_budget_that_is_spent_starts_no_paper(model: Model) -> None:
    events = list(engine(model, 2, budget_s=0.0).run(tasks(4)))
    assert [event.key for event in events if isinstance(event, Skipped)] == ["0", "1", "2", "3"]
    assert written(events) == {}


def test_a_budget_counts_what_a_paper_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("digest.summarize.tasks.time.monotonic", lambda: now)
    budget = Budget(60.0)
    assert budget.allows_another()
    now = 140.0
    budget.finished(100.0)  # it took 40 s, and 20 are left
    assert not budget.allows_another()
    assert Budget(None).allows_another()


def test_before_a_paper_is_done_the_speed_of_tokens_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("digest.summarize.tasks.time.monotonic", lambda: now)
    budget = Budget(60.0)
    assert budget.allows_another(9000, 0), "the first is started on trust"
    assert budget.allows_another(9000, 1) is None, "nothing is known yet"
    budget.worked(100, 1.0)
    assert budget.allows_another(5900, 1)
    assert budget.allows_another(6100, 1) is False
    now = 170.0
    assert budget.allows_another(1, 0) is False


@pytest.mark.parametrize("kv_type", ["f32", "q8_0"])
def test_the_cache_may_have_another_type(model: Model, kv_type: str) -> None:
    writer = Engine(model, FIELDS, separator=NEWLINE, parallel=2, threads=1, kv_type=kv_type)
    if kv_type == "q8_0":  # a block of 32 does not fit the tiny model's heads of 16
        with pytest.raises(ModelError, match=r"no memory|context"):
            list(writer.run(tasks(2)))
    else:
        assert len(written(list(writer.run(tasks(2))))) == 2


def test_many_papers_leave_the_memory_where_it_was(model: Model) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    list(engine(model, 4).run(tasks(50)))
    before = resident()
    list(engine(model, 4).run(tasks(450, seed=9)))
    assert resident() - before < 8 * 2**20
