from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summarize.extract import (
    NO_ABSTRACT,
    NOTHING_LEFT,
    extractive_summary,
    untie,
)
from digest.summarize.roles import label_roles

ABSTRACT = (
    "Moth populations are falling, but counting moths at night still means a person with a notebook. "
    "Existing detectors fail on small, blurred shapes. "
    "We present LanternNet, a detector that follows each moth over 12 video frames. "
    "We train it on 3,400 labelled clips from 27 lamps. "
    "However, LanternNet counts with a mean error of 6.1%, against 19.8% for the best baseline."
)


def test_each_field_is_a_sentence_of_the_fitting_role() -> None:
    summary = extractive_summary(label_roles(ABSTRACT))
    assert [field.evidence for _, field in summary] == [(2,), (0,), (3,), (4,)]
    assert summary.conclusion.text.startswith("LanternNet counts")
    assert all(field.origin == "extract" and field.grounded for _, field in summary)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_sentences_give_fewer_fields_and_never_one_twice(count: int) -> None:
    sentences = label_roles(ABSTRACT)[:count]
    fields = [field for _, field in extractive_summary(sentences)]
    shown = [field.evidence for field in fields if field.text]
    assert len(shown) == len(set(shown)) <= count
    assert all(field.flags == (NOTHING_LEFT,) for field in fields if not field.text)


def test_no_abstract_is_said() -> None:
    assert all(field.flags == (NO_ABSTRACT,) and not field.text for _, field in extractive_summary(()))


@given(st.text(st.sampled_from("We propose results are. However it 12% ？。中文"), max_size=300))
def test_any_text_gives_a_summary_of_its_own_sentences(text: str) -> None:
    sentences = label_roles(text)
    used = [i for _, field in extractive_summary(sentences) for i in field.evidence]
    assert len(used) == len(set(used))
    assert all(0 <= i < len(sentences) for i in used)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("However, it works.", "It works."),
        ("To this end, we build X.", "We build X."),
        ("Howevers are odd.", "Howevers are odd."),
        ("iPhones are used.", "iPhones are used."),
    ],
)
def test_what_ties_a_sentence_to_the_one_before_is_cut(sentence: str, shown: str) -> None:
    assert untie(sentence) == shown
