"""`digest search | related`: find papers in the archive again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli_listing import (
    CategoryOption,
    KeywordOption,
    LimitOption,
    MinScoreOption,
    SinceOption,
    UntilOption,
    known_format,
    make_filter,
    print_records,
    records_of,
)
from digest.cli_options import ArchiveOption, ConfigOption, config_of, open_archive, open_embedder
from digest.errors import ArchiveError, ModelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from digest.archive import Archive
    from digest.config import Config
    from digest.paper import Paper
    from digest.search import Hit, Meanings

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})

FormatOption = Annotated[
    str, typer.Option("--format", metavar="NAME", help="table (default), json, md, bibtex or ris.")
]


@app.command("search")
def search(
    context: typer.Context,
    query: Annotated[
        list[str], typer.Argument(metavar="WORDS…", help="Plain words; a '\"phrase\"' must stand as it is.")
    ],
    since: SinceOption = "",
    until: UntilOption = "",
    category: CategoryOption = None,
    min_score: MinScoreOption = None,
    keyword: KeywordOption = None,
    limit: LimitOption = 20,
    form: FormatOption = "table",
    words: Annotated[
        bool, typer.Option("--words", help="By words alone: at once, without loading the embedder.")
    ] = False,
    archive: ArchiveOption = None,
    config: ConfigOption = None,
) -> None:
    """Find papers that you have seen, or that went by, by words and by meaning.

    \b
      digest search graph neural networks for weather
      digest search '"in-context learning"' theory --since 2026-01-01 --category cs.LG --format bibtex
    """
    from digest import offline
    from digest import search as finder

    offline.forbid_network()
    known_format(form)
    chosen = make_filter(since, until, category, min_score, keyword)
    parsed = finder.Query.parse(" ".join(query))
    if not parsed.phrases and not parsed.words:
        raise UsageError("there is no word to search for", "give some, such as: digest search graph networks")
    settings = config_of(context, archive, config)
    with open_archive(settings) as opened:
        meanings, vector = (None, None) if words else _meaning(opened, settings, parsed.text)
        hits = finder.search(opened, parsed, chosen=chosen, limit=limit, meanings=meanings, vector=vector)
        _print(opened, hits, form)


@app.command("related")
def related(
    context: typer.Context,
    paper_id: Annotated[str, typer.Argument(metavar="ID", help="A paper, as in `digest like`.")],
    since: SinceOption = "",
    until: UntilOption = "",
    category: CategoryOption = None,
    min_score: MinScoreOption = None,
    keyword: KeywordOption = None,
    limit: LimitOption = 20,
    form: FormatOption = "table",
    archive: ArchiveOption = None,
    config: ConfigOption = None,
) -> None:
    """List the papers of the archive that are nearest to one in meaning."""
    from digest import offline
    from digest import search as finder
    from digest.ranking.topics import canonical_id
    from digest.text.clean import clean_text

    offline.forbid_network()
    known_format(form)
    chosen = make_filter(since, until, category, min_score, keyword)
    settings = config_of(context, archive, config)
    with open_archive(settings) as opened:
        paper = opened.paper(canonical_id(paper_id))
        if paper is None:
            named = clean_text(paper_id)[:100]
            raise ArchiveError(f"the archive has no paper {named}", "take the id from a digest")
        embedder, vector = _vector_of(opened, settings, paper)
        meanings = finder.Meanings(opened, embedder)
        hits = finder.related(paper, vector, meanings, archive=opened, chosen=chosen, limit=limit)
        _print(opened, hits, form)


def _meaning(
    archive: Archive, settings: Config, text: str
) -> tuple[Meanings | None, npt.NDArray[np.float32] | None]:
    """Return the papers' vectors and the query's; without an embedder, say so and return nothing."""
    from digest.search import Meanings

    try:
        embedder = open_embedder(settings)
        meanings = Meanings(archive, embedder.identity)
        if len(meanings):
            return meanings, embedder.embed([text])[0]  # asked, not remembered
        why = f"the archive has no vectors of the embedder {embedder.name}"
    except ModelError as error:
        why = str(error)
    typer.echo(f"digest: searching by words alone: {why}", err=True)
    return None, None


def _vector_of(archive: Archive, settings: Config, paper: Paper) -> tuple[str, npt.NDArray[np.float32]]:
    """Return which embedder's vectors to compare, and the paper's own; the stored one where there is one."""
    try:
        embedder = open_embedder(settings)
    except ModelError:
        identity = archive.embedder_of(paper.text)
        if identity is None:
            raise
        return identity, archive.embeddings(identity, [paper.text])[paper.text]
    from digest.ranking.embed import embed_once

    return embedder.identity, embed_once(embedder, archive, [paper.text])[0]


def _print(archive: Archive, hits: Sequence[Hit], form: str) -> None:
    meanings = {hit.paper_id: hit.meaning for hit in hits}
    print_records(records_of(archive, list(meanings), meanings), form)
    if not hits:
        typer.echo("digest: nothing was found", err=True)
