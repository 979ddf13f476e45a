"""The whole way from feeds to a digest, on one screen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from digest import offline
from digest.errors import UsageError
from digest.feeds.arxiv import arxiv_url
from digest.feeds.calendar import ArxivCalendar
from digest.feeds.gather import Gathered, Source, gather
from digest.paper import Digest, EmbedderInfo, FieldLabel, ScoredPaper
from digest.ranking.category import score_by_category
from digest.ranking.embed import embed_once
from digest.ranking.keywords import extract_keywords
from digest.ranking.likes import hidden
from digest.ranking.place import place
from digest.ranking.profile import build_profile
from digest.ranking.score import less_avoided, score_by_interests
from digest.ranking.select import select
from digest.ranking.topics import build_topics
from digest.ranking.vocabulary import build_vocabulary, load_glossary
from digest.resources import resource
from digest.summarize.roles import label_roles
from digest.summarize.summarizer import summarize
from digest.text.changes import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from digest.archive import Archive
    from digest.config import Config
    from digest.feeds.gather import Carried
    from digest.feeds.response import FeedResponse
    from digest.paper import Paper
    from digest.ranking.embed import Embedder
    from digest.ranking.interests import Opinion
    from digest.ranking.score import Scores
    from digest.ranking.vocabulary import Vocabulary
    from digest.summarize.language_model import Event
    from digest.summarize.prompts import PromptTemplate
    from digest.summarize.summarizer import Writer

_RECENT_DAYS = 30
_REVISIONS = ("replace", "replace-cross")


class Reporter(Protocol):
    """Who is told how a run is going."""

    def warn(self, text: str) -> None:
        """Something went wrong, and the run goes on."""
        ...

    def progress(self, stage: str, done: int, total: int) -> None:
        """So much of a stage is done."""
        ...

    def event(self, event: Event) -> None:
        """The language model said something."""
        ...

    def summarizing(self, papers: Sequence[Paper]) -> None:
        """These papers are being summarized; events name them by their place in this list."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made with.

    Attributes:
        archive: Remembers.
        embedder: Embeds.
        template: Says which fields a summary has.
        writer: None means extractive summaries.
        fetch: Gets an http(s) address; None means that this is forbidden.
        network_calls: Says how many requests `fetch` has made.
        stdin: For the feed named `-`.
        reporter: Is told.
        now: The time, UTC.
        carried: Feeds that came in bundles.
    """

    archive: Archive
    embedder: Embedder
    template: PromptTemplate
    writer: Writer | None
    fetch: Callable[[str], FeedResponse] | None
    network_calls: Callable[[], int]
    stdin: BinaryIO
    reporter: Reporter
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    carried: Iterable[Carried] = ()


def run(config: Config, parts: Parts) -> Digest:
    """Make the digest.

    Raises:
        DigestError: No feed could be read, or a model cannot be used.
    """
    archive, embedder, reporter = parts.archive, parts.embedder, parts.reporter
    started_at = dt.datetime.now(dt.UTC)
    opinions = archive.opinions()
    gathered = read_feeds(config, parts, opinions)
    unwanted = hidden(opinions)
    papers = [paper for paper in gathered.papers if paper.id not in unwanted]
    archive.add_papers(papers)
    vectors = embed_once(
        embedder,
        archive,
        [paper.text for paper in papers],
        lambda *done: reporter.progress("embedding", *done),
    )
    scores, scored_by = _score(config, parts, papers, vectors, opinions)
    selection = select(
        papers,
        scores,
        vectors,
        top=config.top,
        min_score=config.min_score,
        diversity=config.diversity,
        explore=config.explore,
    )
    chosen = selection.chosen
    best = [papers[i] for i in chosen]
    positions = place(vectors[chosen])
    keywords = extract_keywords(
        best,
        vectors[chosen],
        embedder,
        archive,
        count=config.keywords.count,
        style=config.keywords.style,
        vocabulary=_vocabulary(config),
        progress=lambda *done: reporter.progress("keywords", *done),
    )
    sentences = [label_roles(paper.abstract) for paper in best]
    reporter.summarizing(best)
    outcomes = summarize(
        best,
        sentences,
        template=parts.template,
        writer=parts.writer,
        store=archive,
        embed=lambda texts: embed_once(embedder, archive, texts),
        on_event=reporter.event,
    )
    digest = Digest(
        date=config.date or _date_of(papers),
        language=config.language,
        generated_at=dt.datetime.now(dt.UTC).replace(microsecond=0),
        model=parts.writer.info if parts.writer else None,
        embedder=EmbedderInfo(embedder.name, embedder.dimension),
        feeds=gathered.reports,
        labels=tuple(FieldLabel(field.name, field.shown_label) for field in parts.template.fields),
        papers=tuple(
            ScoredPaper(
                paper=paper,
                rank=rank,
                score=scores.scores[i],
                receipt=scores.receipts[i],
                keywords=keywords[rank - 1],
                sentences=sentences[rank - 1],
                summary=outcomes[rank - 1].summary,
                status=outcomes[rank - 1].status,
                error=outcomes[rank - 1].error,
                explored=i in selection.explored,
                folded=selection.folded.get(i, ()),
                changes=_changes(paper, opinions, archive),
                position=positions[rank - 1],
            )
            for rank, (i, paper) in enumerate(zip(chosen, best, strict=True), start=1)
        ),
        considered=len(papers),
        scored_by=scored_by,
        network_calls=parts.network_calls(),
        notes=tuple(map(str, offline.refusals())),
    )
    archive.add_run(started_at=started_at, date=digest.date, papers=len(best))
    archive.add_digest(digest)
    return digest


def read_feeds(config: Config, parts: Parts, opinions: Sequence[Opinion] = ()) -> Gathered:
    """Read every feed; one that fails never stops the others.

    Returns:
        A report for each feed, and the papers, each once; revised ones only when they were asked for or
        an earlier version was liked.

    Raises:
        DigestError: No feed at all could be read.
    """
    sources = list(config.feeds)
    if config.categories:
        sources.append(arxiv_url(config.categories))
    if not sources and not config.bundles:
        raise UsageError(
            "no feed was named", "give --feed FILE_OR_URL or --category cs.CL, or set `feeds` in the config"
        )
    tools = Source(
        stdin=parts.stdin,
        fetch=parts.fetch,
        history=parts.archive,
        calendar=ArxivCalendar(config.holidays),
        now=parts.now(),
        warn=parts.reporter.warn,
    )
    gathered = gather(sources, tools, parts.carried)
    liked = {opinion.paper_id for opinion in opinions if opinion.verdict == "like"}
    return Gathered(
        tuple(
            paper
            for paper in gathered.papers
            if config.revisions or paper.announce_type not in _REVISIONS or paper.id in liked
        ),
        gathered.reports,
    )


def _changes(paper: Paper, opinions: Sequence[Opinion], archive: Archive) -> str:
    """Say what is new in a paper that the reader liked in an earlier version."""
    is_liked = any(opinion.paper_id == paper.id and opinion.verdict == "like" for opinion in opinions)
    before = archive.paper_before(paper) if is_liked and paper.version > 1 else None
    return changes(before.abstract, paper.abstract) if before else ""


def _score(
    config: Config,
    parts: Parts,
    papers: Sequence[Paper],
    vectors: npt.NDArray[np.float32],
    opinions: Sequence[Opinion],
) -> tuple[Scores, Literal["interests", "category"]]:
    interests, avoid = (
        build_topics(entries, parts.archive.paper, parts.reporter.warn)
        for entries in (config.interests, config.avoid)
    )
    now = dt.datetime.now(dt.UTC)
    profile = build_profile(interests, avoid, opinions, parts.embedder, parts.archive, now)
    since = _date_of(papers) - dt.timedelta(days=_RECENT_DAYS)
    recent = parts.archive.recent_embeddings(parts.embedder.identity, since=since, without=papers)
    if profile.is_empty:
        scores = score_by_category(papers, vectors, config.categories)
        return less_avoided(scores, papers, vectors, profile, recent), "category"
    return score_by_interests(papers, vectors, profile, recent), "interests"


def _vocabulary(config: Config) -> Vocabulary:
    folders = [*([config.prompts] if config.prompts else []), resource("prompts")]
    return build_vocabulary(config.keywords, load_glossary(config.language, folders=folders))


def _date_of(papers: Sequence[Paper]) -> dt.date:
    """Return the day of the newest announcement; a feed's clock may be wrong, so never a day to come."""
    today = dt.datetime.now(dt.UTC).date()
    return min(max((paper.published for paper in papers), default=today), today)
