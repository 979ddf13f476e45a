from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summarize.compress import compressions, tidy, untie

WORDS = (
    "we We propose show that a lamp moth, which is in this paper, However, (see Fig. 2) by counting "
    "10,000 moths "
    "and show $a (b$ f(x) using the of ; : -- while 3.5% to find [1] where and we prove ( ) $ . ? 飞蛾，数 "
    "。 iPhone"
)
texts = st.lists(st.sampled_from(WORDS.split()), max_size=30).map(" ".join) | st.text(max_size=120)


@pytest.mark.parametrize(
    ("sentence", "shorter"),
    [
        ("In this paper, we count moths at night by lamp.", "We count moths at night by lamp."),
        ("In this work we count moths at night by lamp.", "We count moths at night by lamp."),
        ("However, lamps draw more moths than fires.", "Lamps draw more moths than fires."),
        ("To this end, we also count moths near lamps.", "We count moths near lamps."),
        (
            "To spare people the night, we build LanternNet for moths.",
            "We build LanternNet for moths.",
        ),
        ("We show that lamps draw moths from afar.", "Lamps draw moths from afar."),
        (
            "Experiments on 27 lamps show that LanternNet counts moths rather well.",
            "LanternNet counts moths rather well.",
        ),
        (
            "We count moths (nocturnal ones) at 27 lamps.",
            "We count moths at 27 lamps.",
        ),
        (
            "We count moths at 27 lamps, which people did by hand until now.",
            "We count moths at 27 lamps.",
        ),
        (
            "We count moths at 27 lamps and show that they are fewer.",
            "We count moths at 27 lamps.",
        ),
        (
            "We present a counter of moths called LanternNet that needs no light.",
            "We present a counter of moths that needs no light.",
        ),
        ("we count the moths at every lamp", "We count the moths at every lamp."),
    ],
)
def test_a_shorter_form_is_found(sentence: str, shorter: str) -> None:
    assert shorter in compressions(sentence)


@pytest.mark.parametrize(
    ("sentence", "broken"),
    [
        ("The moths that came using the light of lamps are counted.", "The moths that came."),
        ("We build a tool to quickly find and count the moths.", "We build a tool to quickly find."),
        ("While moths fly at night, using lamps draws them.", "While moths fly at night."),
        ("If the lamp burns at night, we count all moths.", "We count all moths."),
        ("We suggest that moths may like lamps best.", "Moths may like lamps best."),
        ("We not only count moths at lamps, but name them.", "We not only count moths at lamps."),
        ("We count 10,000 moths at most.", "We count 10."),
        ("We set $a, which (b$ for the moths of the lamps.", "We set $a."),
        ("We use f(x) for the counts of moths.", "We use f for the counts of moths."),
    ],
)
def test_what_would_hang_or_say_more_is_not_cut(sentence: str, broken: str) -> None:
    forms = compressions(sentence)
    assert forms[0] == sentence
    assert broken not in forms


def bare(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def is_subsequence(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(word in rest for word in part)


def balance(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return False
    return depth == 0 and text.count("$") % 2 == 0


@given(texts)
def test_forms_are_whole_and_hold_only_words_of_the_sentence_in_order(text: str) -> None:
    forms = compressions(text)
    assert len(set(forms)) == len(forms) <= 32
    assert bool(forms) == bool(tidy(text))
    for form in forms:
        assert form == tidy(form) == " ".join(form.split())
        assert is_subsequence(bare(form), bare(text))
        assert re.search(r"[.!?…。！？]\W*\Z", form)
        assert len(form) <= len(text) + 1
    for form in forms[1:]:
        assert balance(form)
        assert set(re.findall(r"\d+(?:[.,]\d+)*", form)) <= set(re.findall(r"\d+(?:[.,]\d+)*", text))


@given(texts)
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("moths  fly\nat night", "Moths fly at night."),
        ("moths fly: ", "Moths fly."),
        ("iPhones are used.", "iPhones are used."),
        ("灯下数蛾", "灯下数蛾。"),
        ("灯下数蛾。", "灯下数蛾。"),
        ('they said "no."', 'They said "no."'),
        (" ,; ", ""),
        ("ßeta", "ßeta."),
        ("\u00b5m are used", "\u00b5m are used."),
    ],
)
def test_tidied(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("However, it works.", "It works."),
        ("To this end, we build X.", "We build X."),
        ("And yet, moreover, it works.", "It works."),
        ("Howevers are odd.", "Howevers are odd."),
        ("iPhones are used.", "iPhones are used."),
        ("However,", "However,"),
    ],
)
def test_what_ties_a_sentence_to_the_one_before_is_cut(sentence: str, shown: str) -> None:
    assert untie(sentence) == shown


@pytest.mark.parametrize(
    "condition", ["when lamps are bright", "without a battery", "if it rains", "unless it rains"]
)
def test_a_condition_is_never_cut(condition: str) -> None:
    for comma in ("", ","):
        forms = compressions(f"We show that moths can be counted at night by a camera{comma} {condition}.")
        assert all(condition in form for form in forms)


def test_what_holds_only_half_is_not_cut_in_half() -> None:
    forms = compressions("Lamps improve the counting of moths, but may fail with positive probability.")
    assert all("may fail" in form for form in forms)


def test_a_question_stays_a_question() -> None:
    forms = compressions("We ask how many moths are counted by lamps, which are small, and why it matters?")
    assert all(form.endswith("?") for form in forms)


def test_what_this_paper_does_is_reached_behind_its_reasons() -> None:
    forms = compressions("To count moths in the dark of night, this paper presents a lamp with a sensor.")
    assert "This paper presents a lamp with a sensor." in forms


def test_what_is_no_sentence_is_not_taken_apart() -> None:
    text = "We count moths, and show that lamps help, " * 60
    assert len(compressions(text)) == 1
