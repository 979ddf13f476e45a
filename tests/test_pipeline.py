from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.archive import Archive
from digest.config import Config, Interest
from digest.errors import FeedError, OfflineError, UsageError
from digest.feeds.response import FeedResponse
from digest.paper import ModelInfo
from digest.pipeline import Parts, run
from digest.resources import resource
from digest.summarize.prompts import load_template
from digest.summarize.summarizer import Writer
from fakes import FakeEmbedder, FakeModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.paper import Paper
    from digest.summarize.language_model import Event

SAMPLE = resource("examples") / "sample.atom.xml"


class ListReporter:
    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.events: list[Event] = []
        self.stages: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def progress(self, stage: str, done: int, total: int) -> None:
        del done, total
        self.stages.append(stage)

    def event(self, event: Event) -> None:
        self.events.append(event)

    def summarizing(self, papers: Sequence[Paper]) -> None:
        pass


class Desk:
    """Parts made of fakes over a real archive."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder / "a.sqlite")
        self.embedder = FakeEmbedder()
        self.model = FakeModel()
        self.reporter = ListReporter()

    def parts(
        self,
        *,
        model: bool = True,
        stdin: bytes = b"",
        fetch: Callable[[str], FeedResponse] | None = None,
        now: dt.datetime | None = None,
        language: str = "en",
    ) -> Parts:
        template = load_template(language, folders=[resource("prompts")])
        writer = Writer(self.model, ModelInfo("fake", "0" * 64, "F32"), language)
        return Parts(
            archive=self.archive,
            embedder=self.embedder,
            template=template,
            writer=writer if model else None,
            fetch=fetch,
            network_calls=lambda: 0,
            stdin=io.BytesIO(stdin),
            reporter=self.reporter,
            now=lambda: now or dt.datetime(2026, 2, 2, 12, tzinfo=dt.UTC),
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.archive.close()


def sample(**changes: object) -> Config:
    return Config(feeds=(str(SAMPLE),), **changes)  # type: ignore[arg-type]


def test_a_feed_becomes_a_digest(desk: Desk) -> None:
    digest = run(sample(interests=(Interest("large language models", "LLM"),), top=5), desk.parts())
    assert digest.date == dt.date(2026, 2, 2)
    assert [paper.rank for paper in digest.papers] == [1, 2, 3, 4, 5]
    scores = [paper.score for paper in digest.papers]
    assert scores == sorted(scores, reverse=True)
    assert all(paper.receipt.interest == "LLM" for paper in digest.papers)
    assert all(paper.keywords and paper.sentences and paper.summary for paper in digest.papers)
    assert {paper.status for paper in digest.papers} == {"summarized"}
    assert digest.feeds[0].status == "file"
    assert digest.considered <= digest.feeds[0].papers
    assert (digest.network_calls, digest.scored_by) == (0, "interests")


def test_the_second_run_computes_nothing_and_says_the_same(desk: Desk) -> None:
    config = sample(interests=(Interest("moths"),))
    first = run(config, desk.parts())
    embedded, requests = len(desk.embedder.embedded), len(desk.model.requests)
    again = run(config, desk.parts())
    assert again.papers == first.papers
    assert (len(desk.embedder.embedded), len(desk.model.requests)) == (embedded, requests)


def test_without_interests_the_category_decides_and_says_so(desk: Desk) -> None:
    digest = run(sample(), desk.parts(model=False))
    assert digest.scored_by == "category"
    assert digest.model is None
    assert all(paper.score > 0 and paper.receipt.interest.startswith("category ") for paper in digest.papers)
    assert {paper.status for paper in digest.papers} == {"extracted"}


def test_one_paper_in_two_feeds_is_one_paper(desk: Desk, tmp_path: Path) -> None:
    copy = tmp_path / "copy.xml"
    copy.write_bytes(SAMPLE.read_bytes())
    once = run(sample(), desk.parts())
    twice = run(Config(feeds=(str(SAMPLE), str(copy))), desk.parts())
    assert twice.considered == once.considered
    assert [feed.papers for feed in twice.feeds] == [once.feeds[0].papers] * 2


def test_replaced_papers_are_hidden_unless_asked_for(desk: Desk) -> None:
    hidden, shown = (run(sample(revisions=flag, top=99), desk.parts(model=False)) for flag in (False, True))
    kinds = {paper.paper.announce_type for paper in shown.papers}
    assert "replace" in kinds
    assert not {"replace", "replace-cross"} & {paper.paper.announce_type for paper in hidden.papers}
    assert shown.considered > hidden.considered


def test_a_feed_that_fails_does_not_stop_the_others(desk: Desk, tmp_path: Path) -> None:
    empty = tmp_path / "empty.xml"
    empty.write_bytes(b"")
    digest = run(Config(feeds=(str(empty), str(tmp_path / "none.xml"), str(SAMPLE))), desk.parts())
    assert [feed.status for feed in digest.feeds] == ["failed", "failed", "file"]
    assert all(feed.error for feed in digest.feeds[:2])
    assert len(desk.reporter.warnings) == 2
    assert digest.papers


def test_if_every_feed_fails_there_is_no_digest(desk: Desk, tmp_path: Path) -> None:
    empty = tmp_path / "empty.xml"
    empty.write_bytes(b"")
    with pytest.raises(FeedError, match="empty"):
        run(Config(feeds=(str(empty),)), desk.parts())


def test_a_quiet_day_is_a_digest_too(desk: Desk) -> None:
    quiet = b'<?xml version="1.0"?><rss version="2.0"><channel><title>Quiet</title></channel></rss>'
    digest = run(Config(feeds=("-",)), desk.parts(stdin=quiet))
    assert (digest.papers, digest.considered, digest.feeds[0].papers) == ((), 0, 0)
    assert digest.date == dt.datetime.now(dt.UTC).date()


def test_no_feed_is_a_question_for_the_reader(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no feed"):
        run(Config(), desk.parts())


def test_categories_are_one_address(desk: Desk) -> None:
    asked: list[str] = []

    def fetch(url: str) -> FeedResponse:
        asked.append(url)
        return FeedResponse(url, SAMPLE.read_bytes(), dt.datetime(2026, 2, 2, 12, tzinfo=dt.UTC))

    digest = run(Config(categories=("cs.CL", "cs.AI")), desk.parts(fetch=fetch))
    assert asked == ["https://rss.arxiv.org/atom/cs.CL+cs.AI"]
    assert digest.feeds[0].status == "fresh"


def test_where_the_network_is_forbidden_an_address_is_refused(desk: Desk) -> None:
    with pytest.raises(OfflineError):
        run(Config(feeds=("https://example.org/feed",)), desk.parts())


def test_min_score_and_top_bound_the_digest(desk: Desk) -> None:
    everything = run(sample(top=99), desk.parts(model=False)).papers
    middle = everything[len(everything) // 2].score
    digest = run(sample(top=99, min_score=middle), desk.parts(model=False))
    assert [p.paper.id for p in digest.papers] == [p.paper.id for p in everything if p.score >= middle]


def test_a_full_disk_costs_the_memory_and_not_the_digest(desk: Desk, tmp_path: Path) -> None:
    failures: list[str] = []
    archive = Archive(tmp_path / "full.sqlite", on_write_error=lambda error: failures.append(str(error)))
    (pages,) = archive._db.execute("PRAGMA page_count").fetchone()
    archive._db.execute(f"PRAGMA max_page_count = {pages}")
    desk.archive.close()
    desk.archive = archive
    digest = run(sample(interests=(Interest("moths"),)), desk.parts())
    assert digest.papers
    assert all("full" in failure for failure in failures)
    assert failures


def test_a_date_of_ones_own(desk: Desk) -> None:
    assert run(sample(date=dt.date(2026, 3, 1)), desk.parts()).date == dt.date(2026, 3, 1)


def test_hidden_papers_never_come_again_and_likes_are_heard(desk: Desk) -> None:
    first = run(sample(interests=(Interest("moths"),), top=99), desk.parts(model=False)).papers
    gone, liked = first[0].paper, first[-1].paper
    desk.archive.add_opinion(gone.id, "hide")
    desk.archive.add_opinion(liked.id, "like")
    again = run(sample(interests=(Interest("moths"),), top=99), desk.parts(model=False))
    assert gone.id not in {entry.paper.id for entry in again.papers}
    assert again.considered == len(first) - 1
    ranks = {entry.paper.id: entry.rank for entry in again.papers}
    assert ranks[liked.id] < len(first) - 1
    alone = run(sample(top=1), desk.parts(model=False))
    assert (alone.papers[0].paper.id, alone.scored_by) == (liked.id, "interests")
    assert alone.papers[0].receipt.liked == liked.id


def test_a_dislike_alone_is_heard(desk: Desk) -> None:
    before = run(sample(top=99), desk.parts(model=False)).papers
    desk.archive.add_opinion(before[0].paper.id, "dislike")
    after = run(sample(top=99), desk.parts(model=False))
    entry = next(entry for entry in after.papers if entry.paper.id == before[0].paper.id)
    assert after.scored_by == "category"
    assert entry.receipt.penalty > before[0].receipt.penalty
    assert entry.receipt.avoided == "papers you disliked"


def test_explored_papers_are_marked(desk: Desk) -> None:
    config = sample(interests=(Interest("moths"),), top=4, explore=1, diversity=0.2)
    digest = run(config, desk.parts(model=False))
    assert [entry.explored for entry in digest.papers] == [False, False, False, True]


def arxiv_feed(version: int, kind: str, words: str) -> bytes:
    return (
        "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>arXiv</title>"
        f"<entry><id>oai:arXiv.org:2600.00001v{version}</id><title>Counting moths at lamps</title>"
        f"<summary>arXiv:2600.00001v{version} Announce Type: {kind}\nAbstract: {words}</summary>"
        "</entry></feed>"
    ).encode()


@pytest.mark.parametrize("is_liked", [True, False])
def test_a_revised_paper_that_was_liked_is_shown_with_what_changed(desk: Desk, is_liked: bool) -> None:
    run(Config(feeds=("-",)), desk.parts(stdin=arxiv_feed(1, "new", "The error is 6.1%."), model=False))
    if is_liked:
        desk.archive.add_opinion("2600.00001", "like")
    for _ in range(2):
        revised = desk.parts(stdin=arxiv_feed(2, "replace", "The error is 4.0%."), model=False)
        papers = run(Config(feeds=("-",)), revised).papers
        told = [(entry.paper.version, entry.changes) for entry in papers]
        assert told == ([(2, "“6.1%.” → “4.0%.”")] if is_liked else [])


def test_every_output_says_how_a_feed_is(desk: Desk) -> None:
    url = "https://rss.arxiv.org/atom/cs.CL"
    saturday = dt.datetime(2026, 2, 7, 12, tzinfo=dt.UTC)
    empty = b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>arXiv</title></feed>"

    def fetch_at(now: dt.datetime) -> Parts:
        return desk.parts(fetch=lambda url: FeedResponse(url, empty, now), now=now)

    digest = run(Config(feeds=(url,)), fetch_at(saturday))
    assert digest.feeds[0].status == "quiet"
    assert "next feed comes on Monday 2026-02-09" in (digest.feeds[0].note or "")
    own = Config(feeds=(url,), holidays=(dt.date(2026, 2, 9),))
    digest = run(own, fetch_at(saturday + dt.timedelta(days=3)))
    assert digest.feeds[0].status == "holiday"
