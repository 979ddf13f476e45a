"""Feeds that were made to do harm, and every dialect that there is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from digest.errors import FeedError
from digest.feeds.parse import ParsedFeed, parse_feed
from digest.feeds.tame import MOST_TAGS
from digest.text.clean import clean_text

XML = "<?xml version='1.0' encoding='{}'?>\n"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>f</title>{}</feed>"
ITEM = "<item><title>{}</title><guid>g{}</guid><description>Counted.</description></item>"


def rss(*items: str, before: str = "", declared: str = "utf-8") -> str:
    channel = f"<channel><title>f</title>{''.join(items)}</channel>"
    return f"{XML.format(declared)}{before}<rss version='2.0'>{channel}</rss>"


def item(title: str = "One", number: int = 1) -> str:
    return ITEM.format(title, number)


def read(text: str | bytes) -> ParsedFeed:
    return parse_feed(text if isinstance(text, bytes) else text.encode(), "x")


def titles(text: str | bytes) -> list[str]:
    return [paper.title for paper in read(text).papers]


# --- entities ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["SYSTEM", "PUBLIC 'x'"])
def test_a_file_that_an_entity_names_is_not_read(tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words", "utf-8")
    for before in (
        f"<!DOCTYPE x [<!ENTITY e {kind} 'file://{secret}'>]>",
        f"<!DOCTYPE x [<!ENTITY % p {kind} 'file://{secret}'> %p;]>",
        f"<!DOCTYPE x {kind} 'file://{secret}'>",
    ):
        for text in ("A &e; B", "<![CDATA[&e;]]>", "&amp;e;"):
            feed = read(rss(item(text), item("Two", 2), before=before))
            assert "hidden" not in repr(feed)
            assert feed.papers


def test_an_entity_bomb_stays_small() -> None:
    laughs = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
    bomb = f"<!DOCTYPE x [<!ENTITY e0 'laugh'>{laughs}]>"
    quadratic = f"<!DOCTYPE x [<!ENTITY e9 '{'a' * 50_000}'>]>"
    for before in (bomb, quadratic):
        feed = read(rss(item("&e9;" * 1000), item("Two", 2), before=before))
        assert feed.papers[-1].title == "Two"
        assert sum(len(paper.title) + len(paper.abstract) for paper in feed.papers) < 100_000


# --- shape ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "closed"), [("a", True), ("a", False), ("item", False), ("content", True), ("title", False)]
)
def test_a_hundred_thousand_elements_in_each_other(name: str, closed: bool) -> None:
    deep = f"<{name}>" * 100_000 + (f"</{name}>" * 100_000 if closed else "")
    feed = read(rss(item(), deep, item("Two", 2)))
    assert feed.papers[0].title == "One"
    assert any("tags" in problem for problem in feed.problems)
    assert len(feed.problems) < 10


def test_nul_bytes_anywhere() -> None:
    data = rss(item("One"), item("Two", 2)).encode()
    assert titles(data.replace(b"One", b"\0O\0n\0e\0")) == ["One", "Two"]
    assert titles(data + b"\0" * 100_000) == ["One", "Two"]
    assert titles(b"\0\0\0" + data) == ["One", "Two"]
    with pytest.raises(FeedError):
        read(b"\0" * 1000)


def test_fifty_megabytes_are_read_and_what_is_too_much_is_said() -> None:
    # One great entry among small ones: what counts is that nothing is kept of what no paper needs.
    great = (
        f"<item><title>Great</title><guid>g0</guid><description>{'word ' * 10_000_000}</description></item>"
    )
    feed = read(rss(item(), great, item("Two", 2)))
    assert [paper.title for paper in feed.papers] == ["One", "Great", "Two"]
    assert len(feed.papers[1].abstract) <= 20_000
    assert any("abstract of g0" in problem for problem in feed.problems)


def test_a_mistake_in_every_entry_is_told_once() -> None:
    feed = read(rss(*["<item><guid>g</guid></item>"] * 500, item()))
    assert [paper.title for paper in feed.papers] == ["One"]
    assert feed.problems[-1] == "and 497 more problems like these"
    assert len(feed.problems) == 4


def test_ten_thousand_categories_or_namespaces_cost_no_more_than_their_length() -> None:
    tags = "".join(f"<category>c{n}</category>" for n in range(10_000))
    (paper,) = read(rss(f"<item><title>One</title><guid>g</guid>{tags}</item>")).papers
    assert len(paper.categories) == MOST_TAGS
    nested = "".join(f"<n{n}:a xmlns:n{n}='x{n}'>" for n in range(5_000))
    assert titles(rss(item(), nested))[:1] == ["One"]


# --- encodings -----------------------------------------------------------------------------------------

WORDS = {
    "utf-8": "Café 蛾",
    "utf-8-sig": "Café 蛾",
    "utf-16": "Café 蛾",
    "utf-16-le": "Café 蛾",
    "utf-16-be": "Café 蛾",
    "utf-32": "Café 蛾",
    "shift_jis": "街灯の蛾",
    "euc-jp": "街灯の蛾",
    "iso-2022-jp": "街灯の蛾",
    "gb18030": "路灯下的飞蛾",
    "big5": "路燈下的飛蛾",
    "koi8-r": "Мотыльки",
    "windows-1251": "Мотыльки",
    "iso-8859-2": "Ćmy łąk",
    "windows-1252": "“Œuf” à 5 €",
    "iso-8859-1": "Café",
    "cp037": "Cafe",
}
SELF_EVIDENT = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("encoding", WORDS)
def test_every_encoding_that_says_what_it_is(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    feed = read(rss(item(WORDS[encoding]), declared=name).encode(encoding))
    assert [paper.title for paper in feed.papers] == [WORDS[encoding]]
    assert feed.problems == ()


@pytest.mark.parametrize("declared", ["utf-8", "us-ascii", "latin-1", "none-such", "utf-16", "shift_jis", ""])
@pytest.mark.parametrize("encoding", SELF_EVIDENT)
def test_an_encoding_that_shows_itself_is_read_whatever_is_declared(encoding: str, declared: str) -> None:
    text = rss(item(WORDS[encoding]), declared=declared)
    if not declared:
        text = text.replace(" encoding=''", "")
    feed = read(text.encode(encoding))
    plausible = declared in ("latin-1", "shift_jis") and encoding.startswith("utf-8")
    if not plausible:  # bytes of UTF-8 may be meant as these
        assert [paper.title for paper in feed.papers] == [WORDS[encoding]]
    assert len(feed.papers) == 1
    assert len(feed.problems) <= 1


@pytest.mark.parametrize(
    "declared", ["utf-8", "us-ascii", "none-such", "utf-16", "utf-32", "iso-2022-jp", "cp037"]
)
@pytest.mark.parametrize("encoding", [name for name in WORDS if name not in SELF_EVIDENT])
def test_an_encoding_that_is_declared_wrongly_keeps_the_entries_or_is_one_line(
    encoding: str, declared: str
) -> None:
    data = rss(item(WORDS[encoding]), item("Two", 2), declared=declared).encode(encoding, "replace")
    try:
        feed = read(data)
    except FeedError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either is right
    else:
        assert len(feed.papers) in (1, 2)
        assert len(feed.problems) <= 2
        for paper in feed.papers:
            assert paper.title == clean_text(paper.title) != ""


# --- dialects ------------------------------------------------------------------------------------------

RDF = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
ENTRY_03 = "<entry><title>One</title><id>g1</id><summary>Counted.</summary></entry>"
DIALECTS = {
    **{
        name: f"<rdf:RDF {RDF} xmlns='http://{uri}/'><channel><title>f</title></channel>{{}}</rdf:RDF>"
        for name, uri in (("rss090", "my.netscape.com/rdf/simple/0.9"), ("rss10", "purl.org/rss/1.0"))
    },
    **{
        f"rss{version}": f"<rss version='{version}'><channel><title>f</title>{{}}</channel></rss>"
        for version in ("0.91", "0.92", "0.93", "0.94", "2.0", "2.0.1", "", "9")
    },
    "rss without version": "<rss><channel><title>f</title>{}</channel></rss>",
    "upper case": "<RSS VERSION='2.0'><CHANNEL><TITLE>f</TITLE>{}</CHANNEL></RSS>",
    "dtd": "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'http://192.0.2.1/rss-0.91.dtd'>"
    "<rss version='0.91'><channel><title>f</title>{}</channel></rss>",
    "items outside": "<rss version='2.0'><channel><title>f</title></channel>{}</rss>",
}
ATOMS = {
    "atom03": "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>f</title>{}</feed>",
    "atom10": ATOM,
    "atom prefixed": "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:title>f</a:title>{}</a:feed>",
    "atom without namespace": "<feed><title>f</title>{}</feed>",
}


@pytest.mark.parametrize("declaration", ["", XML.format("utf-8"), "\n\n" + XML.format("utf-8"), "\ufeff"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_of_rss(dialect: str, declaration: str) -> None:
    assert titles(declaration + DIALECTS[dialect].format(item() + item("Two", 2))) == ["One", "Two"]


@pytest.mark.parametrize("dialect", ATOMS)
def test_every_dialect_of_atom(dialect: str) -> None:
    entry = ENTRY_03
    if "prefixed" in dialect:
        entry = (
            entry.replace("</", "</a:")
            .replace("<e", "<a:e")
            .replace("<t", "<a:t")
            .replace("<i", "<a:i")
            .replace("<s", "<a:s")
        )
    assert titles(ATOMS[dialect].format(entry)) == ["One"]


def test_cdf_is_read() -> None:
    cdf = (
        "<CHANNEL HREF='http://x.example.org/'><TITLE>f</TITLE>"
        "<ITEM HREF='http://x.example.org/1'><TITLE>One</TITLE><ABSTRACT>Counted.</ABSTRACT></ITEM></CHANNEL>"
    )
    assert titles(cdf) == ["One"]


@pytest.mark.parametrize(
    "broken",
    [
        item("A & B < C"),
        item("One").replace("</title>", ""),
        item("One").replace("<guid>", "<guid isPermaLink=false>"),
        item("One") + "</wrong>",
        "<unclosed>" + item("One"),
        item("One &nbsp;&bogus; &#xFFFFFFFF;"),
        item("<![CDATA[One"),
        item("One").replace("<item>", "<item a='1' a='2'>"),
        item("One").replace("<title>", "<no:title>").replace("</title>", "</no:title>"),
    ],
)
def test_what_is_ill_formed_costs_no_entry_before_it_and_is_told_once(broken: str) -> None:
    feed = read(rss(item("First", 7), broken, item("Two", 2)))
    assert feed.papers[0].title == "First"
    assert 1 <= len(feed.problems) <= 3
    assert len([problem for problem in feed.problems if "malformed" in problem]) == 1


# --- text ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", ["２６００.00001", "2600․00001", "26OO.00001", "2600.0000l", "2600.00001\u200b9"]
)
def test_an_id_that_only_looks_like_an_arxiv_one_is_another(number: str) -> None:
    real, fake = read(
        rss(
            "<item><title>Real</title><guid>oai:arXiv.org:2600.00001v1</guid></item>",
            f"<item><title>Fake</title><guid>oai:arXiv.org:{number}v1</guid></item>",
        )
    ).papers
    assert real.id == "2600.00001"
    assert fake.id != real.id
    assert not fake.url.startswith("https://arxiv.org")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\tscript:x", "data:text/html,x", "file:///etc/passwd",
             "http://arxiv.org@evil.example/", "vbscript:x", "//evil.example", "http://evil.example\u202e/"]
)  # fmt: skip
def test_a_link_that_is_none_is_left_out(link: str) -> None:
    entry = f"<item><title>T</title><guid isPermaLink='false'>g</guid><link>{link}</link></item>"
    (paper,) = read(rss(entry)).papers
    assert paper.url == ""
    (paper,) = read(ATOM.format(f"<entry><title>T</title><id>g</id><link href='{link}'/></entry>")).papers
    assert paper.url == ""


def test_a_feed_read_by_name_opens_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text(rss(item(), before="<!DOCTYPE x SYSTEM 'other.dtd'>"), "utf-8")
    script = (
        "import sys\nfrom digest.feeds.parse import parse_feed\nfrom pathlib import Path\n"
        "parse_feed(b'<rss version=\"2.0\"><channel><title>f</title></channel></rss>', 'warm')\n"
        "data = Path('feed.xml').read_bytes()\n"
        "watched = ('open', 'socket.__new__')\n"
        "sys.addaudithook(lambda event, args: event in watched and print(event, args[0]))\n"
        "print(len(parse_feed(data, 'feed.xml').papers))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ},
    )
    assert done.stdout == "1\n"
