from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.latex import readable


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"$A \rightarrow B$", "A → B"),
        (r"\textbf{Drift-Bench}", "Drift-Bench"),
        (r"\textbf{20$\times$ compression}.", "20× compression."),
        (r"5.38\% of 10% and 3", "5.38% of 10% and 3"),
        (r"Paulo Andr\'e", "Paulo André"),
        (r"M{\"u}ller, Erd\H{o}s, \L{}uk", "Müller, Erdős, Łuk"),
        ("``Integrity'' is", "“Integrity” is"),
        ("a `skeleton' of", "a ‘skeleton’ of"),
        ("Fig.~2 and et al.~(2022)", "Fig. 2 and et al. (2022)"),
        ("about ~300k at r~0.49, 5~10", "about ~300k at r~0.49, 5~10"),
        ("an aerial--ground pair -- a test---ends", "an aerial–ground pair – a test—ends"),
        (r"\url{https://a.org/b_c}", "https://a.org/b_c"),
        (r"\href{https://a.org}{the code}", "the code"),
        (r"as shown \cite{a,b}, and \citep[see][p.~3]{c}.", "as shown, and."),
        (r"\emph{one} {\it two} {\em three}", "one two three"),
        (r"$\mathcal{O}(n \log n)$", "O(n log n)"),
        (r"$\alpha$-stable", "α-stable"),
        ("$10^{-3}$ and 10^{-3}", "10^-3 and 10^-3"),
        (r"$x_{i}$, $n^{1/6}$, $p^{\frac{n}{2}}$", "x_i, n^(1/6), p^(n/2)"),
        (r"$\frac{a+b}{c}$ and $\sqrt{kT}$", "(a+b)/c and √kT"),
        (r"Q\&A, a\_b, C\#", "Q&A, a_b, C#"),
        ("costs $5 and $6", "costs $5 and $6"),
        (r"costs \$5", "costs $5"),
        ("from $5-$6 to $7", "from $5-$6 to $7"),
        ("$>$0.99 with $\\sim$15", ">0.99 with ~15"),
        (r"We propose \method, which", "We propose method, which"),
        (r"as \model{Grok 4} does", "as Grok 4 does"),
        (r"(\eg, BERT)", "(e.g., BERT)"),
        (r"\textcolor{red}{hot}", "hot"),
        ("the set {a, b} of {A}nts $x$", "the set {a, b} of Ants x"),
        (r"$m < k$ & p < 0.05 # 1 _ ^ \%", "m < k & p < 0.05 # 1 _ ^ %"),
        (r"i.i.d.\ data", "i.i.d. data"),
        (r"360$^\circ$", "360°"),
    ],
)
def test_readable(tex: str, text: str) -> None:
    assert readable(tex) == text


@pytest.mark.parametrize(
    "text",
    [
        "p < 0.05 & q > 3, 10% of snake_case #1 x^2",
        "run gcc --help or --version",
        "a state-of-the-art well-known name",
        "it's the readers' choice",
        "https://x.org/~user",
        "",
    ],
)
def test_text_without_tex_is_left_alone(text: str) -> None:
    assert readable(text) == text


@given(st.text())
def test_never_raises(text: str) -> None:
    assert isinstance(readable(text), str)


@given(st.text(alphabet="\\${}[]()^_%&#~`'-abc \n\"*"))
def test_never_raises_on_what_looks_like_tex(text: str) -> None:
    assert isinstance(readable(text), str)


@given(st.lists(st.text(string.ascii_letters + string.digits + ".,:;()", min_size=1)))
def test_plain_words_stay(words: list[str]) -> None:
    text = " ".join(words)
    assert readable(text) == text


@pytest.mark.parametrize(
    "bomb", ["{" * 20_000, "$" * 9_999, "\\frac{" * 3_000, "x_{" * 5_000 + "}" * 5_000, "``" * 9_999]
)
def test_nested_groups_end(bomb: str) -> None:
    assert isinstance(readable(bomb + r" \emph{x}"), str)
