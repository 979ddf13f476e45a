from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from digest.errors import ModelError
from digest.paper import ModelInfo, Paper
from digest.resources import resource
from digest.summarize.extract import NO_ABSTRACT, label_roles
from digest.summarize.language_model import (
    Event,
    Failed,
    Job,
    LanguageModel,
    ModelDiedError,
    Request,
    Written,
)
from digest.summarize.prompts import load_template
from digest.summarize.summarizer import OUT_OF_TIME, Outcome, Writer, generate_surely, summarize
from fakes import FakeModel, MemoryStore

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATE = load_template("en", folders=[resource("prompts")])
ABSTRACT = (
    "Counting moths at night is hard. We propose LanternNet, which follows each moth over 12 frames. "
    "It is trained on 3,400 clips from 27 lamps. LanternNet reduces the counting error to 6.1%."
)


def paper(number: int, abstract: str = ABSTRACT) -> Paper:
    return Paper(
        id=f"2600.{number:05}",
        version=1,
        title=f"Paper {number}",
        authors=(),
        abstract=abstract,
        categories=(),
        published=dt.date(2026, 2, 2),
        announce_type="new",
        url="",
        pdf_url="",
        source="test",
    )


def writer(model: LanguageModel) -> Writer:
    return Writer(model, ModelInfo("fake", "0" * 64, "F32"), TEMPLATE, "en")


def run(
    papers: list[Paper], model: LanguageModel | None, store: MemoryStore | None = None
) -> tuple[list[Outcome], list[Event]]:
    events: list[Event] = []
    outcomes = summarize(
        papers,
        [label_roles(p.abstract) for p in papers],
        writer=writer(model) if model else None,
        store=store or MemoryStore(),
        on_event=events.append,
    )
    return outcomes, events


def request(*titles: str) -> Request:
    return Request(TEMPLATE, tuple(Job(title, title, ("One.",)) for title in titles))


def test_what_the_model_writes_is_shown_when_the_abstract_says_it() -> None:
    model = FakeModel(fields={"Paper 1": {"tldr": " LanternNet follows each moth over 12 frames."}})
    (outcome,), _ = run([paper(1)], model)
    assert outcome.status == "summarized"
    assert outcome.summary.tldr.text == "LanternNet follows each moth over 12 frames."
    assert outcome.summary.tldr.origin == "model"
    assert outcome.summary.tldr.evidence == (1,)


def test_an_invented_field_is_replaced_and_says_why() -> None:
    model = FakeModel(fields={"Paper 1": {"conclusion": " It won at NeurIPS with an error of 4.2%."}})
    (outcome,), _ = run([paper(1)], model)
    conclusion = outcome.summary.conclusion
    assert (conclusion.origin, conclusion.text) == (
        "extract",
        "LanternNet reduces the counting error to 6.1%.",
    )
    assert "number not in the abstract: 4.2%" in conclusion.flags
    assert "name not in the abstract: NeurIPS" in conclusion.flags


def test_a_model_of_which_nothing_can_be_shown_did_not_summarize() -> None:
    (outcome,), _ = run([paper(1)], FakeModel(fields={"Paper 1": dict.fromkeys(
        ("tldr", "motivation", "method", "conclusion"), " In 2018 it won.")}))  # fmt: skip
    assert outcome.status == "extracted"
    assert all(field.origin == "extract" for _, field in outcome.summary)


def test_without_a_model_the_abstract_speaks() -> None:
    (outcome,), events = run([paper(1)], None)
    assert (outcome.status, events) == ("extracted", [])
    assert outcome.summary.tldr.text.startswith("We propose LanternNet")


def test_a_paper_without_an_abstract_is_not_asked_about() -> None:
    model = FakeModel()
    outcomes, _ = run([paper(1, ""), paper(2)], model)
    assert outcomes[0].status == "extracted"
    assert outcomes[0].summary.tldr.flags == (NO_ABSTRACT,)
    assert [job.title for job in model.requests[0].jobs] == ["Paper 2"]


def test_nothing_is_written_twice() -> None:
    store, model = MemoryStore(), FakeModel()
    papers = [paper(n) for n in range(3)]
    first, _ = run(papers, model, store)
    again, events = run(papers, model, store)
    assert again == first
    assert (events, len(model.requests)) == ([], 1)
    run([*papers, paper(3)], model, store)
    assert [job.title for job in model.requests[-1].jobs] == ["Paper 3"]


def test_an_interrupted_run_has_kept_what_was_done() -> None:
    store = MemoryStore()
    papers = [paper(n) for n in range(4)]

    def interrupt(event: Event) -> None:
        if isinstance(event, Written) and event.key == "1":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        summarize(
            papers,
            [label_roles(p.abstract) for p in papers],
            writer=writer(FakeModel()),
            store=store,
            on_event=interrupt,
        )
    assert len(store.summaries) == 2


