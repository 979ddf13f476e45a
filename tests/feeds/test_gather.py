from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.archive import Archive
from digest.errors import FeedError, OfflineError
from digest.feeds.calendar import ArxivCalendar
from digest.feeds.gather import Carried, Gathered, Source, gather
from digest.feeds.parse import parse_feed
from digest.feeds.response import FeedResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DATA = Path(__file__).parent / "data"
NOW = dt.datetime(2026, 2, 2, 12, tzinfo=dt.UTC)  # a Monday
ARXIV = "https://rss.arxiv.org/atom/cs.CV"
JOURNAL = "https://journal.example/rss"


class Web:
    """Answers with files."""

    def __init__(self, history: Archive) -> None:
        self.bodies: dict[str, bytes] = {}
        self.problems: dict[str, str] = {}
        self.warnings: list[str] = []
        self.asked: list[str] = []
        self._history = history

    def fetch(self, url: str) -> FeedResponse:
        self.asked.append(url)
        if url not in self.bodies:
            raise FeedError(f"{url} answered 404 Not Found", "check the address")
        return FeedResponse(url, self.bodies[url], NOW, problem=self.problems.get(url, ""))

    def gather(self, *names: str, now: dt.datetime = NOW, carried: Sequence[Carried] = ()) -> Gathered:
        return gather(
            names,
            Source(
                stdin=io.BytesIO(),
                fetch=self.fetch,
                history=self._history,
                calendar=ArxivCalendar(),
                now=now,
                warn=self.warnings.append,
            ),
            carried,
        )


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with Archive(tmp_path / "a.sqlite") as archive:
        web = Web(archive)
        web.bodies[ARXIV] = (DATA / "arxiv-doi.rss.xml").read_bytes()
        web.bodies[JOURNAL] = (DATA / "journal.rss.xml").read_bytes()
        yield web


def test_a_paper_from_arxiv_and_a_journal_is_one(web: Web) -> None:
    gathered = web.gather(JOURNAL, ARXIV)
    (paper,) = gathered.papers
    assert (paper.id, paper.version, paper.doi) == ("2600.00001", 2, "10.1234/s1")
    assert paper.authors == ("Ada Lindqvist", "Kofi Mensah")
    assert [(report.status, report.papers) for report in gathered.reports] == [("fresh", 1), ("fresh", 1)]


def test_the_content_of_journals_and_anthologies() -> None:
    (journal,) = parse_feed((DATA / "journal.rss.xml").read_bytes(), "j").papers
    assert (journal.title, journal.doi) == ("Counting Moths at Street Lamps", "10.1234/s1")
    assert (journal.id, journal.published) == ("https://journal.example/articles/s1", dt.date(2026, 2, 2))
    assert journal.abstract.endswith("Counting moths is hard.")
    (owls,) = parse_feed((DATA / "anthology.rss.xml").read_bytes(), "a").papers
    assert (owls.title, owls.abstract, owls.announce_type) == (
        "Owls That Read: A Survey",
        "We survey owls.",
        "none",
    )


def test_one_that_fails_does_not_stop_the_others(web: Web) -> None:
    gathered = web.gather("https://gone.example/", JOURNAL, "missing.xml")
    assert [report.status for report in gathered.reports] == ["failed", "fresh", "failed"]
    assert len(gathered.papers) == 1
    assert len(web.warnings) == 2
    with pytest.raises(FeedError, match="404"):
        web.gather("https://gone.example/")


def test_an_old_copy_has_failed_though_it_has_papers(web: Web) -> None:
    web.problems[ARXIV] = "it answered 503; this is the copy of 2026-02-01 06:00 UTC"
    (report,) = web.gather(ARXIV).reports
    assert (report.status, report.papers, report.error) == ("failed", 1, web.problems[ARXIV])
    assert web.gather(ARXIV, now=NOW + dt.timedelta(days=1)).reports[0].status == "failed"


def test_arxivs_calendar_is_heard(web: Web) -> None:
    report = web.gather(ARXIV, now=NOW + dt.timedelta(days=1)).reports[0]
    assert report.status == "stale"
    assert "feed of Monday 2026-02-02" in (report.note or "")


def test_arxivs_words_about_a_wrong_query(web: Web) -> None:
    url = "https://export.arxiv.org/api/query?id_list=x"
    web.bodies[url] = (DATA / "arxiv-error.atom.xml").read_bytes()
    report = web.gather(url, JOURNAL).reports[0]
    assert report.status == "failed"
    assert "answered with an error: " in (report.error or "")


def test_a_source_named_twice_is_asked_once(web: Web) -> None:
    assert len(web.gather(JOURNAL, JOURNAL).reports) == 1
    assert web.asked == [JOURNAL]


