from __future__ import annotations

import csv
import datetime as dt
import email
import email.policy
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import feedparser
import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from builders import MOTHS, OWLS, make_digest, sample_digest, scored
from digest.export import Record, make_page, make_record
from digest.export.atom import export_atom
from digest.export.bibtex import escape, export_bibtex
from digest.export.csl import export_csl
from digest.export.csv import export_csv
from digest.export.eml import export_eml
from digest.export.obsidian import export_obsidian, file_name
from digest.export.record import split_name
from digest.export.ris import export_ris
from digest.library import read_library
from digest.text.clean import clean_text, strip_markup
from digest.text.latex import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.library import Reference
    from digest.paper import Digest, Paper

SAME = [HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]
DIGEST = sample_digest()
RECORDS = make_page(DIGEST).records
OLD = replace(MOTHS, id="hep-th/9901001", title="无摘要", url="https://arxiv.org/abs/hep-th/9901001")
DOI = replace(MOTHS, id="oai:x.example:7", doi="10.1234/lamp_7", url="", title="Lamps & Moths: 50% of $5")


def read_back(path: Path, name: str, text: str) -> tuple[Reference, ...]:
    (path / name).write_text(text, "utf-8", newline="")
    read = read_library(path / name)
    assert read.problems == ()
    return read.groups[0].references


FORMATS: list[tuple[str, Callable[[Sequence[Record]], str]]] = [
    ("a.bib", export_bibtex),
    ("a.ris", export_ris),
    ("a.json", export_csl),
]


@pytest.mark.parametrize(("name", "export"), FORMATS, ids=[name for name, _ in FORMATS])
def test_our_own_readers_read_back_what_was_exported(
    tmp_path: Path, name: str, export: Callable[[Sequence[Record]], str]
) -> None:
    papers = [MOTHS, replace(OWLS, title="Do Owls Read? 50% of $5 & ~x^2 #1"), DOI, OLD]
    found = read_back(tmp_path, name, export([make_record(paper) for paper in papers]))
    expected = [MOTHS.id, OWLS.id, "10.1234/lamp_7", "hep-th/9901001"]
    assert [reference.key for reference in found] == expected
    assert [reference.title for reference in found] == [paper.title for paper in papers]
    assert found[0].abstract == MOTHS.abstract


# What readers take for TeX or markup in any text, also in one where it is meant, is another matter.
ordinary = st.text(
    st.sampled_from("abcXYZ 019éßø中αβ.,;:!?()/+=*@|&%#_{}[]-~^$'") | st.characters(max_codepoint=0x17F),
    max_size=60,
).map(clean_text)


def is_ordinary(text: str) -> bool:
    return strip_markup(text) == text == clean_text(readable(text))


@settings(deadline=None, max_examples=60, suppress_health_check=SAME)
@given(ordinary, ordinary)
def test_texts_come_back_as_they_were(tmp_path: Path, title: str, abstract: str) -> None:
    title = f"A {title} b"
    assume(is_ordinary(title) and is_ordinary(abstract))
    record = make_record(replace(MOTHS, title=title, abstract=abstract))
    for name, export in FORMATS:
        (found,) = read_back(tmp_path, name, export([record]))
        assert (found.key, found.title, found.abstract) == (MOTHS.id, title, abstract), name


