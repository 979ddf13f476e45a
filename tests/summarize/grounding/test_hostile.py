"""Hostile text is judged like any other, and in no time: a pattern that backtracks would hang here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.paper import Sentence
from digest.summarize.grounding import ground, meaning_flags, unsupported

LENGTH = 20_000
PIECES = [
    "1", "1,", "1,000,", "1.", "-1 ", "1e", "½", "9" * 50, "a", "a ", "A", "A.", "aB-", "a-1",
    "two ", "two thirds ", "half ", "not ", "no ", "without a ", "outperforms ",
    "is outperformed by ", "more than ", "from 1 to 2 ", "(", "((1)", "[", "{", "$", "\\", "\\%",
    "% ", ".", ". ", "!?", "code is ", "published in ", "released the ", "available ", "www.",
    "https://", "x.org", "不", "一", "百", "百分之", "三分之", "千万", "提高", "提高1", "优于",
    "被", "。", "，", "a不", "０", "\u0301", "e\u0301", "\ufffd", "<think>", "over a ",
    "grant from ", "A" * 70 + " ", "order of magnitude ", "CIFAR-10, ", "the first ", "_", "`",
    "''", "ß",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_long_repetitions_end(piece: str) -> None:
    text = (piece * LENGTH)[:LENGTH]
    sentences = (Sentence("We count 12 moths.", "result"), Sentence(text, "other"))
    for source in (sentences, sentences[:1]):
        field = ground(text, title="Moths", sentences=source, language="en", label="x:", cut=True)
        assert field.grounded == (not field.flags)
    unsupported(text, text)
    unsupported("We count 12 moths.", text)


@given(
    st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["en", "zh", "German", "Japanese", "x"])
)
def test_any_mixture_is_judged(pieces: list[str], language: str) -> None:
    text = "".join(pieces)
    sentences = (Sentence("LanternNet outperforms 12 moths.", "result"), Sentence(text, "other"))
    field = ground(text, title="Moths", sentences=sentences, language=language, label="x:", cut=False)
    assert field.grounded == (not field.flags)
    assert all(0 <= i < 2 for i in field.evidence)
    assert isinstance(meaning_flags(text, "", ()), list)


@given(st.text(max_size=400))
def test_a_text_supports_itself(text: str) -> None:
    assert unsupported(text, text) == []