def entries(categories: str, numbers: range) -> bytes:
    """Return a feed of arXiv."""
    items = "".join(
        f"<entry><id>oai:arXiv.org:2602.{n:05}v1</id><title>Paper {n} of {categories}</title>"
        f"<summary>arXiv:2602.{n:05}v1 Announce Type: new\nAbstract: Text.</summary></entry>"
        for n in numbers
    )
    head = "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><title>arXiv</title>"
    return f"{head}<updated>2026-02-02T05:00:00Z</updated>{items}</feed>".encode()


def test_a_full_response_is_asked_for_in_parts(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three categories with 30 papers, arXiv gives 20 together, but all when asked one by one."""
    monkeypatch.setattr("digest.feeds.gather.MOST_ITEMS", 20)
    base = "https://rss.arxiv.org/atom/"
    web.bodies[f"{base}cs.A+cs.B+cs.C"] = entries("all", range(20))
    web.bodies[f"{base}cs.A"] = entries("A", range(15))
    web.bodies[f"{base}cs.B+cs.C"] = entries("BC", range(20, 40))
    web.bodies[f"{base}cs.B"] = entries("B", range(15, 35))
    gathered = web.gather(f"{base}cs.A+cs.B+cs.C")
    assert web.asked == [f"{base}{part}" for part in ("cs.A+cs.B+cs.C", "cs.A", "cs.B+cs.C", "cs.B", "cs.C")]
    assert len(gathered.papers) == 40
    notes = {report.source.removeprefix(base): report.note or "" for report in gathered.reports}
    assert "asked again for fewer" in notes["cs.A+cs.B+cs.C"]
    assert notes["cs.A"] == ""
    assert "some may be missing" in notes["cs.B"]  # one category cannot be divided
    assert gathered.reports[-1].status == "failed"  # cs.C; the others stand


def test_a_carried_feed_is_judged_as_on_the_day_it_was_received(web: Web) -> None:
    later = NOW + dt.timedelta(days=9)
    response = web.fetch(ARXIV)
    (report,) = web.gather(now=later, carried=[(ARXIV, response)]).reports
    assert (report.status, report.papers) == ("fresh", 1)
    assert (report.note or "").startswith("received 2026-02-02 12:00 UTC")
    assert web.gather(ARXIV, now=later).reports[0].status == "stale"


def test_a_clock_that_was_ahead_is_not_believed(web: Web) -> None:
    ahead = replace(web.fetch(JOURNAL), fetched_at=dt.datetime(2199, 1, 1, tzinfo=dt.UTC))
    (report,) = web.gather(carried=[(JOURNAL, ahead)]).reports
    assert "received 2026-02-02 12:00 UTC" in (report.note or "")
    assert [batch.last_seen for batch in web._history.batches(JOURNAL)] == [NOW]


def test_what_was_left_out_of_a_carried_feed_is_not_asked_for_again(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.feeds.gather.MOST_ITEMS", 20)
    url = "https://rss.arxiv.org/atom/cs.A+cs.B"
    full = FeedResponse(url, entries("all", range(20)), NOW)
    failure = FeedError("https://rss.arxiv.org/atom/cs.B answered 404 Not Found")
    reports = web.gather(carried=[(url, full), ("https://rss.arxiv.org/atom/cs.B", failure)]).reports
    assert [(report.status, report.papers) for report in reports] == [("fresh", 20), ("failed", 0)]
    assert web.asked == []
    with pytest.raises(FeedError, match="404"):
        web.gather(carried=[("https://rss.arxiv.org/atom/cs.B", failure)])


def test_the_network_may_be_forbidden(web: Web) -> None:
    tools = Source(io.BytesIO(), None, web._history, ArxivCalendar(), NOW, web.warnings.append)
    with pytest.raises(OfflineError):
        gather([ARXIV], tools)


def test_a_login_stays_out_of_the_digest(web: Web) -> None:
    private = "https://ada:secret@journal.example/rss"
    web.bodies[private] = web.bodies[JOURNAL]
    gathered = web.gather(private, "https://ada:secret@gone.example/")
    assert [report.source for report in gathered.reports] == [JOURNAL, "https://gone.example/"]
    assert {paper.source for paper in gathered.papers} == {JOURNAL}


def test_files_have_no_calendar(web: Web) -> None:
    path = str(DATA / "arxiv-doi.rss.xml")
    for _ in range(2):
        (report,) = web.gather(path, now=NOW + dt.timedelta(days=400)).reports
        assert (report.status, report.note) == ("file", None)
    (paper,) = web.gather(path).papers
    assert replace(paper, source="") == replace(web.gather(ARXIV).papers[0], source="")
