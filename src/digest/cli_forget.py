"""`digest forget`: remove papers, and all that was made of them, from this machine."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli_options import ArchiveOption, ConfigOption, config_of, open_archive
from digest.errors import ArchiveError, OutputError, UsageError

if TYPE_CHECKING:
    from digest.archive import Forgotten, Selection

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})

_ONE = {
    "papers": "paper",
    "summaries": "summary",
    "feedback": "opinion",
    "vectors": "vector",
    "digests": "remembered digest",
    "runs": "run",
    "responses": "saved feed",
}
_MANY = {"digests": "remembered digests", "feedback": "opinions", "responses": "saved feeds"}


@app.command("forget")
def forget(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID…]", help="Papers, as in `digest like`.")
    ] = None,
    feed: Annotated[
        str,
        typer.Option(metavar="SOURCE", help="Papers of this feed, as it was named, or a folder of feeds."),
    ] = "",
    since: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Papers published on this day or later.")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Papers published on this day or earlier.")
    ] = "",
    everything: Annotated[bool, typer.Option("--everything", help="All that the archive holds.")] = False,
    files: Annotated[
        bool, typer.Option("--files", help="Remove the digests that mention it, too, whole.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the digests are.")] = None,
    archive: ArchiveOption = None,
    config: ConfigOption = None,
) -> None:
    """Really remove papers: their texts, vectors, summaries, what you said of them, and their bytes.

    Conditions that are given together must all hold. `digest hide` keeps a paper from being shown again;
    a forgotten one comes back when a feed brings it.
    """
    from digest.archive import Selection
    from digest.feeds.http import forget_sites, pace_folder
    from digest.ranking.topics import canonical_id

    selection = Selection(
        tuple(dict.fromkeys(canonical_id(text) for text in ids or ())),
        feed,
        _day(since, "--since"),
        _day(until, "--until"),
        everything,
    )
    if selection == Selection():
        raise UsageError("nothing was named", "give ids, --feed, --since, --until or --everything")
    if everything and selection != Selection(everything=True):
        raise UsageError("--everything leaves nothing to choose", "take it out, or the others")
    settings = config_of(context, archive, config)
    if everything and not yes and not _agreed(settings.archive_path):
        typer.echo("nothing was removed")
        return
    with open_archive(settings) as opened:
        gone = opened.forget(selection)
        known = opened.sources() if feed and not gone.papers else []
    if everything:
        forget_sites(pace_folder())
    typer.echo(f"forgotten: {_counted(gone)}")
    _deal_with_files(out or settings.out, selection, gone, remove=files)
    if not everything and not gone.papers and not any(gone.rows.values()):
        raise ArchiveError(
            "the archive has no such paper",
            f"its papers are of {', '.join(known)}" if known else "check the id or the dates",
        )


def _day(text: str, option: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"{option} is {text!r}", "give a day such as 2026-02-02") from None


def _agreed(archive: Path) -> bool:
    try:
        return typer.confirm(f"Remove everything that {archive} holds?", err=True)
    except typer.Abort:  # nobody is there to answer
        return False


def _counted(gone: Forgotten) -> str:
    counts = []
    for table, number in gone.rows.items():
        if number and table in _ONE:
            counts.append(f"{number} {_ONE[table] if number == 1 else _MANY.get(table, table)}")
    return ", ".join(counts) or "nothing"


def _deal_with_files(folder: Path, selection: Selection, gone: Forgotten, *, remove: bool) -> None:
    """Remove the digests that mention what was forgotten, or say which do."""
    from digest.traces import dated, digest_files, mentions

    words = set(selection.ids)
    for paper in gone.papers:
        words |= {paper.id, paper.url, paper.title} - {""}
    days = bool(selection.since or selection.until) and not selection.ids and not selection.feed
    found = [
        path
        for path in digest_files(folder)
        if selection.everything
        or (days and dated(path, selection.since, selection.until))
        or mentions(path, words)
    ]
    for path in found:
        if not remove:
            typer.echo(f"still mentioned in {path}")
            continue
        try:
            path.unlink()
        except OSError as error:
            raise OutputError(f"{path} cannot be removed ({error.strerror})", "remove it yourself") from None
        typer.echo(f"removed {path}")
    if found and not remove:
        typer.echo("remove these files, or forget with --files next time")
