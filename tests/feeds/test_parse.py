from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FeedError
from digest.feeds.authors import read_authors
from digest.feeds.parse import ParsedFeed, merge, parse_feed
from digest.paper import Paper

if TYPE_CHECKING:
    from digest.paper import AnnounceType

DATA = Path(__file__).parent / "data"
SAMPLE = Path(__file__).parents[2] / "examples" / "sample.atom.xml"


def parsed(name: str) -> ParsedFeed:
    return parse_feed((DATA / name).read_bytes(), name)


def test_arxiv_rss() -> None:
    feed = parsed("arxiv.rss.xml")
    assert feed.title == "cs.CL updates on arXiv.org"
    assert feed.problems == ()
    assert feed.papers[0] == Paper(
        id="2600.00001",
        version=1,
        title="Quiet Notes on A → B",
        authors=("Paulo André Sample", "Cy Young Jr.", "Di Test III"),
        abstract="We find p < 0.05 and a <b> tag, for 5% of R&D. A new line.",
        categories=("cs.CL", "cs.AI"),
        published=dt.date(2026, 2, 2),
        announce_type="new",
        url="https://arxiv.org/abs/2600.00001v1",
        pdf_url="https://arxiv.org/pdf/2600.00001v1",
        source="arxiv.rss.xml",
        title_source=r"\textbf{Quiet} Notes on $A \rightarrow B$",
        abstract_source=r"We find p < 0.05 and a <b> tag, for 5\% of R&D. A new line.",
    )
    old = feed.papers[1]
    assert (old.id, old.version, old.announce_type, old.authors) == ("hep-th/0000001", 2, "replace-cross", ())
    assert old.url == "https://arxiv.org/abs/hep-th/0000001v2"


def test_arxiv_atom_and_api() -> None:
    atom, api = parsed("arxiv.atom.xml").papers
    assert (atom.announce_type, atom.abstract) == ("cross", "We split it.")
    assert atom.published == dt.date(2026, 2, 3)  # 20:00 in New York is the next day in UTC
    assert atom.categories == ("cs.CL", "cs.AI")
    assert (api.id, api.version, api.announce_type) == ("2600.00004", 3, "none")
    assert api.authors == ("Ada Example", "Bo Sample")
    assert api.categories == ("cs.LG", "cs.CV")
    assert api.published == dt.date(2026, 2, 2)  # the feed's


def test_rdf_with_markup() -> None:
    (paper,) = parsed("biorxiv.rdf").papers
    assert paper.title == "Growth of E. exempli at p < 0.05"
    assert paper.abstract == "CO2 fell & O<b> rose. Then it ended."
    assert paper.authors == ("A. Example", "B. C. Sample")
    assert paper.published == dt.date(2026, 2, 1)
    assert paper.id == paper.url == "http://biorxiv.example.org/cgi/content/short/2026.01.01.000001v1?rss=1"


def test_a_cut_off_feed_keeps_whole_entries() -> None:
    feed = parsed("cut-off.rss.xml")
    assert [paper.title for paper in feed.papers] == ["One", "Two"]
    assert feed.problems == ("the XML is cut off or malformed (line 34): kept 2 entries",)


@pytest.mark.parametrize("cut", range(400, 1900, 37))
def test_a_feed_cut_anywhere_gives_whole_papers_or_one_line(cut: int) -> None:
    data = (DATA / "arxiv.rss.xml").read_bytes()[:cut]
    try:
        feed = parse_feed(data, "cut")
    except FeedError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either is right
    else:
        assert set(feed.papers) <= {replace(paper, source="cut") for paper in parsed("arxiv.rss.xml").papers}


def test_a_feed_cut_inside_a_character_keeps_the_others_right() -> None:
    data = (DATA / "arxiv.rss.xml").read_bytes().replace(b"Old Numbers", "Café, résumé".encode())
    feed = parse_feed(data[: data.index("résumé".encode()) + 2], "cut")
    assert [paper.id for paper in feed.papers] == ["2600.00001"]


def test_wrong_encodings() -> None:
    latin = parsed("wrong-encoding.rss.xml")
    assert latin.papers[0].title == "Café au lait"
    assert latin.problems == ("the feed's encoding is not what it says: read as windows-1252",)
    few = parsed("few-wrong-bytes.rss.xml")
    assert few.papers[0].title == "Café au lait"
    assert few.papers[0].abstract == "Déjà vu, \N{REPLACEMENT CHARACTER}."
    assert "not valid UTF-8" in few.problems[0]


def test_the_charset_of_the_header_is_heard() -> None:
    data = (DATA / "arxiv.rss.xml").read_bytes().replace(b"Old Numbers", "Café".encode("koi8-r", "replace"))
    assert parse_feed(data, "x", content_type="application/rss+xml; charset=UTF-8").papers


def test_duplicates_are_merged_and_told_once() -> None:
    feed = parsed("duplicates.rss.xml")
    assert [(paper.id, paper.announce_type) for paper in feed.papers] == [
        ("2600.00001", "new"),
        ("2600.00002", "new"),
    ]
    assert feed.problems == ("1 entry announced more than once in this feed: merged",)


