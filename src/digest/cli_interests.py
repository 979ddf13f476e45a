"""`digest interests`: what the profile is made of, and what each part of it would bring."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import typer

from digest.cli_options import ArchiveOption, ConfigOption, config_of, open_archive, open_embedder
from digest.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from digest.archive import Archive
    from digest.interest_config import Interest
    from digest.paper import Paper
    from digest.ranking.embed import Embedder
    from digest.ranking.interests import Opinion, Topic

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})

_SHOWN = 10
_WEEK = dt.timedelta(days=6)  # before the newest day: seven days in all
_MONTH = dt.timedelta(days=30)


@app.command("interests")
def interests(context: typer.Context, archive: ArchiveOption = None, config: ConfigOption = None) -> None:
    """List your interests, what they are made of, and the ten papers of the last week that each would bring.

    The last week is that of the newest paper in the archive.
    """
    from rich.console import Console

    from digest import offline
    from digest.progress import ConsoleReporter
    from digest.ranking.topics import build_topics

    offline.forbid_network()
    settings = config_of(context, archive, config)
    reporter = ConsoleReporter(Console(stderr=True))
    with open_archive(settings) as opened, reporter:
        try:
            embedder = open_embedder(settings)
        except ModelError as error:
            reporter.warn(f"{error}; without it no papers are shown")
            embedder = None
        for interest in settings.interests:
            for topic in build_topics([interest], opened.paper, reporter.warn):
                _print_topic(topic, interest)
                if embedder is not None:
                    _print_papers(_bring(topic, opened, embedder))
        for interest in settings.avoid:
            for topic in build_topics([interest], opened.paper, reporter.warn):
                _print_topic(topic, interest, "avoid ")
        _print_opinions(opened.opinions())
    if not settings.interests:
        typer.echo("no interests: papers are ranked by their category; see examples/config.toml", err=True)


def _bring(topic: Topic, archive: Archive, embedder: Embedder) -> list[tuple[int, Paper]]:
    """Return the best papers of the last week for one topic alone, with their scores."""
    import numpy as np

    from digest.ranking.likes import hidden
    from digest.ranking.profile import build_profile
    from digest.ranking.score import score_by_interests

    newest = archive.newest_day()
    if newest is None:
        return []
    unwanted = hidden(archive.opinions())
    papers: list[Paper] = []
    rows: list[npt.NDArray[np.float32]] = []
    for ids, vectors in archive.iter_embeddings(embedder.identity, since=newest - _WEEK):
        for paper_id, vector in zip(ids, vectors, strict=True):
            paper = archive.paper(paper_id)
            if paper is not None and paper_id not in unwanted:
                papers.append(paper)
                rows.append(vector)
    if not papers:
        return []
    profile = build_profile([topic], [], [], embedder, archive, dt.datetime.now(dt.UTC))
    since = newest - _MONTH
    recent = archive.recent_embeddings(embedder.identity, since=since, without=papers)
    found = score_by_interests(papers, np.stack(rows), profile, recent)
    order = sorted(range(len(papers)), key=lambda i: (-float(found.raw[i]), papers[i].id))
    return [(found.scores[i], papers[i]) for i in order[:_SHOWN]]


def _print_topic(topic: Topic, interest: Interest, kind: str = "") -> None:
    from pathlib import Path

    counts = [
        ("example", "examples", len(topic.examples)),
        ("term", "terms", len(topic.terms)),
        ("category", "categories", len(topic.categories)),
    ]
    parts = ["text"] if topic.text else []
    parts += [f"{count} {one if count == 1 else many}" for one, many, count in counts if count]
    files = ", ".join(Path(name).name for name in interest.library)
    source = f", from {files}" if files else ""
    typer.echo(f"{kind}{topic.name} (weight {topic.weight:g}): {', '.join(parts)}{source}")


def _print_papers(papers: Sequence[tuple[int, Paper]]) -> None:
    for score, paper in papers:
        typer.echo(f"  {score:3}  {paper.id}  {paper.title}")


def _print_opinions(opinions: Sequence[Opinion]) -> None:
    said = [opinion.verdict for opinion in opinions]
    counts = f"{said.count('like')} liked, {said.count('dislike')} disliked, {said.count('hide')} hidden"
    typer.echo(f"papers: {counts} (digest feedback lists them)")
