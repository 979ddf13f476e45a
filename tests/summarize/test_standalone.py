from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summarize.standalone import hangs, leans, presentable


@pytest.mark.parametrize(
    "text",
    [
        "It needs no light.",
        "This is solved by lamps.",
        "These moths are grey.",
        "Such lamps are rare.",
        "In this setting, moths win.",
        "Both are hard.",
        "The latter is brighter.",
        "Their wings are counted.",
        "To this, we add a lamp.",
        "Counting these moths is hard.",
    ],
)
def test_a_sentence_hangs_on_the_one_before(text: str) -> None:
    assert hangs(text)


@pytest.mark.parametrize(
    "text",
    [
        "This paper counts moths.",
        "In this work, we count moths.",
        "It is unclear how moths see lamps.",
        "It has been shown that moths see lamps.",
        "Both moths and bats see lamps.",
        "Italy has moths.",
        "Moths see this.",
        "",
    ],
)
def test_a_sentence_stands_alone(text: str) -> None:
    assert not hangs(text)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("These results show that lamps draw moths.", "Lamps draw moths."),
        ("However, these findings suggest that it rains.", "These findings suggest that it rains."),
        ("Moreover, lamps draw moths", "Lamps draw moths."),
        ("It works.", "It works."),
        ("To tackle these issues, we count moths.", "We count moths."),
        ("Addressing this, we count moths.", "We count moths."),
        ("To spare people the night, we count moths.", "To spare people the night, we count moths."),
    ],
)
def test_presentable(sentence: str, shown: str) -> None:
    assert presentable(sentence) == shown


@given(st.text(max_size=100))
def test_any_text_can_be_presented(text: str) -> None:
    assert len(presentable(text)) <= len(text) + 1


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("But as the list expands, opinions diverge.", "As the list expands, opinions diverge."),
        ("However the model is slow.", "The model is slow."),
        ("Yet most rank agents by returns.", "Most rank agents by returns."),
        ("Then the ring is placed on the hand.", "The ring is placed on the hand."),
        ("Yet another benchmark of moths is here.", "Yet another benchmark of moths is here."),
        ("To address this, this paper presents a moth.", "This paper presents a moth."),
        ("On this basis, we count moths.", "We count moths."),
    ],
)
def test_a_tie_without_a_comma_is_cut_too(sentence: str, shown: str) -> None:
    assert presentable(sentence) == shown


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("We study them side by side.", False),
        ("Against such risks, each moth needs a lamp.", False),
        ("We find it useful to count moths.", True),
        ("We study moths and count them.", True),
    ],
)
def test_what_is_done_to_something_unnamed_hangs(sentence: str, alone: bool) -> None:
    assert (hangs(sentence) or leans(sentence)) is not alone
