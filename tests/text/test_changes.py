from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.changes import changes


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("It reaches 82.1 F1.", "It reaches 84.0 F1.", "“82.1” → “84.0”"),
        ("We test it.", "We test it on two corpora.", "“it.” → “it on two corpora.”"),
        ("A preliminary study of moths.", "A study of moths.", "− “preliminary”"),
        ("A study of moths.", "A new study of moths.", "+ “new”"),
        ("a b c d", "x b y d", "“a” → “x”; “c” → “y”"),
        ("Same  words", "Same words", ""),
        ("", "", ""),
    ],
)
def test_changes(old: str, new: str, told: str) -> None:
    assert changes(old, new) == told


def test_many_and_long_changes_are_cut() -> None:
    old = " ".join(f"same{n} old{n}" for n in range(20))
    assert changes(old, old.replace("old", "new")).endswith("; 14 more changes")
    assert changes("", " ".join(map(str, range(50)))) == "+ “0 1 2 3 4 5 6 7 8 9 … 49”"


@given(st.text(), st.text())
def test_it_is_empty_only_when_the_words_are_the_same(old: str, new: str) -> None:
    told = changes(old, new)
    assert (told == "") == (old.split() == new.split())
    assert changes(old, old) == ""
