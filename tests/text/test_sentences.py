from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.sentences import split_sentences

PIECES = st.sampled_from(
    [
        "We",
        "show.",
        "et",
        "al.",
        "e.g.",
        "Fig.",
        "2",
        "3.5",
        "U.S.",
        "(",
        ")",
        '"',
        "...",
        "?",
        "!",
        "J.",
        "Smith",
        "Node.js",
        "works.We",
        "。",
        "！",
        "你好",
        "Results.",
        "(ii)",
        "k-means",
        "a",
        "A",
        ",",
        "95%.",
    ]
)


@pytest.mark.parametrize(
    "sentences",
    [
        ["One.", "Two!", "Three?", "Four"],
        ["As Smith et al. (2020) show, it works.", "We agree."],
        ["We follow Deng et al.", "The rest is new."],
        ["Models, e.g. BERT, i.e. encoders, work.", "See Fig. 2 and Eq. 3."],
        ["It rose by 3.5 points vs. 2.1 w.r.t. the base.", "Data are i.i.d. and clean."],
        ["J. Smith and A. B. Jones of the U.S. Army agree.", "They do."],
        ["He lives in the U.S.", "The rest do not."],
        ['He said "yes."', "(It was no.)", "[1] Next."],
        ["And so on...", "Then more."],
        ["It waits ... and goes on."],
        ["Node.js v1.2 on arXiv.org reads https://a.org/B.C and main.py.", "Good."],
        ["A ratio of 0.5.", "3D models win."],
        ["First works.", "mRNA follows."],
        ["We won at 95%.", "Nobody else did."],
        ["What?!", "Yes."],
        ["Background. Moths fall.", "Methods. We count them.", "Results. They fell by 3.1%."],
        ["Those are the results.", "They hold."],
        ["Some strategies (eg. Atari) work, ie. win, on avg. +5.6 points.", "Good."],
        ["It led (Oct. 4th, 2017) for a month.", "It fell in Oct.", "The rest rose."],
        [
            "Two findings stand out.",
            "(i) Size matters.",
            "(ii) We revisit it.",
            "ii) It holds.",
            "b) So do others.",
        ],
        ["It does two things: (1) it counts; (2) it sorts; 3) it stops.", "Done."],
        ["We cluster.", "k-means is fast.", "n-grams are not."],
        ["It is here.", "https://example.org/a.b?c=D"],
        ["For f(x) = 0.5 x. and more, see Eq. (2).", "With $y = A x.$ we stop."],
        ["We reach 1e-3.", "Then O(n log n) vs. O(n^2.5).", "So be it."],
    ],
)
def test_sentences_with_spaces_between(sentences: list[str]) -> None:
    assert list(split_sentences(" ".join(sentences))) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It works.We tried.", ("It works.", "We tried.")),
        ("A gain.MothNet counts more.", ("A gain.", "MothNet counts more.")),
        ("See Node.js and System.IO for more.", ("See Node.js and System.IO for more.",)),
        (
            "结果为 3.5%。我们的方法（见 arXiv.org）更好；真的！",
            ("结果为 3.5%。", "我们的方法（见 arXiv.org）更好；真的！"),
        ),
        ("in (a).We tried it.", ("in (a).", "We tried it.")),
        ("这是一。这是二！好吗？“是。”完", ("这是一。", "这是二！", "好吗？", "“是。”", "完")),
        ("  one.\n\nTwo. ", ("one.", "Two.")),
        ("", ()),
        (" \n", ()),
    ],
)
def test_sentences_without_spaces_between(text: str, sentences: tuple[str, ...]) -> None:
    assert split_sentences(text) == sentences


@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)))
def test_nothing_is_lost_and_nothing_is_empty(text: str) -> None:
    sentences = split_sentences(text)
    assert all(sentence.strip() for sentence in sentences)
    assert "".join("".join(sentences).split()) == "".join(text.split())


@given(st.lists(PIECES.filter(lambda piece: piece.isascii() and "works.We" not in piece)).map(" ".join))
def test_spaced_sentences_joined_are_the_text(text: str) -> None:
    assert " ".join(split_sentences(text)) == " ".join(text.split())
