from __future__ import annotations

import pytest

from digest.paper import Field, Sentence
from digest.summarize.grounding import (
    COPIED,
    PARROT,
    REPEATED,
    TOO_LONG,
    TOO_SHORT,
    UNFINISHED,
    UNRELATED,
    WRONG_LANGUAGE,
    ground,
)
from digest.summarize.grounding.language import is_in, looks_english

SENTENCES = (
    Sentence("Moths at night are hard to count for the detectors of today.", "background"),
    Sentence(
        "We propose LanternNet, which follows each moth over many frames with a recurrent network.", "method"
    ),
    Sentence("LanternNet halves the counting error on all lamps of the city.", "result"),
)


def check(text: str, **options: object) -> Field:
    settings = {
        "title": "LanternNet",
        "sentences": SENTENCES,
        "language": "en",
        "label": "Method:",
        "cut": False,
    }
    return ground(text, **{**settings, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language", "right"),
    [
        ("We propose a method that counts moths at night.", "en", True),
        ("We propose a method that counts moths at night.", "German", False),
        ("We propose a method that counts moths at night.", "Japanese", False),
        ("Wir stellen ein Verfahren vor, das die Motten in der Nacht zählt.", "German", True),
        ("Wir stellen ein Verfahren vor, das die Motten in der Nacht zählt.", "en", False),
        ("Nous proposons une méthode qui compte les papillons de la nuit.", "French", True),
        ("Nous proposons une méthode qui compte les papillons de la nuit.", "en", False),
        ("本文提出一种统计飞蛾的方法LanternNet。", "zh", True),
        ("本文提出一种统计飞蛾的方法LanternNet。", "Spanish", False),
        ("夜の蛾を数える手法を提案し、その有効性を示す。", "Japanese", True),
        ("夜の蛾を数える手法を提案し、その有効性を示す。", "zh", False),
        ("나방을 세는 방법을 제안한다.", "Korean", True),
        ("Мы предлагаем метод подсчёта бабочек.", "Russian", True),
        ("Мы предлагаем метод подсчёта бабочек.", "en", False),
        ("Klingon words", "Klingon", True),
    ],
)
def test_the_language_is_told(text: str, language: str, right: bool) -> None:
    assert is_in(text, language) == right
    assert (WRONG_LANGUAGE in check(text, language=language).flags) != right


def test_names_alone_are_english_enough() -> None:
    assert looks_english("LanternNet YOLOv8")


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("LanternNet follows each moth over many frames.", True),
        ("LanternNet follows each moth over many frames", True),
        ("LanternNet follows each moth over the", False),
        ("LanternNet follows each moth, which", False),
        ("LanternNet follows each moth (over many", False),
        ("We propose LanternNet, which follows each moth over many", False),
    ],
)
def test_a_sentence_that_stops_in_the_middle_is_found(text: str, whole: bool) -> None:
    assert (UNFINISHED not in check(text).flags) == whole


def test_the_opening_is_a_motivation_and_nothing_else() -> None:
    opening = SENTENCES[0].text
    assert COPIED in check(opening, field="tldr").flags
    assert COPIED in check(opening, field="conclusion").flags
    assert check(opening, field="motivation").grounded
    assert check(SENTENCES[1].text, field="tldr").grounded


def test_instructions_are_no_summary() -> None:
    told = "Answer in English, in four labelled lines, and use only what the abstract says."
    assert (
        PARROT
        in check("In four labelled lines, and use only what the abstract says.", instructions=told).flags
    )
    assert PARROT in check("Method").flags
    assert check("LanternNet follows each moth over many frames.", instructions=told).grounded


def test_length_has_bounds() -> None:
    assert TOO_SHORT in check("Many moths.").flags
    assert TOO_SHORT not in check("Many moths.", field="datasets").flags
    assert TOO_LONG in check("LanternNet follows each moth. " * 5).flags
    assert TOO_LONG in check("moth " * 91).flags


def test_what_another_field_said_is_not_said_again() -> None:
    assert REPEATED in check("LanternNet follows each moth.", others=["LanternNet follows each moth"]).flags


def test_another_papers_words_are_found() -> None:
    other = "Proteins fold into stable shapes when their amino acids attract each other strongly."
    assert UNRELATED in check(other).flags


def test_meaning_outweighs_words_and_chooses_the_evidence() -> None:
    import numpy as np

    text = "A tracker watches insects through time."
    assert UNRELATED in check(text).flags
    near = check(text, meaning=lambda _: np.array([0.1, 0.95, 0.2], np.float32))
    far = check(text, meaning=lambda _: np.array([0.1, 0.2, 0.2], np.float32))
    assert UNRELATED not in near.flags
    assert UNRELATED in far.flags


def test_meaning_is_not_asked_for_another_language() -> None:
    def fail(_: str) -> None:
        raise AssertionError

    assert check("LanternNet在多帧中跟踪每只飞蛾。", language="zh", meaning=fail).grounded
