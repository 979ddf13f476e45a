"""`digest like | dislike | hide | undo | feedback`: what the reader says of papers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli_options import ArchiveOption, ConfigOption, config_of, open_archive
from digest.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

    from digest.archive import Archive
    from digest.ranking.interests import Verdict

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})

Ids = Annotated[
    list[str], typer.Argument(metavar="ID…", help="2602.02475, arXiv:2602.02475v2, an arXiv address, …")
]

_DONE = {"like": "liked", "dislike": "disliked", "hide": "hidden"}


@app.command("like")
def like(
    context: typer.Context, ids: Ids, archive: ArchiveOption = None, config: ConfigOption = None
) -> None:
    """Want more like these papers."""
    _judge(context, ids, "like", archive, config)


@app.command("dislike")
def dislike(
    context: typer.Context, ids: Ids, archive: ArchiveOption = None, config: ConfigOption = None
) -> None:
    """Want less like these papers."""
    _judge(context, ids, "dislike", archive, config)


@app.command("hide")
def hide(
    context: typer.Context, ids: Ids, archive: ArchiveOption = None, config: ConfigOption = None
) -> None:
    """Never show these papers again; says nothing about others."""
    _judge(context, ids, "hide", archive, config)


@app.command("undo")
def undo(
    context: typer.Context, ids: Ids, archive: ArchiveOption = None, config: ConfigOption = None
) -> None:
    """Take back what was said of these papers."""
    from digest.ranking.topics import canonical_id

    with open_archive(config_of(context, archive, config)) as opened:
        unknown = []
        for paper_id in dict.fromkeys(canonical_id(text) for text in ids):
            if opened.forget_opinion(paper_id):
                typer.echo(f"taken back: {_told(opened, paper_id)}")
            else:
                unknown.append(paper_id)
    if unknown:
        raise ArchiveError(f"nothing was said of {_listed(unknown)}", "see `digest feedback`")


@app.command("feedback")
def feedback(
    context: typer.Context,
    archive: ArchiveOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it for programs.")] = False,
) -> None:
    """List what was said of papers, the latest first."""
    with open_archive(config_of(context, archive, config)) as opened:
        opinions = opened.opinions()
        papers = [opened.paper(opinion.paper_id) for opinion in opinions]
    rows = [
        {
            "id": opinion.paper_id,
            "verdict": opinion.verdict,
            "at": opinion.at.isoformat(timespec="seconds"),
            "title": paper.title if paper else "",
        }
        for opinion, paper in zip(opinions, papers, strict=True)
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        typer.echo(f"{row['at'][:10]}  {row['verdict']:7}  {row['id']}  {row['title']}")
    if not rows:
        typer.echo("nothing was said of any paper yet: digest like ID", err=True)


def _judge(
    context: typer.Context, ids: list[str], verdict: Verdict, archive: Path | None, config: Path | None
) -> None:
    from digest.ranking.topics import canonical_id

    with open_archive(config_of(context, archive, config)) as opened:
        unknown = []
        for paper_id in dict.fromkeys(canonical_id(text) for text in ids):
            if opened.add_opinion(paper_id, verdict):
                typer.echo(f"{_DONE[verdict]}: {_told(opened, paper_id)}")
            else:
                unknown.append(paper_id)
    if unknown:
        raise ArchiveError(f"the archive has no paper {_listed(unknown)}", "take the id from a digest")


def _told(archive: Archive, paper_id: str) -> str:
    paper = archive.paper(paper_id)
    return f"{paper_id}  {paper.title}" if paper else paper_id


def _listed(ids: list[str]) -> str:
    from digest.text.clean import clean_text

    return ", ".join(clean_text(paper_id)[:100] for paper_id in ids)
