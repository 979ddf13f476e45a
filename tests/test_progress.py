from __future__ import annotations

import io

from rich.console import Console

from builders import MOTHS
from digest.progress import ConsoleReporter
from digest.summarize.language_model import Failed, Notice, Planned, Progress, Started, TextPiece, Written


def report(*, terminal: bool, quiet: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=80, _environ={"TERM": "xterm"})
    with ConsoleReporter(console, quiet=quiet) as reporter:
        reporter.progress("embedding", 1, 2)
        reporter.progress("embedding", 2, 2)
        reporter.summarizing([MOTHS, MOTHS, MOTHS])  # one is known already
        for event in (
            Planned(2),
            Notice("2 papers at once", warning=False),
            Notice("no template"),
            Notice("no template"),
            Started("0"),
            TextPiece("0", "tldr", "<think>secret</think>It counts [red]moths\x1b[2J"),
            Progress(100, 10),
            Started("0"),  # once more, in another process
            TextPiece("0", "tldr", "Anew."),
            Progress(20, 1),
            Written("0", {}),
            Progress(200, 20),
            Failed("1", "it died"),
        ):
            reporter.event(event)
            reporter._live.refresh()
    return file.getvalue()


def test_a_terminal_sees_the_text_as_it_is_written_and_how_long_it_will_take() -> None:
    seen = report(terminal=True)
    assert "It counts [red]moths" in seen
    assert "\x1b[2J" not in seen
    assert "secret" not in seen
    assert "tokens/s" in seen
    assert " left" in seen


def test_a_paper_that_is_tried_again_begins_anew_and_its_tokens_count() -> None:
    seen = report(terminal=True)
    assert "mothsAnew" not in seen
    assert "Anew." in seen


def test_elsewhere_there_are_plain_lines() -> None:
    assert report(terminal=False).splitlines() == [
        "embedding papers (2) …",
        "2 papers at once",
        "warning: no template",
        "summarizing (2) …",
        "warning: LanternNet: Counting Moths at Street Lamps: it died",
    ]


def test_who_wants_quiet_gets_warnings_only() -> None:
    assert report(terminal=True, quiet=True).count("warning") == 2
    assert "tokens/s" not in report(terminal=True, quiet=True)
