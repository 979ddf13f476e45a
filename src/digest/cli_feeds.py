"""`digest feeds`: what is read every day, and whether it can be."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli_options import ArchiveOption, ConfigOption, config_of
from digest.errors import DigestError, UsageError
from digest.text.clean import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from digest.archive import Archive
    from digest.feeds.health import Batch, FeedHistory
    from digest.feeds.response import FeedResponse
    from digest.paper import FeedReport, Paper

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="List, add, remove, import and test the feeds of your config.",
)

_SHOWN = 3
SourcesArgument = Annotated[
    list[str],
    typer.Argument(metavar="SOURCE...", help="An address, a file, a folder, or an arXiv category."),
]


@app.command("list")
def list_feeds(context: typer.Context, config: ConfigOption = None) -> None:
    """List what is read every day: one feed a line, arXiv categories by their names."""
    settings = config_of(context, None, config)
    for name in (*settings.feeds, *settings.categories):
        typer.echo(name)
    if not settings.feeds and not settings.categories:
        typer.echo("no feeds: add one with `digest feeds add SOURCE`", err=True)


@app.command("add")
def add(context: typer.Context, sources: SourcesArgument, config: ConfigOption = None) -> None:
    """Add feeds to your config; its comments stay. arXiv categories become one combined feed."""
    _add(_config_path(context, config), sources)


@app.command("remove")
def remove(context: typer.Context, sources: SourcesArgument, config: ConfigOption = None) -> None:
    """Remove feeds from your config."""
    from digest.config_edit import remove_from_list

    path = _config_path(context, config)
    for source in sources:
        names = dict.fromkeys((source, _as_written(source)))
        if not any(remove_from_list(path, key, name) for name in names for key in ("feeds", "categories")):
            raise UsageError(f"{source} is not in {path}", "`digest feeds list` shows what is")
        typer.echo(f"removed {source}")


@app.command("import")
def import_opml(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Subscriptions of a feed reader, as OPML.")],
    config: ConfigOption = None,
) -> None:
    """Add all feeds that an OPML file lists; arXiv's become categories."""
    from digest.feeds.arxiv import categories_of
    from digest.library.opml import read_subscriptions

    sources = [name for url in read_subscriptions(file) for name in categories_of(url) or (url,)]
    _add(_config_path(context, config), sources)


@app.command("test")
def try_feeds(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE...]", help="What to read; all feeds of the config if none is named."),
    ] = None,
    archive: ArchiveOption = None,
    config: ConfigOption = None,
) -> None:
    """Read feeds and say how each is: its status, how many papers, what was wrong, the first titles.

    Nothing is stored but the copy that spares the server the next request. Exits with 1 if one failed.
    """
    from digest.archive import Archive
    from digest.feeds.arxiv import arxiv_url
    from digest.feeds.http import USER_AGENT, HttpClient, Pace, pace_folder
    from digest.offline import forbid_network

    settings = config_of(context, archive, config)
    if settings.offline:
        forbid_network()
    categories = [name for name in sources or settings.categories if _is_category(name)]
    names = [name for name in sources or settings.feeds if not _is_category(name)]
    names += [arxiv_url(categories)] if categories else []
    if not names:
        raise UsageError("no feed was named", "name one, or add one with `digest feeds add SOURCE`")
    failed = False
    with Archive(settings.archive_path) as opened:
        client = HttpClient(user_agent=USER_AGENT, store=opened, pace=Pace(pace_folder()))
        fetch = None if settings.offline else client.get
        for name in names:
            papers, reports = _read(name, opened, fetch, settings.holidays)
            for report in reports:
                _print_report(report, [paper for paper in papers if paper.source == report.source])
                failed = failed or report.status == "failed"
    if failed:
        raise typer.Exit(1)


def _read(
    name: str,
    archive: Archive,
    fetch: Callable[[str], FeedResponse] | None,
    holidays: Iterable[dt.date],
) -> tuple[tuple[Paper, ...], tuple[FeedReport, ...]]:
    from digest.feeds.calendar import ArxivCalendar
    from digest.feeds.gather import Source, gather
    from digest.paper import FeedReport

    tools = Source(
        stdin=sys.stdin.buffer,
        fetch=fetch,
        history=_Unchanged(archive),
        calendar=ArxivCalendar(holidays),
        now=dt.datetime.now(dt.UTC),
        warn=lambda _: None,  # the report says it
    )
    try:
        gathered = gather([name], tools)
    except DigestError as error:
        return (), (FeedReport(name, "failed", 0, str(error)),)
    return gathered.papers, gathered.reports


class _Unchanged:
    """What feeds held before, without what is only tried."""

    def __init__(self, history: FeedHistory) -> None:
        self.batches = history.batches

    def add_batch(self, source: str, batch: Batch) -> None:
        """Forget it."""


def _print_report(report: FeedReport, papers: list[Paper]) -> None:
    count = "1 paper" if report.papers == 1 else f"{report.papers} papers"
    typer.echo(clean_text(f"{report.source}: {report.status} · {count}"))
    for words in (report.error, report.note):
        if words:
            typer.echo(f"  {clean_text(words)}")
    for paper in papers[:_SHOWN]:
        typer.echo(f"  {paper.id}  {paper.title}")


def _add(path: Path, sources: Iterable[str]) -> None:
    from digest.config_edit import add_to_list

    wanted: dict[str, list[str]] = {"feeds": [], "categories": []}
    for source in sources:
        if source == "-":
            raise UsageError("standard input is no feed of every day", "name an address or a file")
        wanted["categories" if _is_category(source) else "feeds"].append(_as_written(source))
    count = 0
    for key, values in wanted.items():
        for value in add_to_list(path, key, values) if values else ():
            typer.echo(f"added {clean_text(value)}")
            count += 1
    if not count:
        typer.echo("nothing to add: all of it is there", err=True)


def _is_category(name: str) -> bool:
    """Tell an arXiv category from a file or an address: a file of that name goes before."""
    from digest.feeds.arxiv import names_category

    return names_category(name) and not Path(name).exists()


def _as_written(source: str) -> str:
    """Return a file by its whole path, for the config may lie elsewhere."""
    from digest.feeds.read import is_url

    if is_url(source) or _is_category(source):
        return source
    return str(Path(source).expanduser().absolute())


def _config_path(context: typer.Context, config: Path | None) -> Path:
    from digest.config import default_config_path

    return config or (context.obj or {}).get("config") or default_config_path()
