"""Tell a person how a run is going, on stderr: one line that moves in a terminal, plain lines elsewhere."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Self

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from digest.summarize.grounding import without_thoughts
from digest.summarize.language_model import (
    Event,
    Failed,
    Notice,
    Planned,
    Skipped,
    Started,
    TextPiece,
    Written,
)
from digest.summarize.language_model import Progress as Tokens
from digest.text.clean import clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

    from digest.paper import Paper

_FRAMES_PER_SECOND = 8
_LINES = 4  # papers whose text is shown while it is written
_TITLE = 24
_STAGES = {
    "embedding": "embedding papers",
    "interests": "embedding interests",
    "keywords": "finding keywords",
    "summaries": "summarizing",
}


class ConsoleReporter:
    """A `pipeline.Reporter` for a console; use it as a context manager.

    Args:
        console: On stderr.
        quiet: Only warnings.
    """

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._moves = console.is_terminal and not console.is_dumb_terminal and not quiet
        self._quiet = quiet
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
        )
        self._papers: Sequence[Paper] = ()
        self._writing: dict[tuple[str, str], str] = {}  # the field at work, by paper and field
        self._live = Live(
            get_renderable=self._draw, console=console, transient=True, refresh_per_second=_FRAMES_PER_SECOND
        )
        self._tasks: dict[str, TaskID] = {}
        self._announced: set[str] = set()
        self._total = 0
        self._finished = 0
        self._tokens = 0  # of processes that died
        self._tokens_seen = 0
        self._started_at = 0.0

    def __enter__(self) -> Self:
        if self._moves:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def warn(self, text: str) -> None:
        """Show a warning, once, above the moving lines."""
        if text not in self._announced:
            self._announced.add(text)
            self._console.print(Text.assemble(("warning: ", "yellow"), clean_text(text)), soft_wrap=True)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Show how much of a stage is done."""
        self._show(stage, done, total)

    def summarizing(self, papers: Sequence[Paper]) -> None:
        """Take note of which papers the events to come are about."""
        self._papers = papers

    def event(self, event: Event) -> None:  # noqa: C901 - one case for each kind of event
        """Show what the model is doing."""
        if not self._started_at:
            self._started_at = time.monotonic()
        match event:
            case Notice(text, warning=True):
                self.warn(text)
            case Notice(text):
                if not self._quiet:
                    self._console.print(Text(text, style="dim"), soft_wrap=True)
            case Planned(jobs):
                self._total += jobs  # fields that are asked for again come as more jobs
            case Started(key):  # perhaps once more
                self._drop(key)
            case TextPiece(key, field, text):
                before = self._writing.get((key, field), "")
                self._drop(key)
                self._writing[key, field] = before + text
            case Failed(key, error):
                self.warn(f"{self._papers[int(key)].title}: {error}")
                self._finish_one(key)
            case Written(key) | Skipped(key):
                self._finish_one(key)
            case Tokens(prompt_tokens, generated_tokens):
                self._show_rate(prompt_tokens + generated_tokens)

    def _drop(self, key: str) -> None:
        self._writing = {names: said for names, said in self._writing.items() if names[0] != key}

    def _finish_one(self, key: str) -> None:
        self._drop(key)
        self._finished += 1
        self._show("summaries", self._finished, self._total)

    def _show_rate(self, tokens: int) -> None:
        if tokens < self._tokens_seen:  # another process counts from nought
            self._tokens += self._tokens_seen
        self._tokens_seen = tokens
        seconds = max(1e-9, time.monotonic() - self._started_at)
        note = f"{(self._tokens + tokens) / seconds:.0f} tokens/s"
        if self._finished:
            left = seconds / self._finished * (self._total - self._finished)
            note += f", about {dt.timedelta(seconds=round(left))} left"
        self._show("summaries", self._finished, self._total, note)

    def _show(self, stage: str, done: int, total: int, note: str = "") -> None:
        if self._quiet:
            return
        if not self._moves:
            if stage not in self._announced:
                self._announced.add(stage)
                self._console.print(Text(f"{_STAGES[stage]} ({total}) …"), soft_wrap=True)
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(_STAGES[stage], total=total, note=note)
        task = self._tasks[stage]
        self._progress.update(task, completed=done, total=total, visible=done < total)
        if note:
            self._progress.update(task, note=note)

    def _draw(self) -> RenderableType:
        """The bar, and what the model is writing right now."""
        room = max(10, self._console.width - _TITLE - 4)
        lines = [
            Text.assemble(
                (f"  {self._papers[int(key)].title[:_TITLE]} ", "dim"),
                clean_text(without_thoughts(text))[-room:],
            )
            for (key, _), text in list(self._writing.items())[:_LINES]
        ]
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return Group(self._progress, *lines)
