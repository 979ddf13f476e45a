from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.paper import Field
from digest.summarize.grounding import (
    BROKEN_OFF,
    CUT,
    EMPTY,
    GARBLED,
    HEADLINE,
    LINK,
    LOOP,
    REPEATED,
    TITLE,
    UNRELATED,
    WRONG_LANGUAGE,
    ground,
    loops,
    tidy,
)
from digest.summarize.roles import label_roles

TITLE_TEXT = "LanternNet: Counting Moths"
ABSTRACT = (
    "Counting moths at night is hard for existing detectors. "
    "We propose LanternNet, which follows each moth over 12 frames with a GRU. "
    "It is trained on 3,400 clips. "
    "LanternNet reduces the counting error from 19.80% to 6.1%, 1.5x better than YOLOv8."
)


def check(
    raw: str,
    *,
    language: str = "en",
    cut: bool = False,
    repeats: bool = False,
    others: tuple[str, ...] = (),
) -> Field:
    return ground(
        raw,
        title=TITLE_TEXT,
        sentences=label_roles(ABSTRACT),
        language=language,
        label="TL;DR:",
        cut=cut,
        repeats=repeats,
        others=others,
    )


@pytest.mark.parametrize(
    "text",
    [
        "LanternNet follows each moth over 12 frames.",
        "The counting error falls from 19.8% to 6.1%.",
        "It is trained on 3400 clips, and reduces the error.",
        "LanternNet follows moths with GRUs over frames.",
        "A detector that counts moths: LanternNet-based, 1.5x better than YOLOv8.",
    ],
)
def test_what_the_abstract_says_is_grounded(text: str) -> None:
    field = check(text)
    assert field.flags == ()
    assert field.grounded
    assert field.evidence


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("The counting error falls to 7.1%.", "number not in the abstract: 7.1%"),
        ("LanternNet was trained in 2018 on clips.", "number not in the abstract: 2018"),
        ("LanternNet beats YOLOv9 in counting moths.", "name not in the abstract: YOLOv9"),
        ("LanternNet, shown at NeurIPS, counts moths.", "name not in the abstract: NeurIPS"),
        ("LanternNet counts moths, see https://x.org", LINK),
        ("Counting moths at night, moths at night is moths at night is moths at night is hard.", LOOP),
        ("LanternNet: counting moths.", TITLE),
        ("LanternNet: A Study of Moth Counting With Street Lamps", HEADLINE),
        ("LanternNet follows each moth\ufffd", GARBLED),
        (" \n ", EMPTY),
        ("...", EMPTY),
        ("Quantum computers will change banking forever everywhere.", UNRELATED),
    ],
)
def test_what_it_does_not_say_is_found(text: str, flag: str) -> None:
    field = check(text)
    assert flag in field.flags
    assert not field.grounded


def test_the_language_asked_for_is_checked() -> None:
    assert WRONG_LANGUAGE in check("LanternNet follows each moth.", language="zh").flags
    assert check("LanternNet在12帧中跟踪每只飞蛾，误差降至6.1%。", language="zh").flags == ()
    assert "number not in the abstract: 13" in check("LanternNet在13帧中跟踪飞蛾。", language="zh").flags
    assert WRONG_LANGUAGE in check("在十二帧中跟踪每只飞蛾。").flags


def test_a_field_that_says_what_another_said_is_found() -> None:
    text = "LanternNet follows each moth over 12 frames."
    assert check(text, others=("LanternNet follows each moth, over 12 frames",)).flags == (REPEATED,)


def test_a_field_that_was_ended_for_saying_it_again_is_not_shown() -> None:
    text = "LanternNet follows each moth over 12 frames."
    shown = check(text)
    assert shown.grounded
    again = check(text, repeats=True)
    assert (again.grounded, again.flags) == (False, (BROKEN_OFF,))


def test_a_field_cut_at_its_budget_ends_at_its_last_full_sentence() -> None:
    field = check("LanternNet follows each moth over 12 frames. It is trained on", cut=True)
    assert field.text == "LanternNet follows each moth over 12 frames."
    assert field.flags == ()
    assert CUT in check("LanternNet follows each moth over 12", cut=True).flags


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (" words ", "words"),
        ("TL;DR: words", "words"),
        ("**TL;DR:** words", "words"),
        ("tl;dr： words", "words"),
        ("<think>hm</think> words", "words"),
        ("<think>hm", ""),
        ("hm</think>words", "words"),
        ("<thinking>a</thinking>b<think>c", "b"),
        ("a\x1b[31mb", "ab"),
    ],
)
def test_only_the_fields_text_is_left(raw: str, shown: str) -> None:
    assert tidy(raw, "TL;DR:") == shown


@given(st.text())
def test_no_thought_ever_reaches_a_reader(text: str) -> None:
    assert "<think>" not in tidy(f"{text}<think>{text}", "TL;DR:")


@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    field = check(text)
    assert field.grounded == (not field.flags)
    assert all(0 <= i < 4 for i in field.evidence)


@given(st.integers(0, 10**6))
def test_a_number_is_grounded_only_if_it_is_there(number: int) -> None:
    flagged = any(
        "number" in flag for flag in check(f"LanternNet follows each moth over {number} frames.").flags
    )
    assert flagged == (str(number) not in {"12", "3400"})


@pytest.mark.parametrize(
    ("text", "stammers"),
    [
        ("将说说说说说，说说说说，", True),
        ("模型模型模型模型", True),
        ("The moths count 10000 lamps at www.example.org", False),
        ("他们说说笑笑，研究飞蛾。", False),
    ],
)
def test_a_stammer_is_a_loop(text: str, stammers: bool) -> None:
    assert loops(text) == stammers


def test_a_sentence_full_of_names_is_no_headline() -> None:
    text = "LanternNet Beats YOLO and Faster Moth Counters."
    assert HEADLINE not in check(text).flags
