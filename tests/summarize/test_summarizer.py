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
from digest.summarize.choice import OUT_OF_TIME, SAYS_LESS, Outcome, Preference
from digest.summarize.extract import NO_ABSTRACT
from digest.summarize.language_model import (
    Event,
    Failed,
    Job,
    LanguageModel,
    ModelDiedError,
    Planned,
    Request,
    Written,
)
from digest.summarize.prompts import FieldPrompt, PromptTemplate, load_template
from digest.summarize.rank import score
from digest.summarize.recovery import generate_surely
from digest.summarize.roles import label_roles
from digest.summarize.summarizer import Writer, summarize
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
    return Writer(model, ModelInfo("fake", "0" * 64, "F32"), "en", prefer="model")


def run(
    papers: list[Paper],
    model: LanguageModel | None,
    store: MemoryStore | None = None,
    template: PromptTemplate = TEMPLATE,
) -> tuple[list[Outcome], list[Event]]:
    events: list[Event] = []
    outcomes = summarize(
        papers,
        [label_roles(p.abstract) for p in papers],
        template=template,
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
            template=TEMPLATE,
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
    identity = plain.prompt_sha256(TEMPLATE)
    assert exact.prompt_sha256(TEMPLATE) == small.prompt_sha256(TEMPLATE) == identity
    assert rounded.prompt_sha256(TEMPLATE) != identity


def test_a_changed_prompt_or_sampling_is_another_summary(tmp_path: Path) -> None:
    model = FakeModel()
    base = writer(model)
    (tmp_path / "en").mkdir()
    words = (resource("prompts") / "en" / "summary.toml").read_text().replace("busy", "patient")
    (tmp_path / "en" / "summary.toml").write_text(words)
    other = load_template("en", folders=[tmp_path, resource("prompts")])
    warm, chinese, french = (
        dataclasses.replace(base, temperature=0.7),
        *(load_template(language, folders=[resource("prompts")]) for language in ("zh", "French")),
    )
    hashes = {
        base.prompt_sha256(TEMPLATE),
        base.prompt_sha256(TEMPLATE.once_more()),
        base.prompt_sha256(TEMPLATE, ("tldr",)),
        base.prompt_sha256(other),
        warm.prompt_sha256(TEMPLATE),
        dataclasses.replace(warm, seed=1).prompt_sha256(TEMPLATE),
        base.prompt_sha256(chinese),
        base.prompt_sha256(french),
    }
    assert len(hashes) == 8
    same = dataclasses.replace(base, seed=5, parallel=3)
    assert same.prompt_sha256(TEMPLATE) == base.prompt_sha256(TEMPLATE)
    renamed = msgspec.structs.replace(TEMPLATE.fields[0], heading="In short", cues=("we",))
    shown_else = msgspec.structs.replace(TEMPLATE, fields=(renamed, *TEMPLATE.fields[1:]))
    assert base.prompt_sha256(shown_else) == base.prompt_sha256(TEMPLATE)


class SecondThoughts(FakeModel):
    """Invents its conclusion at first; asked for it again, it says what it is told to."""

    def __init__(self, second: str) -> None:
        super().__init__(fields={"Paper 1": {"conclusion": " It won at NeurIPS in 2031."}})
        self.second = second

    def generate(self, request: Request) -> Iterator[Event]:
        if request.jobs[0].wanted:
            self.fields = {"Paper 1": {"conclusion": self.second}}
        return super().generate(request)


def test_a_refused_field_is_asked_for_once_more_in_other_words() -> None:
    model, store = SecondThoughts(" LanternNet has a counting error of 6.1%."), MemoryStore()
    (outcome,), events = run([paper(1)], model, store)
    first, second = model.requests
    assert [job.wanted for request in model.requests for job in request.jobs] == [(), ("conclusion",)]
    assert second.template.user == TEMPLATE.again != first.template.user
    assert outcome.summary.conclusion.text == "LanternNet has a counting error of 6.1%."
    assert (outcome.summary.conclusion.origin, outcome.summary.conclusion.flags) == ("model", ())
    assert [event.jobs for event in events if isinstance(event, Planned)] == [1, 1]
    (same,), _ = run([paper(1)], model, store)
    assert (same, len(model.requests)) == (outcome, 2)


def test_a_field_refused_twice_tells_its_first_fault() -> None:
    model = SecondThoughts(" It was shown at ICML in 2032.")
    (outcome,), _ = run([paper(1)], model)
    assert len(model.requests) == 2
    assert outcome.summary.conclusion.origin == "extract"
    assert "number not in the abstract: 2031" in outcome.summary.conclusion.flags
    assert outcome.status == "summarized"


def test_no_second_asking_without_time_or_words_for_it() -> None:
    model = SecondThoughts(" LanternNet has a counting error of 6.1%.")
    run([paper(1)], model, template=msgspec.structs.replace(TEMPLATE, again=""))
    assert len(model.requests) == 1


@pytest.mark.parametrize("ending", ["skipped", "deadly"])
def test_a_second_asking_that_fails_takes_nothing_away(ending: str) -> None:
    class Once(SecondThoughts):
        def generate(self, request: Request) -> Iterator[Event]:
            if request.jobs[0].wanted:
                setattr(self, ending, {"Paper 1"})
            return super().generate(request)

    (outcome,), _ = run([paper(1)], Once(""))
    assert (outcome.status, outcome.error) == ("summarized", None)
    assert outcome.summary.tldr.origin == "model"
    assert outcome.summary.conclusion.origin == "extract"


@pytest.mark.parametrize(
    ("prefer", "language", "origin"),
    [
        ("model", "en", "model"),
        ("extract", "en", "extract"),
        ("best", "en", "extract"),
        ("extract", "French", "extract"),
    ],
)
def test_two_true_sentences_compete(prefer: Preference, language: str, origin: str) -> None:
    said = {"tldr": " It is trained on 3,400 clips from 27 lamps."}
    chosen = dataclasses.replace(writer(FakeModel(fields={"Paper 1": said})), prefer=prefer)
    outcomes = summarize(
        [paper(1)],
        [label_roles(ABSTRACT)],
        template=TEMPLATE,
        writer=dataclasses.replace(chosen, language=language),
        store=MemoryStore(),
        on_event=lambda _: None,
    )
    tldr = outcomes[0].summary.tldr
    assert tldr.origin == origin
    if origin == "extract" and language == "en":
        assert tldr.text.startswith("We propose LanternNet")
        assert tldr.flags == (SAYS_LESS,)


def test_a_good_sentence_of_the_models_own_is_shown() -> None:
    text = "We propose LanternNet, which follows moths over 12 frames and reduces the counting error to 6.1%."
    sentences = label_roles(ABSTRACT)
    own = run([paper(1)], None)[0][0].summary.tldr.text
    ours, theirs = score([text, own], "Paper 1", sentences)
    assert ours < theirs  # what it says anew makes up for it
    outcomes = summarize(
        [paper(1)],
        [sentences],
        template=TEMPLATE,
        writer=dataclasses.replace(
            writer(FakeModel(fields={"Paper 1": {"tldr": f" {text}"}})), prefer="best"
        ),
        store=MemoryStore(),
        on_event=lambda _: None,
    )
    assert (outcomes[0].summary.tldr.origin, outcomes[0].summary.tldr.text) == ("model", text)


def test_what_the_model_took_is_not_shown_twice() -> None:
    results = (
        "Experiments at lamps in several towns show that LanternNet outperforms the best single-frame "
        "detectors by a large margin in every season. "
        "Our results demonstrate that counting moths from video is robust to rain and wind, and that it "
        "improves when the frames are taken faster than the moths fly."
    )
    more = paper(1, f"{ABSTRACT} {results}")
    own = run([more], None)[0][0].summary.conclusion.text
    said = {"tldr": f" {own}", "conclusion": " It won in 2031."}
    (outcome,), _ = run([more], FakeModel(fields={"Paper 1": said}))
    assert (outcome.summary.tldr.origin, outcome.summary.conclusion.origin) == ("model", "extract")
    assert outcome.summary.conclusion.text not in ("", own)


@pytest.mark.parametrize("with_model", [True, False])
def test_a_field_of_the_readers_own_is_written_or_found(*, with_model: bool) -> None:
    lamps = FieldPrompt("lamps", "Lamps:", cues=("lamp",))
    venue = FieldPrompt("venue", "Venue:")
    template = msgspec.structs.replace(TEMPLATE, fields=(*TEMPLATE.fields, lamps, venue), again="")
    model = FakeModel(fields={"Paper 1": {"lamps": " 27 lamps were filmed.", "venue": " NeurIPS."}})
    (outcome,), _ = run([paper(1)], model if with_model else None, template=template)
    fields = dict(outcome.summary)
    assert [*fields][4:] == ["lamps", "venue"]
    assert fields["lamps"].origin == ("model" if with_model else "extract")
    assert "27 lamps" in fields["lamps"].text
    assert (fields["venue"].text, fields["venue"].origin) == ("", "extract")


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
