"""`digest show`: a digest again, or one paper of it."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli_listing import known_format, print_records, records_of
from digest.cli_options import ArchiveOption, ConfigOption, config_of, open_archive
from digest.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from digest.archive import Archive
    from digest.paper import Digest

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})

_AGO = re.compile(r"-(\d{1,4})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAMED = {"today": 0, "yesterday": 1}


# `-3` is no option.
@app.command("show", context_settings={"ignore_unknown_options": True})
def show(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="[DATE|ID]",
            help="2026-02-02, yesterday, -3 (three days ago), or a paper (default: the newest digest).",
        ),
    ] = "",
    compact: Annotated[bool, typer.Option("--compact", help="One line a paper.")] = False,
    form: Annotated[
        str, typer.Option("--format", metavar="NAME", help="Print md or json instead of the preview.")
    ] = "preview",
    pager: Annotated[
        bool, typer.Option("--pager/--no-pager", help="Show it page by page ($PAGER), in a terminal.")
    ] = True,
    archive: ArchiveOption = None,
    config: ConfigOption = None,
) -> None:
    """Show a digest as it was, or what a digest said of a paper."""
    from digest import offline

    offline.forbid_network()
    known_format(form, ("preview", "md", "json"))
    if what.startswith("-") and not _AGO.fullmatch(what):
        raise UsageError(f"no such option: {what}", "see `digest show --help`")
    with open_archive(config_of(context, archive, config)) as opened:
        day = parse_day(what, dt.datetime.now().astimezone().date())
        digest = _of_day(opened, day) if day or not what else _of_paper(opened, what, form)
    if digest is not None:
        _print(digest, form, compact=compact, paged=pager)


def parse_day(what: str, today: dt.date) -> dt.date | None:
    """Return the day that is meant; None when it is no day.

    Raises:
        UsageError: It looks like a day, and is none.
    """
    ago = _AGO.fullmatch(what)
    if ago or what in _NAMED:
        return today - dt.timedelta(days=int(ago[1]) if ago else _NAMED[what])
    if not _DAY.fullmatch(what):
        return None
    try:
        return dt.date.fromisoformat(what)
    except ValueError:
        raise UsageError(f"there is no day {what}", "give one such as 2026-02-02") from None


def _of_day(archive: Archive, day: dt.date | None) -> Digest:
    dates = archive.digest_dates()
    if not dates:
        raise ArchiveError("the archive remembers no digest", "make one first")
    if digest := archive.digest(day or dates[0]):
        return digest
    before = [date for date in dates if day and date < day]
    after = [date for date in dates if day and date > day]
    near = " and ".join(date.isoformat() for date in (*before[:1], *after[-1:]))
    raise ArchiveError(f"there is no digest of {day}", f"the nearest is that of {near}")


def _of_paper(archive: Archive, what: str, form: str) -> Digest | None:
    """Return the last digest that showed a paper, cut down to it; print one that was never shown."""
    from digest.ranking.topics import canonical_id
    from digest.text.clean import clean_text

    paper_id = canonical_id(what)
    if shown := archive.last_shown(paper_id):
        digest, entry = shown
        return replace(digest, papers=(entry,), feeds=(), notes=())
    records = records_of(archive, [paper_id])
    if not records:
        named = clean_text(what)[:100]
        raise ArchiveError(
            f"the archive knows neither a day nor a paper {named!r}", "see `digest show --help`"
        )
    typer.echo("digest: no digest that is remembered has shown this paper", err=True)
    print_records(records, "table" if form == "preview" else form)
    if form == "preview" and records[0].paper.abstract:
        typer.echo(f"\n{records[0].paper.abstract}")
    return None


def _print(digest: Digest, form: str, *, compact: bool, paged: bool) -> None:
    from rich.console import Console

    from digest.render.compact import render_compact
    from digest.render.json import render_json
    from digest.render.markdown import render_markdown
    from digest.render.terminal import render_preview

    console = Console()
    if form != "preview":
        rendered = render_json(digest).decode() if form == "json" else render_markdown(digest)
        typer.echo(rendered, nl=False)
        return
    with _pager(console) if paged else contextlib.nullcontext():
        (render_compact if compact else render_preview)(digest, console)


@contextlib.contextmanager
def _pager(console: Console) -> Iterator[None]:
    """Show what is printed in the reader's pager, if a person sits there."""
    if not console.is_terminal or console.is_dumb_terminal or not sys.stdin.isatty():
        yield
        return
    # `less` shows colours only when it is told to, and should not wait where all fits on the screen.
    os.environ.setdefault("LESS", "-FRX")
    with console.pager(styles=True, links=True):
        yield
