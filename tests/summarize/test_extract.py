from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.paper import Role, Sentence
from digest.summarize.compress import compressions
from digest.summarize.extract import (
    NO_ABSTRACT,
    NOTHING_LEFT,
    best_sentence,
    extract_field,
    extractive_summary,
)
from digest.summarize.roles import label_roles

TITLE = "LanternNet: Tracking Moths over Frames"
BACKGROUND = "Moth populations are falling, but counting moths at night still means a person with a notebook."
PROBLEM = "However, existing detectors fail on small, blurred shapes in the dark."
PROPOSAL = "In this paper, we present LanternNet (LN), a detector that tracks each moth over 12 video frames."
METHOD = "We train it on 3,400 labelled clips from 27 lamps, with a loss that ignores the rain on the lens."
RESULT = "LanternNet counts with a mean error of 6.1%, against 19.8% for the best of seven baselines."
CODE = "Code and clips are available at https://example.org/lantern."


def labelled(*pairs: tuple[str, Role]) -> tuple[Sentence, ...]:
    return tuple(Sentence(text, role) for text, role in pairs)


SENTENCES = labelled(
    (BACKGROUND, "background"),
    (PROBLEM, "background"),
    (PROPOSAL, "objective"),
    (METHOD, "method"),
    (RESULT, "result"),
    (CODE, "result"),
)


def test_each_field_is_a_sentence_of_the_fitting_role() -> None:
    summary = extractive_summary(SENTENCES, TITLE)
    assert [field.evidence for _, field in summary] == [(2,), (0, 1), (3,), (4,)]
    assert summary.tldr.text in compressions(PROPOSAL)
    assert summary.motivation.text == f"{BACKGROUND} {PROBLEM}"
    alone = extract_field(SENTENCES, roles=("background",), most=1)
    assert alone.text == "Existing detectors fail on small, blurred shapes in the dark."
    assert summary.conclusion.text == RESULT
    assert all(field.origin == "extract" and field.grounded and not field.flags for _, field in summary)


def test_where_code_is_found_is_no_conclusion_unless_nothing_else_is() -> None:
    without = extractive_summary([*SENTENCES[:4], SENTENCES[5]], TITLE).conclusion
    assert without.text == CODE
    assert extractive_summary(SENTENCES, TITLE).conclusion.text == RESULT


def test_the_title_is_never_the_tldr() -> None:
    title = "We Present LanternNet, Which Tracks Moths over Frames"
    sentences = labelled((f"{title}.", "objective"), (METHOD, "method"))
    assert best_sentence(sentences, title).evidence == (1,)
    assert best_sentence(sentences, "LanternNet").text == f"{title}."
    assert best_sentence(sentences[:1], title).evidence == (0,)  # there is nothing else


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_sentences_give_fewer_fields_and_never_one_twice(count: int) -> None:
    fields = [field for _, field in extractive_summary(SENTENCES[2 : 2 + count], TITLE)]
    shown = [field.evidence for field in fields if field.text]
    assert len(shown) == count
    assert len({i for evidence in shown for i in evidence}) == count
    assert all(field.flags == (NOTHING_LEFT,) for field in fields if not field.text)


def test_no_abstract_is_said() -> None:
    assert all(field.flags == (NO_ABSTRACT,) and not field.text for _, field in extractive_summary(()))


def test_a_sentence_that_stands_alone_is_preferred() -> None:
    sentences = labelled(
        (PROPOSAL, "objective"),
        ("It beats seven baselines, with results better by 3% than the best one on all 27 lamps.", "result"),
        (RESULT, "result"),
    )
    assert extract_field(sentences, roles=("result",), most=1).text == RESULT


def test_a_pointing_sentence_comes_with_the_one_before_it() -> None:
    sentences = labelled(
        ("Lamps draw moths from as far as 40 metres away.", "result"),
        ("This distance, we find, is halved in the rain.", "result"),
    )
    both = extract_field(sentences, roles=("result",))
    assert both.evidence == (0, 1)
    assert both.text == " ".join(sentence.text for sentence in sentences)
    assert extract_field(sentences, roles=("result",), most=1).evidence == (0,)


def test_a_field_by_words() -> None:
    found = extract_field(SENTENCES, cues=("EXIST", "however"))
    assert found.evidence == (1,)
    assert extract_field(SENTENCES, cues=("xist",)).flags == (NOTHING_LEFT,)
    assert extract_field(SENTENCES, cues=("https://",)).evidence == (5,)
    both = extract_field(SENTENCES, roles=("result",), cues=("lamp", "LanternNet"), most=1)
    assert both.evidence == (4,)
    chinese = labelled(("方法有两个局限：速度和雨。", "result"))
    assert extract_field(chinese, cues=("局限",)).evidence == (0,)
    assert extract_field(SENTENCES, cues=("",), roles=("method",)).evidence == (2, 3)


def test_what_we_do_is_no_motivation() -> None:
    sentences = labelled(("We extend the count to bats that come to the same lamps.", "background"))
    assert extract_field(sentences, roles=("background", "objective")).flags == (NOTHING_LEFT,)
    assert extract_field(sentences, roles=("method",)).evidence == (0,)


def test_other_peoples_method_is_not_preferred() -> None:
    sentences = labelled(
        ("Prior work labels one night at a time, so that all is learned anew.", "method"), (METHOD, "method")
    )
    assert extract_field(sentences, roles=("method",)).evidence == (1,)


def test_excluded_sentences_stay_out() -> None:
    assert extract_field(SENTENCES, roles=("method",), exclude={3}).flags == (NOTHING_LEFT,)


hostile = st.text(max_size=60) | st.text(
    st.sampled_from("We propose results. However it 12% ？。中文()$"), max_size=90
)


@example([".", ";%"], "")
@given(st.lists(hostile, max_size=7), hostile)
def test_any_text_gives_a_summary_of_its_own_sentences(texts: list[str], title: str) -> None:
    sentences = label_roles(" ".join(texts))
    fields = [field for _, field in extractive_summary(sentences, title)]
    used = [i for field in fields for i in field.evidence]
    assert len(used) == len(set(used))
    assert all(0 <= i < len(sentences) for i in used)
    assert all(bool(field.text) == bool(field.evidence) == (not field.flags) for field in fields)
    assert bool(fields[0].text) == bool(sentences)


def test_a_chinese_abstract() -> None:
    sentences = label_roles("飞蛾正在减少。我们提出灯网，一种从视频中数飞蛾的方法。实验表明误差为6%。")
    summary = extractive_summary(sentences, "灯网")
    assert summary.tldr.text
    assert all(field.text.endswith("。") for _, field in summary if field.text)


def test_a_finding_that_was_taken_for_a_method_is_the_conclusion() -> None:
    sentences = (
        Sentence("Moths are hard to count.", "background"),
        Sentence("We present MothNet, which counts moths at night.", "objective"),
        Sentence("It has three layers of lamps and a sensor.", "method"),
        Sentence("Across four gardens, MothNet outperforms human counters by 5 %.", "method"),
        Sentence("Code is available at https://moths.org.", "other"),
    )
    summary = extractive_summary(sentences, "MothNet")
    assert summary.conclusion.text.startswith("Across four gardens")
    assert summary.method.text.startswith("It has three layers")


@pytest.mark.parametrize("text", ["", " ", ", "])
def test_an_abstract_without_words_says_so_in_every_field(text: str) -> None:
    for _, field in extractive_summary((Sentence(text, "method"),), "Moths"):
        assert (field.text, field.flags) == ("", (NOTHING_LEFT,))
