from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from builders import MOTHS, field, make_digest, sample_digest, scored
from digest.paper import Digest, FeedReport, Keyword, Receipt, Summary
from digest.render.terminal import render_preview
from golden import check_golden


def preview(digest: Digest, width: int = 80, **options: object) -> str:
    file = io.StringIO()
    options.setdefault("color_system", None)
    console = Console(file=file, width=width, legacy_windows=False, _environ={}, **options)  # type: ignore[arg-type]
    render_preview(digest, console)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "width", "changes"),
    [("preview-80.txt", 80, {}), ("preview-40.txt", 40, {}), ("preview-120.txt", 120, {}),
     ("preview-80-zh.txt", 80, {"language": "zh"}), ("preview-80-extractive.txt", 80, {"model": None})],
)  # fmt: skip
def test_the_preview_is_the_golden_one(name: str, width: int, changes: dict[str, object]) -> None:
    check_golden(name, preview(sample_digest(**changes), width))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_line_is_wider_than_the_terminal_or_ends_in_spaces(width: int, language: str) -> None:
    for line in preview(sample_digest(language=language), width).splitlines():
        assert cell_len(line) <= width
        assert line == line.rstrip()


hostile = st.lists(st.sampled_from([*"[]/ab\\", "[red]", "[/]", "[link=x]", "中", "é"])).map("".join)


@given(hostile, hostile)
def test_markup_in_text_is_text(title: str, keyword: str) -> None:
    entry = scored(replace(MOTHS, title=f"<{title}>"), keywords=(Keyword(f"<{keyword}>", 1.0),))
    words = "".join(preview(make_digest(entry), 500).split())
    assert "".join(f"<{title}>".split()) in words
    assert "".join(f"<{keyword}>".split()) in words


def test_piped_output_has_no_escapes_and_a_terminal_has_links() -> None:
    assert "\x1b" not in preview(sample_digest(), force_terminal=False)
    terminal = preview(sample_digest(), force_terminal=True, color_system="standard")
    assert "\x1b]8;" in terminal
    assert MOTHS.url in terminal


def test_without_colour_there_is_no_colour() -> None:
    plain = preview(sample_digest(), force_terminal=True, color_system="standard", no_color=True)
    assert "\x1b[31m" not in plain
    assert "\x1b[32m" not in plain


def test_where_there_is_only_ascii_lines_are_ascii() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    console = Console(file=file, width=80, color_system=None)
    render_preview(make_digest(scored()), console)
    file.seek(0)
    assert "─" not in file.read()


def test_who_wrote_what_is_said_in_words() -> None:
    text = preview(sample_digest())
    assert "(extracted from the abstract)" in text
    assert "The model failed on this paper" in text
    assert "bad.xml: failed" in text
    assert "no language model was used" in preview(sample_digest(model=None))


def test_what_the_abstract_does_not_support_is_said() -> None:
    odd = field("Odd, 99%.", grounded=False, flags=("number not in the abstract: 99",))
    shown = preview(make_digest(scored(summary=Summary(odd, odd, odd, odd))), 120)
    assert "Odd, 99%. (not supported by the abstract; number not in the abstract: 99)" in shown


def test_a_day_without_papers_says_why() -> None:
    text = preview(make_digest())
    assert "Nothing to show today." in text
    assert "bad.xml is empty" in text


def test_without_interests_the_reader_is_told_how_to_set_them() -> None:
    assert "--interest" in preview(sample_digest(scored_by="category"))
    assert "--interest" not in preview(sample_digest())


def test_unknown_authors_are_said() -> None:
    assert "not named" in preview(make_digest(scored(replace(MOTHS, authors=()))))


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk"])
def test_an_encoding_without_the_letters_does_not_lose_the_digest(encoding: str, terminal: bool) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=file, width=80, color_system=None, force_terminal=terminal, _environ={})
    render_preview(sample_digest(language="zh"), console)
    file.seek(0)
    assert MOTHS.title in file.read()


def test_the_preview_in_ascii_is_the_golden_one() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    render_preview(sample_digest(), Console(file=file, width=40, color_system=None, _environ={}))
    file.seek(0)
    check_golden("preview-40-ascii.txt", file.read())


ESCAPES = ["\x1b[31m", "\x1b]8;;http://e\x07", "\x9b2J", "\x1b", "a", "中", " ", "\u202e"]


@given(st.lists(st.sampled_from(ESCAPES)), st.integers(8, 60))
def test_no_escape_of_a_paper_reaches_the_terminal(parts: list[str], width: int) -> None:
    text = "".join(parts)
    paper = replace(MOTHS, title=text, authors=(text,), categories=(text,), url=f"https://x.org/{text}")
    summary = Summary(*[field(text)] * 4)
    receipt = Receipt(text, 0.5, 0.1, 50, (text,), text, text, text)
    entry = scored(paper, summary=summary, keywords=(Keyword(text, 1.0),), status="failed", error=text)
    entry = replace(entry, receipt=receipt, folded=(text,), explored=True)
    digest = make_digest(entry, feeds=(FeedReport(text, "failed", 0, text),), notes=(text,))
    shown = preview(digest, width, force_terminal=True)
    assert not set(shown) & set("\x1b\x9b\x07\u202e")
    assert all(cell_len(line) <= width for line in shown.splitlines())


@pytest.mark.parametrize(("cards", "shown"), [(None, 3), (0, 0), (2, 2), (9, 3)])
def test_only_the_best_papers_get_cards(cards: int | None, shown: int) -> None:
    file = io.StringIO()
    render_preview(sample_digest(), Console(file=file, width=80, color_system=None, _environ={}), cards=cards)
    assert file.getvalue().count("nearest interest") == shown


def test_how_many_papers_were_read_is_said() -> None:
    assert "13 papers read" in preview(sample_digest())
