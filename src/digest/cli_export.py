"""`digest export`: papers and digests for other programs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli_listing import day, known_format, records_of
from digest.cli_options import ArchiveOption, ConfigOption, config_of, open_archive
from digest.cli_show import parse_day
from digest.errors import ArchiveError, OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.archive import Archive
    from digest.export import Page, Record

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})

_OF_PAPERS = ("bibtex", "ris", "csl", "csv", "obsidian")
_OF_DAYS = ("atom", "eml")
_IN_FEED = 30  # digests, when no days are named: a month's


@app.command("export", context_settings={"ignore_unknown_options": True})
def export(
    context: typer.Context,
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATE|ID…]", help="Days or papers; without any, the newest digest."),
    ] = None,
    form: Annotated[
        str,
        typer.Option("--format", metavar="NAME", help="bibtex, ris, csl, csv, atom, eml or obsidian."),
    ] = "bibtex",
    since: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Digests of this day or later.")] = "",
    until: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="Digests of this day or earlier.")] = "",
    liked: Annotated[bool, typer.Option("--liked", help="The papers that you liked.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="A file, or a folder for obsidian and eml, instead of stdout."),
    ] = None,
    archive: ArchiveOption = None,
    config: ConfigOption = None,
) -> None:
    """Write papers or whole digests in a format that other programs read.

    \b
      digest export --format bibtex --out today.bib
      digest export --liked --format obsidian --out vault/papers
      digest export --format atom --out feed/digests.xml
    """
    from digest import offline

    offline.forbid_network()
    known_format(form, (*_OF_PAPERS, *_OF_DAYS))
    named = what or []
    if bad := [word for word in named if word.startswith("-") and not word[1:].isdigit()]:
        raise UsageError(f"no such option: {bad[0]}", "see `digest export --help`")
    if sum((bool(named), bool(since or until), liked)) > 1:
        raise UsageError("days or papers, --since/--until and --liked exclude each other", "give one of them")
    with open_archive(config_of(context, archive, config)) as opened:
        if form in _OF_DAYS:
            if liked:
                raise UsageError(f"{form} is made of whole digests", "give days, or --since and --until")
            pages = _pages(
                opened, _days(opened, named, since, until, newest=_IN_FEED if form == "atom" else 1)
            )
            files = _of_days(form, pages)
        else:
            files = _of_papers(form, _records(opened, named, since, until, liked=liked))
    _write(files, form, out)


def _days(archive: Archive, named: Sequence[str], since: str, until: str, *, newest: int) -> list[dt.date]:
    """Return the days of the digests that are meant, the latest first."""
    dates = archive.digest_dates()
    if not dates:
        raise ArchiveError("the archive remembers no digest", "make one first, or name papers")
    if named:
        today = dt.datetime.now().astimezone().date()
        days = [(word, parse_day(word, today)) for word in named]
        for word, date in days:
            if date is None:
                raise UsageError(f"{word} is no day", "give days such as 2026-02-02")
            if date not in dates:
                raise ArchiveError(f"there is no digest of {date}", f"the newest is that of {dates[0]}")
        return sorted({date for _, date in days if date}, reverse=True)
    if since or until:
        first, last = day(since, "--since") or dt.date.min, day(until, "--until") or dt.date.max
        dates = [date for date in dates if first <= date <= last]
        if not dates:
            raise ArchiveError("there is no digest of these days", "see `digest show`")
        return dates
    return dates[:newest]


def _pages(archive: Archive, days: Sequence[dt.date]) -> list[Page]:
    from digest.export import make_page

    return [make_page(digest) for date in days if (digest := archive.digest(date))]


def _records(archive: Archive, named: Sequence[str], since: str, until: str, *, liked: bool) -> list[Record]:
    """Return the papers that are meant, each once."""
    if liked:
        ids = [opinion.paper_id for opinion in archive.opinions() if opinion.verdict == "like"]
        return records_of(archive, ids)
    today = dt.datetime.now().astimezone().date()
    papers = [word for word in named if parse_day(word, today) is None]
    days = [word for word in named if word not in papers]
    records = _named(archive, papers)
    if days or not papers:
        verdicts = {opinion.paper_id: opinion.verdict for opinion in archive.opinions()}
        for page in _pages(archive, _days(archive, days, since, until, newest=1)):
            records += [_with_verdict(record, verdicts.get(record.paper.id, "")) for record in page.records]
    first: dict[str, Record] = {}
    for record in records:
        first.setdefault(record.paper.id, record)
    return list(first.values())


def _with_verdict(record: Record, verdict: str) -> Record:
    from dataclasses import replace

    return replace(record, verdict=verdict)


def _named(archive: Archive, papers: Sequence[str]) -> list[Record]:
    from digest.ranking.topics import canonical_id
    from digest.text.clean import clean_text

    ids = list(dict.fromkeys(map(canonical_id, papers)))
    if unknown := [paper_id for paper_id in ids if archive.paper(paper_id) is None]:
        named = ", ".join(clean_text(paper_id)[:100] for paper_id in unknown)
        raise ArchiveError(f"the archive has no paper {named}", "take the id from a digest")
    return records_of(archive, ids)


def _of_papers(form: str, records: Sequence[Record]) -> dict[str, bytes]:
    from digest.export.bibtex import export_bibtex
    from digest.export.csl import export_csl
    from digest.export.csv import export_csv
    from digest.export.obsidian import export_obsidian
    from digest.export.ris import export_ris

    if form == "obsidian":
        return export_obsidian(records)
    writers: dict[str, Callable[[Sequence[Record]], str]] = {
        "bibtex": export_bibtex,
        "ris": export_ris,
        "csl": export_csl,
        "csv": export_csv,
    }
    return {"": writers[form](records).encode()}


def _of_days(form: str, pages: Sequence[Page]) -> dict[str, bytes]:
    from digest.export.atom import export_atom
    from digest.export.eml import export_eml

    if form == "atom":
        return {"": export_atom(pages).encode()}
    return {f"{page.date.isoformat()}.eml": export_eml(page) for page in pages}


def _write(files: dict[str, bytes], form: str, out: Path | None) -> None:
    """Write one file to stdout or to `out`; several, or notes, into the folder `out`."""
    from digest.files import make_private_folder, write_atomic

    in_folder = form == "obsidian" or len(files) > 1 or (form == "eml" and out is not None and out.is_dir())
    if out is None:
        if in_folder:
            raise UsageError(f"{form} makes several files", "name a folder for them with --out")
        for data in files.values():
            typer.echo(data, nl=False)
        return
    try:
        make_private_folder(out if in_folder else out.parent)
        for name, data in files.items():
            write_atomic(out / name if in_folder else out, data)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror})", "name another with --out") from None
    count = "1 file" if len(files) == 1 else f"{len(files)} files"
    typer.echo(f"{count} · {out}", err=True)