@given(st.text(st.sampled_from("\\{}$&%#_~^<>`'\"-ab ") | st.characters(max_codepoint=0x3FF)))
def test_no_text_breaks_out_of_a_bibtex_field(text: str) -> None:
    depth = 0
    for character in escape(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert not re.search(r"(?<!\\)[&%#_$]", escape(text))
    assert "--" not in escape(text)


def test_bibtex_is_the_golden_one() -> None:
    assert export_bibtex([make_record(MOTHS, (DIGEST, DIGEST.papers[0])), make_record(DOI)]) == (
        "@misc{lindqvist2026lanternnet,\n"
        "  title = {{LanternNet: Counting Moths at Street Lamps}},\n"
        "  author = {Lindqvist, Ada and Mensah, Kofi and Wei, Li and Hall, Nora},\n"
        "  year = {2026},\n"
        "  eprint = {2600.00001},\n"
        "  archiveprefix = {arXiv},\n"
        "  primaryclass = {cs.CV},\n"
        "  url = {https://arxiv.org/abs/2600.00001v1},\n"
        "  keywords = {moth counting, LanternNet},\n"
        "  abstract = {Counting moths is hard. We propose LanternNet. Its error is 6.1\\%.},\n"
        "  month = feb,\n"
        "}\n\n"
        "@misc{lindqvist2026lamps,\n"
        "  title = {{Lamps \\& Moths: 50\\% of \\$5}},\n"
        "  author = {Lindqvist, Ada and Mensah, Kofi and Wei, Li and Hall, Nora},\n"
        "  year = {2026},\n"
        "  doi = {10.1234/lamp_7},\n"
        "  url = {https://doi.org/10.1234/lamp_7},\n"
        "  abstract = {Counting moths is hard. We propose LanternNet. Its error is 6.1\\%.},\n"
        "  month = feb,\n"
        "}\n"
    )


def test_bibtex_keys_differ() -> None:
    twins = [make_record(replace(MOTHS, id=f"2600.0000{n}")) for n in range(3)]
    keys = re.findall(r"@misc\{(.*),", export_bibtex(twins))
    assert keys == ["lindqvist2026lanternnet", "lindqvist2026lanternnet-2", "lindqvist2026lanternnet-3"]
    assert export_bibtex([make_record(replace(MOTHS, authors=(), title="图像"))]).startswith(
        "@misc{anonymous2026,"
    )


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada Lindqvist", ("Lindqvist", "Ada")),
        ("J. D. van der Waals", ("van der Waals", "J. D.")),
        ("Plato", ("Plato", "")),
        ("李伟", ("李伟", "")),
        ("The ATLAS Collaboration", ("The ATLAS Collaboration", "")),
        ("Smith, John", ("Smith, John", "")),
        ("", ("", "")),
    ],
)
def test_names(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_ris_has_a_line_for_each_value() -> None:
    hostile = replace(MOTHS, title="A\r\nER  - \nTY  - JOUR\u2028B", authors=("Li\nWei",))
    lines = export_ris([make_record(hostile, (DIGEST, DIGEST.papers[0]))]).splitlines()
    assert lines[:4] == ["TY  - UNPB", "ID  - 2600.00001", "TI  - A ER - TY - JOUR B", "AU  - Wei, Li"]
    assert [line for line in lines if line.startswith("KW")] == ["KW  - moth counting", "KW  - LanternNet"]
    assert lines[-2:] == ["ER  - ", ""]
    assert export_ris([make_record(DOI)]).startswith("TY  - JOUR\r\n")


def test_csl_names_authors_and_days() -> None:
    (item,) = msgspec.json.decode(
        export_csl([make_record(replace(MOTHS, authors=("Ada Lindqvist", "CERN")))])
    )
    assert item["author"] == [{"family": "Lindqvist", "given": "Ada"}, {"literal": "CERN"}]
    assert item["issued"] == {"date-parts": [[2026, 2, 2]]}
    assert item["archive_location"] == MOTHS.id


@settings(suppress_health_check=SAME)
@given(st.text(st.sampled_from("=+-@＝,;\"'\n\tab ")))
def test_no_cell_is_a_formula_and_nothing_else_changes(title: str) -> None:
    paper = replace(MOTHS, title=title)
    header, row = csv.reader(io.StringIO(export_csv([make_record(paper, verdict="like")]), newline=""))
    cells = dict(zip(header, row, strict=True))
    clean = clean_text(title)
    assert cells["title"] == (f"'{clean}" if clean[:1] in ("=", "+", "-", "@", "＝") and clean else clean)
    assert cells["abstract"] == MOTHS.abstract
    assert (cells["verdict"], cells["score"], cells["authors"]) == ("like", "", "; ".join(MOTHS.authors))


def other_day(**changes: object) -> Digest:
    return make_digest(scored(OWLS), date=dt.date(2026, 2, 3), **changes)


def test_the_feed_is_valid_and_the_latest_day_comes_first() -> None:
    feed = feedparser.parse(export_atom([make_page(DIGEST), make_page(other_day())]))
    assert not feed.bozo
    assert feed.version == "atom10"
    assert [entry.title for entry in feed.entries] == [
        "Digest of 2026-02-03: 1 of 13 papers",
        "Digest of 2026-02-02: 3 of 13 papers",
    ]
    assert feed.feed.updated == "2026-02-02T06:30:00Z"
    assert len({feed.feed.id, *(entry.id for entry in feed.entries)}) == 3
    again = feedparser.parse(export_atom([make_page(other_day(considered=14))]))
    assert again.entries[0].id == feed.entries[0].id
    assert feedparser.parse(export_atom([])).bozo == 0


@given(st.text(), st.text())
def test_any_text_makes_a_valid_feed(title: str, abstract: str) -> None:
    entry = scored(replace(MOTHS, title=title, abstract=abstract), summary=None)
    feed = feedparser.parse(export_atom([make_page(make_digest(entry))]).encode())
    assert not feed.bozo
    assert len(feed.entries) == 1


def test_markup_of_strangers_is_text_in_feeds_and_mail() -> None:
    hostile = replace(OWLS, title="<script>alert(1)</script>", url='https://x.example/"><script>')
    page = make_page(make_digest(scored(hostile, summary=None)))
    (entry,) = feedparser.parse(export_atom([page])).entries
    message = email.message_from_bytes(export_eml(page), policy=email.policy.default)
    part = message.get_body(("html",))
    assert part is not None
    for text in (entry.content[0].value, part.get_content()):
        assert "<script" not in text
    assert "<script" not in part.get_content()


def test_the_message_has_text_and_html_and_is_the_same_each_time() -> None:
    page = make_page(DIGEST)
    data = export_eml(page)
    assert data == export_eml(page)
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert message["Subject"] == "Digest of 2026-02-02: 3 of 13 papers"
    assert message["Date"].datetime == DIGEST.generated_at
    text, page_of_html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert page_of_html is not None
    words = " ".join(text.get_content().split())
    assert "1. LanternNet: Counting Moths at Street Lamps score 86" in words
    assert "Conclusion: The error is 6.1%." in words
    assert "无摘要" in words
    assert max(map(len, data.splitlines())) < 998
    assert not message.defects


def test_a_title_cannot_add_a_header() -> None:
    entry = scored(replace(MOTHS, title="x\r\nBcc: a@b.example"))
    assert b"\nBcc:" not in export_eml(make_page(make_digest(entry))).partition(b"\r\n\r\n")[0]


def test_notes_have_front_matter_and_are_read_back(tmp_path: Path) -> None:
    notes = export_obsidian(RECORDS)
    for name, data in notes.items():
        (tmp_path / name).write_bytes(data)
    assert sorted(notes) == sorted([
        "2600.00001 LanternNet Counting Moths at Street Lamps.md",
        "2600.00002 Do Owls Read A b Survey b of (http evil.example) code & 5.md",
        "hep-th 9901001 无摘要.md",
    ])  # fmt: skip
    found = read_library(tmp_path).groups[0].references
    assert {(reference.key, reference.title) for reference in found} >= {
        (MOTHS.id, MOTHS.title),
        (OWLS.id, "Do Owls Read? A Survey of code & $5"),  # markup that a title means is taken for markup
    }
    note = notes["2600.00001 LanternNet Counting Moths at Street Lamps.md"].decode()
    assert note.startswith(f'---\ntitle: "{MOTHS.title}"\nid: "2600.00001"\nauthors: ["Ada')
    assert "\npublished: 2026-02-02\nshown: 2026-02-02\nscore: 86\n" in note
    assert "\n**Conclusion**: The error is 6.1%.\n" in note


names = st.text(st.sampled_from('/\\:*?"<>|#^[]. ~%aé中') | st.characters(max_codepoint=0x3FFF), max_size=150)


@given(names, names)
def test_file_names_are_safe(paper_id: str, title: str) -> None:
    paper: Paper = replace(MOTHS, id=paper_id, title=title)
    name = file_name(make_record(paper))
    assert name
    assert not re.search(r'[\\/:*?"<>|#^\[\]\x00-\x1f]', name)
    assert not name.startswith((".", "-", " ", "~"))
    assert not name.endswith((".", " "))
    assert len(f"{name}.md".encode()) <= 255


def test_file_names_of_different_papers_differ() -> None:
    records = [make_record(replace(MOTHS, id=i)) for i in ("a", "A", "a?", "con", "..", "nul.x")]
    notes = export_obsidian(records)
    assert len({name.casefold() for name in notes}) == 6
    assert not [name for name in notes if re.match(r"(?i)(con|nul)[. ]", name)]


def test_what_obsidian_takes_for_markup_is_text() -> None:
    paper = replace(MOTHS, title="A #tag and ==mark== and %%note%% and [[link]]", abstract="---\n#tag")
    (note,) = export_obsidian([make_record(paper)]).values()
    body = note.decode().split("---\n", 2)[2]
    assert "\n# A \\#tag and \\==mark\\== and \\%%note\\%% and \\[\\[link\\]\\]\n" in body
    assert "\n\\--- \\#tag\n" in body
