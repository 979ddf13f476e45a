from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.latex import pieces, readable
from digest.text.mathml import mathml

COMMANDS = [r"\frac", r"\href{javascript:x}", r"\style{a}", r"\text{", r"\sqrt", r"\color{red}", r"\class{x}"]
OTHERS = [r"\begin{matrix}", r"\end{matrix}", r"\alpha", r"\mathbb{R}", r"\left(", "&#60;"]
TEX = st.lists(st.sampled_from([*"ab1 ^_{}()$+-<>&\"'\\%~", *COMMANDS, *OTHERS])).map("".join)


@given(TEX)
def test_only_known_elements_come_out(tex: str) -> None:
    made = mathml(tex)
    if made is not None:
        for tag in re.findall(r"<[^>]*>", made):
            assert re.fullmatch(r'</?m?[a-z]+(?: [a-z]+="[^"<>]*")*>', tag)
        assert not re.search(
            r" (?:href|style|class|id|on\w+|mathcolor|src)=", re.sub(r'alttext="[^"]*"', "", made)
        )


@pytest.mark.parametrize(
    "tex", ["", " ", "x^", r"\frac", "{" * 50, r"\unknown x", "x" * 500, "{" * 300 + "}" * 300, r"\text{<b>}"]
)
def test_what_cannot_be_converted_whole_is_none_or_text(tex: str) -> None:
    made = mathml(tex)
    assert made is None or "&lt;b&gt;" in made


def test_a_fraction_is_a_fraction() -> None:
    assert "<mfrac><mrow><mi>K</mi></mrow><mrow><mi>p</mi></mrow></mfrac>" in (mathml(r"\frac{K}{p}") or "")


@given(TEX)
def test_pieces_together_are_the_text_shown(tex: str) -> None:
    for shown in (readable(tex), "something else"):
        assert "".join(piece.text for piece in pieces(tex, shown)) == shown


def test_formulas_are_found_between_words() -> None:
    tex = r"From $10^{-3}$ to $n^{1/6}$, for $5 each"
    assert [piece.tex for piece in pieces(tex, readable(tex))] == ["", "10^{-3}", "", "n^{1/6}", ""]
