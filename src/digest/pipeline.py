"""The whole way from feeds to a digest, on one screen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

from digest.errors import DigestError, FeedError, UsageError
from digest.feeds.parse import merge, parse_feed
from digest.feeds.read import arxiv_url, is_url, read_source
from digest.paper import Digest, EmbedderInfo, FeedReport, FieldLabel, ScoredPaper
from digest.ranking.category import score_by_category
from digest.ranking.embed import embed_once
from digest.ranking.keywords import extract_keywords
from digest.ranking.likes import hidden
from digest.ranking.profile import build_profile
from digest.ranking.score import less_avoided, score_by_interests
from digest.ranking.select import select
from digest.ranking.topics import build_topics
from digest.ranking.vocabulary import build_vocabulary, load_glossary
from digest.resources import resource
from digest.summarize.extract import label_roles
from digest.summarize.summarizer import summarize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from digest.archive import Archive
    from digest.config import Config
    from digest.feeds.response import FeedResponse
    from digest.paper import FeedStatus, Paper
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
        fetch: Gets the bytes of an http(s) address; None means that this is forbidden.
        network_calls: Says how many requests `fetch` has made.
        stdin: For the feed named `-`.
        reporter: Is told.
        carried: Feeds that came in bundles, by their addresses; errors for those that should have.
    """

    archive: Archive
    embedder: Embedder
    template: PromptTemplate
    writer: Writer | None
    fetch: Callable[[str], bytes] | None
    network_calls: Callable[[], int]
    stdin: BinaryIO
    reporter: Reporter
    carried: Iterable[tuple[str, FeedResponse | FeedError]] = ()


def run(config: Config, parts: Parts) -> Digest:
    """Make the digest.

    Raises:
        DigestError: No feed could be read, or a model cannot be used.
    """
    archive, embedder, reporter = parts.archive, parts.embedder, parts.reporter
    started_at = dt.datetime.now(dt.UTC)
    papers, reports = read_feeds(config, parts)
    opinions = archive.opinions()
    unwanted = hidden(opinions)
    papers = [paper for paper in papers if paper.id not in unwanted]
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
        on_event=reporter.event,
    )
    digest = Digest(
        date=config.date or _date_of(papers),
        language=config.language,
        generated_at=dt.datetime.now(dt.UTC).replace(microsecond=0),
        model=parts.writer.info if parts.writer else None,
        embedder=EmbedderInfo(embedder.name, embedder.dimension),
        feeds=tuple(reports),
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
            )
            for rank, (i, paper) in enumerate(zip(chosen, best, strict=True), start=1)
        ),
        considered=len(papers),
        scored_by=scored_by,
        network_calls=parts.network_calls(),
    )
    archive.add_run(started_at=started_at, date=digest.date, papers=len(best))
    return digest


def read_feeds(config: Config, parts: Parts) -> tuple[list[Paper], list[FeedReport]]:
    """Read every feed; one that fails never stops the others.

    Returns:
        The papers, each once, and a report for each feed.

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
    found: list[Paper] = []
    reports: list[FeedReport] = []
    failures: list[DigestError] = []
    _read_carried(parts, found, reports, failures)
    for source in sources:
        try:
            contents = read_source(source, stdin=parts.stdin, fetch=parts.fetch)
        except DigestError as error:
            contents = []
            _fail(source, error, reports, failures, parts.reporter)
        for name, data in contents:
            try:
                parsed = parse_feed(data, name)
            except FeedError as error:
                _fail(name, error, reports, failures, parts.reporter)
                continue
            for problem in parsed.problems:
                parts.reporter.warn(f"{name}: {problem}")
            found += parsed.papers
            status: FeedStatus = "fresh" if is_url(source) else "file"
            problems = "; ".join(parsed.problems) or None
            reports.append(FeedReport(name, status, len(parsed.papers), problems))
    if failures and len(failures) == len(reports):
        raise failures[0]
    papers = merge(found)
    return [p for p in papers if config.revisions or p.announce_type not in _REVISIONS], reports


def _read_carried(
    parts: Parts, found: list[Paper], reports: list[FeedReport], failures: list[DigestError]
) -> None:
    """Read what came in bundles as if it had been fetched."""
    for name, carried in parts.carried:
        try:
            if isinstance(carried, FeedError):
                raise carried
            parsed = parse_feed(carried.body, name, content_type=carried.content_type)
        except FeedError as error:
            _fail(name, error, reports, failures, parts.reporter)
            continue
        problems = [problem for problem in (carried.problem, *parsed.problems) if problem]
        for problem in problems:
            parts.reporter.warn(f"{name}: {problem}")
        found += parsed.papers
        reports.append(FeedReport(name, "file", len(parsed.papers), "; ".join(problems) or None))


def _fail(
    source: str,
    error: DigestError,
    reports: list[FeedReport],
    failures: list[DigestError],
    reporter: Reporter,
) -> None:
    reporter.warn(str(error))
    reports.append(FeedReport(source, "failed", 0, str(error)))
    failures.append(error)


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
