from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.clean import clean_text, safe_url, strip_markup

ANYTHING = st.text(st.characters(exclude_categories=()))
HOSTILE = st.lists(
    st.one_of(
        ANYTHING, st.sampled_from(["\x1b", "\x1b[31m", "\x1b]0;", "\x9b", "\x9d", "\x07", "\u202e", "\ud800"])
    )
).map("".join)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("plain", "plain"),
        ("  two\n lines\t", "two lines"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;5;1", ""),
        ("a\x9b31mb", "ab"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\text", "text"),
        ("\x9d0;title\x9ctext", "text"),
        ("\x1bPq#0\x1b\\text", "text"),
        ("a\x1b]0;never ended\nb", "a b"),
        ("a\x1b", "a"),
        ("\x1b\x00[31mx", "x"),
        ("\x1bcx", "x"),
        ("safe\u202eexe.txt\u2069", "safeexe.txt"),
        ("zero\u200bwidth\u2060\ufeff\u200d", "zerowidth"),
        ("line\u2028para\u2029\x85x", "line para x"),
        ("\ud800lone\U000fffff\ufdd0\ue000", "lone"),
        ("Cafe\u0301", "Café"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\U000e0041tags", "tags"),
    ],
)
def test_clean_text(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_words_behind_a_quotation_mark_read_as_latin_1_stay() -> None:
    assert "words that stay" in clean_text("a “quote”, words that stay".encode().decode("latin-1"))


@given(HOSTILE)
def test_clean_text_is_one_visible_line_and_stays_so(text: str) -> None:
    clean = clean_text(text)
    assert clean_text(clean) == clean
    assert not {unicodedata.category(character) for character in clean} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert unicodedata.is_normalized("NFC", clean)
    assert clean == " ".join(clean.split())


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("p < 0.05 and q > 3", "p < 0.05 and q > 3"),
        ("if x<y and z>w", "if x<y and z>w"),
        ("the <unk> token", "the <unk> token"),
        ("a <b>bold</b> word", "a bold word"),
        ("H<sub>2</sub>O", "H2O"),
        ("<p>one</p><p>two</p>", " one  two "),
        ("one<br/>two", "one two"),
        ('<a href="http://x" title="a b">t</a>', "t"),
        ("<!-- gone -->kept", " kept"),
        ("<script>alert(1)</script>kept", " kept"),
        ("<script>never closed", " "),
        ("AT&amp;T &lt;b&gt; &eacute;", "AT&T <b> é"),
        ("<jats:p>text</jats:p>", " text "),
        ("<IMG SRC=x onerror=alert(1)>text", " text"),
    ],
)
def test_strip_markup(html: str, text: str) -> None:
    assert strip_markup(html) == text


@given(st.text(alphabet="<>/ abpscript!-&;\"'="))
def test_strip_markup_never_fails(text: str) -> None:
    assert isinstance(strip_markup(text), str)


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://arxiv.org/abs/2600.00001", "https://arxiv.org/abs/2600.00001"),
        (" http://x.org:80/a?b=c#d ", "http://x.org:80/a?b=c#d"),
        ("HTTPS://X.org", "https://X.org"),
        ("https://x.org/a b", "https://x.org/a%20b"),
        ("https://x.org/a)[b](c", "https://x.org/a%29%5Bb%5D%28c"),
        ('https://x.org/"><b>', "https://x.org/%22%3E%3Cb%3E"),
        ("https://x.org/'|`\\", "https://x.org/%27%7C%60%5C"),
        ("https://x.org/\u202e", "https://x.org/%E2%80%AE"),
        ("https://x.org/%20", "https://x.org/%20"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://", ""),
        ("https://arxiv.org@evil.org/", ""),
        ("http://[::1", ""),
        ("http://a\\b/", ""),
        ("x.org", ""),
        ("https://x.org/" + "a" * 3000, ""),
    ],
)
def test_safe_url(url: str, safe: str) -> None:
    assert safe_url(url) == safe


@given(st.one_of(ANYTHING, ANYTHING.map("https://x.org/".__add__)))
def test_a_safe_url_is_plain_ascii_and_stays_so(url: str) -> None:
    safe = safe_url(url)
    assert not safe or safe.isascii()
    assert not set(safe) & set(" \t\n\"'<>()[]`\\|\x1b")
    assert safe_url(safe) == safe