def test_missing_ids_and_titles() -> None:
    feed = parsed("no-id.rss.xml")
    ids = [paper.id for paper in feed.papers]
    assert ids[0].startswith("sha256:")
    assert len(ids[0]) == len("sha256:") + 16
    assert ids[1:] == ["only-abstract", "10.9999/abc", "http://x.example.org/link", "1234.56789"]
    assert feed.papers[1].title == "(untitled)"
    assert feed.papers[3].pdf_url == "http://x.example.org/a.pdf"
    assert feed.papers[4].url == ""
    assert [problem.partition(":")[0] for problem in feed.problems] == [
        "entry 1 has no id",
        "only-abstract has no title",
        "entry 3 has neither title nor abstract",
    ]
    assert parsed("no-id.rss.xml") == feed


def test_hostile_text_is_harmless() -> None:
    feed = parsed("hostile.rss.xml")
    paper = feed.papers[0]
    assert feed.problems == ()
    assert paper.authors == ("Ada Example",)
    assert paper.abstract == "Zerowidth <script>x</script> [link](javascript:x)"
    for text in (paper.title, paper.title_source, paper.abstract_source):
        assert text.isprintable()


def test_a_quiet_day_is_no_error() -> None:
    feed = parsed("quiet.atom.xml")
    assert (feed.title, feed.papers, feed.problems) == ("cs.AI updates on arXiv.org", (), ())
    assert feed.updated == dt.datetime(2026, 2, 1, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        ((DATA / "page.html").read_bytes(), "is a web page, not a feed: give the address of the feed itself"),
        ((DATA / "arxiv-error.atom.xml").read_bytes(), "incorrect id format for x"),
        (b"hello", "is not a feed"),
        (b"\x89PNG\r\n\x1a\n\0", "is not a feed"),
        (b"<a><b/></a>", "is XML, but not a feed"),
        (b"/etc/passwd", "is not a feed"),
        (b"https://example.org/feed", "is not a feed"),
    ],
)
def test_what_is_no_feed(data: bytes, words: str) -> None:
    with pytest.raises(FeedError, match=words) as caught:
        parse_feed(data, "source")
    assert caught.value.todo
    assert "\n" not in str(caught.value)


def test_endless_texts_are_cut_at_a_word() -> None:
    data = (DATA / "arxiv.rss.xml").read_bytes()
    data = data.replace(b"Old Numbers", b"word " * 500).replace(
        b"Abstract: Text.", b"Abstract: " + b"word " * 9000
    )
    feed = parse_feed(data, "x")
    assert len(feed.papers[1].title) <= 500
    assert len(feed.papers[1].abstract) <= 20_000
    assert feed.papers[1].abstract.endswith("word…")
    assert len(feed.problems) == 2


@given(st.binary(max_size=400))
def test_strange_bytes_are_papers_or_one_line(data: bytes) -> None:
    for feed in (data, b"<rss version='2.0'><channel><item><title>" + data):
        try:
            parse_feed(feed, "x")
        except FeedError as error:
            assert "\n" not in str(error)  # noqa: PT017 - either is right


def test_the_sample_is_whole_and_invented() -> None:
    feed = parse_feed(SAMPLE.read_bytes(), "sample")
    assert len(feed.papers) == 14
    assert feed.problems == ()
    assert all(paper.id.startswith("2600.") for paper in feed.papers)
    assert {paper.published for paper in feed.papers} == {dt.date(2026, 2, 2)}
    assert not any(set(paper.abstract) & set("$\\{}") for paper in feed.papers)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A B, C D and E F", ("A B", "C D", "E F")),
        ("A B (X, Y), C D (Z (and Q))", ("A B", "C D")),
        ("A B Jr., C D, III, E F, Jr.", ("A B Jr.", "C D III", "E F, Jr.")),
        ("Sandy Andrews", ("Sandy Andrews",)),
        (r"M. G\"odel, E. Nov\'ak", ("M. Gödel", "E. Novák")),
        ("rss-help@arxiv.org", ()),
        ("", ()),
        ("A B (never closed, C D", ("A B",)),
    ],
)
def test_read_authors(text: str, names: tuple[str, ...]) -> None:
    assert read_authors([text]) == names


PAPERS = st.builds(
    lambda identifier, version, kind, abstract: Paper(
        identifier,
        version,
        "T",
        (),
        abstract,
        (),
        dt.date(2026, 2, 2),
        cast("AnnounceType", kind),
        "",
        "",
        "x",
    ),
    st.sampled_from("abc"),
    st.integers(1, 3),
    st.sampled_from(["new", "cross", "replace", "replace-cross", "none"]),
    st.sampled_from(["", "short", "longer"]),
)


@given(st.lists(PAPERS))
def test_merge_keeps_the_best_of_each_in_order(papers: list[Paper]) -> None:
    merged = merge(papers)
    assert merge(merged) == merged
    assert [paper.id for paper in merged] == list(dict.fromkeys(paper.id for paper in papers))
    assert set(merge(reversed(papers))) == set(merged)
    for paper in merged:
        assert paper.version == max(other.version for other in papers if other.id == paper.id)


@pytest.mark.parametrize("worse", ["cross", "replace", "replace-cross", "none"])
def test_new_beats_the_others(worse: str) -> None:
    new = Paper("a", 1, "T", (), "", (), dt.date(2026, 2, 2), "new", "", "", "x")
    other = replace(new, announce_type=cast("AnnounceType", worse))
    assert merge([other, new]) == (new,)
    assert merge([replace(other, version=2), new]) == (replace(other, version=2),)
