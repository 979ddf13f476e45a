"""What the commands that list papers share: filters, days, records, and the list itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rich.console import Console

    from digest.archive import Archive, Filter
    from digest.export import Record

SinceOption = Annotated[
    str, typer.Option(metavar="YYYY-MM-DD", help="Papers published on this day or later.")
]
UntilOption = Annotated[
    str, typer.Option(metavar="YYYY-MM-DD", help="Papers published on this day or earlier.")
]
CategoryOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="Papers of this category; cs means all of cs. Repeatable: any of them."
    ),
]
MinScoreOption = Annotated[
    int | None, typer.Option(metavar="0..100", help="Papers that a digest showed with this score or more.")
]
KeywordOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TEXT", help="Papers that a digest showed with this in a keyword. Repeatable: all of them."
    ),
]
LimitOption = Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="At most so many papers.")]

_WIDE = 90  # columns that a list needs for categories and days
_FORMATS = ("table", "json", "md", "bibtex", "ris")


def day(text: str, option: str) -> dt.date | None:
    """Read a day; None when none is given.

    Raises:
        UsageError: It is none.
    """
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{option} is {text!r}", "give a day such as 2026-02-02") from None


def make_filter(
    since: str, until: str, category: list[str] | None, min_score: int | None, keyword: list[str] | None
) -> Filter:
    """Make a filter of options.

    Raises:
        UsageError: A day is none.
    """
    from digest.archive import Filter

    return Filter(
        day(since, "--since"),
        day(until, "--until"),
        tuple(filter(None, map(str.strip, category or ()))),
        min_score,
        tuple(filter(None, map(str.strip, keyword or ()))),
    )


def known_format(name: str, formats: Sequence[str] = _FORMATS) -> str:
    """Return the name of a format.

    Raises:
        UsageError: There is none such.
    """
    if name not in formats:
        raise UsageError(f"unknown format {name}", f"take {', '.join(formats)}")
    return name


def records_of(
    archive: Archive, ids: Sequence[str], meanings: Mapping[str, float | None] | None = None
) -> list[Record]:
    """Return records of papers in their order, with what their last digests said; without unknown ones."""
    from digest.export import make_record

    verdicts = {opinion.paper_id: opinion.verdict for opinion in archive.opinions()}
    return [
        make_record(
            paper,
            archive.last_shown(paper_id),
            verdict=verdicts.get(paper_id, ""),
            meaning=(meanings or {}).get(paper_id),
        )
        for paper_id in ids
        if (paper := archive.paper(paper_id))
    ]


def print_records(records: Sequence[Record], how: str) -> None:
    """Print a list of papers in one of the formats."""
    from rich.console import Console

    from digest.export.bibtex import export_bibtex
    from digest.export.listing import list_json, list_markdown
    from digest.export.ris import export_ris

    console = Console()
    if how == "table":
        from digest.render.terminal import print_sanely

        print_sanely(console, lambda: _print_table(records, console))
        return
    writers: dict[str, Callable[[Sequence[Record]], str]] = {
        "json": list_json,
        "md": list_markdown,
        "bibtex": export_bibtex,
        "ris": export_ris,
    }
    typer.echo(writers[how](records), nl=False)


def _print_table(records: Sequence[Record], console: Console) -> None:
    from rich.style import Style
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False, width=console.width)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    if console.width >= _WIDE:
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
    for record in records:
        paper = record.paper
        score = "" if record.score is None else str(record.score)
        title = Text(paper.title, style=Style(link=record.url or None))
        cells = [Text(score, style="bold"), Text(paper.id), title]
        if console.width >= _WIDE:
            cells += [
                Text(paper.primary_category, style="dim"),
                Text(paper.published.isoformat(), style="dim"),
            ]
        table.add_row(*cells)
    console.print(table)