def test_the_paper_that_kills_the_model_fails_and_the_others_do_not() -> None:
    model = FakeModel(deadly=["Paper 2"], in_flight=3)
    outcomes, events = run([paper(n) for n in range(6)], model)
    assert [outcome.status for outcome in outcomes] == [
        "summarized", "summarized", "failed", "summarized", "summarized", "summarized"]  # fmt: skip
    assert outcomes[2].error == "it was ended by SIGABRT"
    assert outcomes[2].summary.tldr.origin == "extract"
    assert [event.key for event in events if isinstance(event, Failed)] == ["2"]
    # Tried once in company and once alone.
    assert sum(any(job.title == "Paper 2" for job in r.jobs) for r in model.requests) == 2


def test_a_paper_for_which_there_was_no_time_is_extracted_and_says_so() -> None:
    store = MemoryStore()
    outcomes, _ = run([paper(1), paper(2)], FakeModel(skipped=["Paper 2"]), store)
    assert [outcome.status for outcome in outcomes] == ["summarized", "extracted"]
    assert outcomes[1].error == OUT_OF_TIME
    assert len(store.summaries) == 1  # the next run asks again


def test_two_deadly_papers_take_no_innocent_with_them() -> None:
    model = FakeModel(deadly=["1", "4"], in_flight=2)
    events = list(generate_surely(model, request(*"012345")))
    assert {e.key for e in events if isinstance(e, Failed)} == {"1", "4"}
    assert {e.key for e in events if isinstance(e, Written)} == {"0", "2", "3", "5"}


def test_a_model_that_only_dies_is_given_up() -> None:
    model = FakeModel(broken=lambda _: ModelDiedError("killed"))
    events = list(generate_surely(model, request(*map(str, range(50)))))
    assert {e.key for e in events if isinstance(e, Failed)} == set(map(str, range(50)))
    assert len(model.requests) == 3


def test_a_model_that_cannot_be_loaded_is_an_error() -> None:
    with pytest.raises(ModelError, match="too large"):
        list(generate_surely(FakeModel(broken=lambda _: ModelError("too large")), request("1")))


def test_a_model_that_does_not_come_up_again_fails_the_rest_only() -> None:
    model = FakeModel(
        deadly=["2"], in_flight=1, broken=lambda n: ModelError("file is gone") if n > 1 else None
    )
    events = list(generate_surely(model, request(*"0123")))
    assert {e.key for e in events if isinstance(e, Written)} == {"0", "1"}
    assert {(e.key, e.error) for e in events if isinstance(e, Failed)} == {
        ("2", "file is gone"),
        ("3", "file is gone"),
    }


def test_a_rounded_memory_is_another_summary_and_its_size_is_not() -> None:
    plain = writer(FakeModel())
    rounded, exact, small = (
        dataclasses.replace(plain, kv_type=kind, memory=memory)
        for kind, memory in (("q4_0", None), ("f32", None), ("f16", 1))
    )
    assert plain.prompt_sha256 == exact.prompt_sha256 == small.prompt_sha256
    assert rounded.prompt_sha256 != plain.prompt_sha256


def test_a_changed_prompt_or_sampling_is_another_summary(tmp_path: Path) -> None:
    model = FakeModel()
    base = writer(model)
    (tmp_path / "en").mkdir()
    words = (resource("prompts") / "en" / "summary.toml").read_text().replace("busy", "patient")
    (tmp_path / "en" / "summary.toml").write_text(words)
    other = load_template("en", folders=[tmp_path, resource("prompts")])
    hashes = {
        base.prompt_sha256,
        Writer(model, base.info, other, "en").prompt_sha256,
        Writer(model, base.info, TEMPLATE, "en", temperature=0.7).prompt_sha256,
        Writer(model, base.info, TEMPLATE, "en", temperature=0.7, seed=1).prompt_sha256,
        Writer(model, base.info, load_template("zh", folders=[resource("prompts")]), "zh").prompt_sha256,
        Writer(
            model, base.info, load_template("French", folders=[resource("prompts")]), "French"
        ).prompt_sha256,
    }
    assert len(hashes) == 6
    assert Writer(model, base.info, TEMPLATE, "en", seed=5, parallel=3).prompt_sha256 == base.prompt_sha256


class FailingModel(FakeModel):
    """Writes the first paper of each request, then cannot go on; its requests are kept."""

    def generate(self, request: Request) -> Iterator[Event]:
        for event in super().generate(request):
            yield event
            if isinstance(event, Written) and len(request.jobs) > 1:
                raise ModelError("llama.cpp failed to decode a batch", "take a smaller model")


def test_an_error_at_work_costs_no_paper_that_can_be_written() -> None:
    model = FailingModel()
    ends = [e for e in generate_surely(model, request("a", "b", "c", "d")) if isinstance(e, Written | Failed)]
    assert sorted(end.key for end in ends) == ["a", "b", "c", "d"]
    assert any(isinstance(end, Written) for end in ends)


def test_the_budget_is_for_all_tries_together(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("digest.summarize.summarizer.time.monotonic", lambda: now[0])

    class Slow(FailingModel):
        def generate(self, request: Request) -> Iterator[Event]:
            now[0] += 25
            yield from super().generate(request)

    model = Slow()
    list(generate_surely(model, msgspec.structs.replace(request("a", "b", "c"), budget_s=60.0)))
    budgets = [each.budget_s for each in model.requests]
    assert budgets == [60.0, 35.0, 10.0][: len(budgets)]
    assert len(budgets) >= 2
