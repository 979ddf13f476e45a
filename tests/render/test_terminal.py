from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from builders import MOTHS, make_digest, sample_digest, scored
from digest.paper import Digest, Keyword
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


def test_a_day_without_papers_says_why() -> None:
    text = preview(make_digest())
    assert "Nothing to show today." in text
    assert "bad.xml is empty" in text


def test_without_interests_the_reader_is_told_how_to_set_them() -> None:
    assert "--interest" in preview(sample_digest(scored_by="category"))
    assert "--interest" not in preview(sample_digest())


def test_unknown_authors_are_said() -> None:
    assert "not named" in preview(make_digest(scored(replace(MOTHS, authors=()))))
