"""BibTeX, RIS, CSL-JSON, notes and OPML: what is in them, and what hostile ones do."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest

from digest.errors import LibraryError
from digest.library import Group, Imported, Reference, read_library
from digest.library import reference as bounds

BIB = r"""
@string{venue = {Moth Letters}}
@article{lindqvist20,
  title     = {{LanternNet}: Counting {M}oths at $10^{-3}$ Lux with \'{E}lan},
  author    = {Lindqvist, Ada},
  abstract  = {Counting moths is hard, as 50\% of them hide.
               We propose LanternNet.},
  journal   = venue,
  eprint    = {2101.00001v2},
  archiveprefix = {arXiv}
}
@inproceedings{owls, title = "Do Owls Read?", journal = "arXiv preprint arXiv:1901.12345", doi = {10.1/no}}
@misc{doi, Title = {A DOI}, DOI = {10.1234/ABC.5}}
@misc{doi, title = {The key again}}
@misc{twice, title = {One field}, title = {twice}}
@misc{same, title = {do owls read}, abstract = {A longer one, with an abstract.}}
@comment{nothing}
"""

RIS = """TY  - JOUR
ID  - 77
TI  - Counting Moths
AB  - Counting moths
is hard.
UR  - https://arxiv.org/abs/2101.00001
ER  -

TY  - CONF
T1  - Do Owls Read?
N2  - They do.
DO  - 10.1234/owls
ER  -
TY  - GEN
AU  - Nobody
ER  -
"""

CSL = [
    {
        "id": "a",
        "title": "Counting <i>Moths</i>",
        "abstract": "<p>Hard.</p>",
        "URL": "http://arxiv.org/abs/2101.00001v3",
    },
    {"id": 5, "title": "Do Owls Read?", "DOI": "10.48550/arXiv.1901.12345"},
    {"id": "b"},
    "no item",
]

OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Science">
  <outline type="rss" text="CL" xmlUrl="https://rss.arxiv.org/atom/cs.CL+cs.LG"/>
  <outline type="rss" text="CV" xmlUrl="http://export.arxiv.org/rss/cs.CV"/>
  <outline text="Moth Weekly" description="All about moths &amp; lamps" xmlUrl="https://moths.example/feed"/>
</outline></body></opml>"""


FRONT = "---\ntitle: 'Front'\narxiv: https://arxiv.org/abs/2101.00001\n---\n# Not this\nWords."
OBSIDIAN = "# Moths #\n> quoted\n\n- one\n- [[Owl|owls]] and [[Lamps]]\n```\ncode\n```\n"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def references(found: Imported) -> dict[str, Reference]:
    (group,) = found.groups
    assert group.name == ""
    return {reference.key: reference for reference in group.references}


def test_bibtex_is_read_with_its_tex_made_readable(tmp_path: Path) -> None:
    found = read_library(write(tmp_path, "my.bib", BIB))
    known = references(found)
    assert known["2101.00001"] == Reference(
        "2101.00001",
        "LanternNet: Counting Moths at 10^-3 Lux with Élan",
        "Counting moths is hard, as 50% of them hide. We propose LanternNet.",
    )
    assert known["2101.00001"].text.startswith("LanternNet: Counting Moths at 10^-3 Lux with Élan. Counting")
    assert known["same"].abstract == "A longer one, with an abstract."  # for "Do Owls Read?"
    assert known["10.1234/ABC.5"].title == "A DOI"
    assert known["doi"].title == "The key again"
    assert known["twice"].title == "One field"
    assert len(known) == 5
    assert found.problems == ()


def test_a_bibtex_that_was_cut_off_keeps_what_stands_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    found = read_library(write(tmp_path, "my.bib", "@misc{a, title={One}}\n@misc{b, title={Two}, abst"))
    assert [reference.title for reference in references(found).values()] == ["One"]
    assert found.problems == (f"{tmp_path / 'my.bib'}: 1 entry cannot be read: left out",)
    assert not caplog.records
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("bibtexparser").level <= logging.WARNING


def test_ris_is_read_with_lines_that_go_on(tmp_path: Path) -> None:
    for text in (RIS, RIS.replace("\n", "\r\n"), "\ufeff" + RIS):
        found = read_library(write(tmp_path, "my.ris", text))
        assert references(found) == {
            "2101.00001": Reference("2101.00001", "Counting Moths", "Counting moths is hard."),
            "10.1234/owls": Reference("10.1234/owls", "Do Owls Read?", "They do."),
        }
        assert found.problems == (f"{tmp_path / 'my.ris'}: 1 entry without a title: left out",)


def test_a_ris_that_was_cut_off_keeps_its_last_record(tmp_path: Path) -> None:
    found = read_library(write(tmp_path, "my.ris", RIS[: RIS.index("DO  -")]))
    assert [reference.title for reference in references(found).values()] == [
        "Counting Moths",
        "Do Owls Read?",
    ]


@pytest.mark.parametrize("content", [CSL, {"items": CSL}])
def test_csl_json_is_read(tmp_path: Path, content: object) -> None:
    found = read_library(write(tmp_path, "my.json", json.dumps(content)))
    assert references(found) == {
        "2101.00001": Reference("2101.00001", "Counting Moths", "Hard."),
        "1901.12345": Reference("1901.12345", "Do Owls Read?"),
    }
    assert len(found.problems) == 2


def test_an_opml_gives_categories_and_lines(tmp_path: Path) -> None:
    found = read_library(write(tmp_path, "my.opml", OPML))
    assert found.categories == ("cs.CL", "cs.LG", "cs.CV")
    assert [(r.title, r.abstract) for r in references(found).values()] == [
        ("Science", ""),
        ("Moth Weekly", "All about moths & lamps"),
    ]
    cut = read_library(write(tmp_path, "cut.opml", OPML[: OPML.index("</outline>")]))
    assert cut.categories == found.categories
    assert "cut off or malformed" in cut.problems[0]


def test_an_opml_of_arxiv_feeds_alone_is_enough(tmp_path: Path) -> None:
    text = '<opml><body><outline xmlUrl="http://rss.arxiv.org/rss/q-bio.QM"/></body></opml>'
    assert read_library(write(tmp_path, "my.opml", text)) == Imported((), ("q-bio.QM",))


def test_a_folder_of_notes_is_read_by_name(tmp_path: Path) -> None:
    write(
        tmp_path,
        "n/b.md",
        FRONT,
    )
    write(tmp_path, "n/a_plain.txt", "Only [a link](http://x.example) and **strong** words.")
    write(
        tmp_path,
        "n/deep/c.MD",
        OBSIDIAN,
    )
    write(tmp_path, "n/.hidden/d.md", "# Hidden")
    write(tmp_path, "n/.e.md", "# Hidden")
    write(tmp_path, "n/f.pdf", b"%PDF")
    (tmp_path / "n/loop").symlink_to(tmp_path / "n")
    (group,) = read_library(tmp_path / "n").groups
    assert group == Group(
        "",
        (
            Reference("a_plain.txt", "a plain", "Only a link and strong words."),
            Reference("2101.00001", "Front", "Not this Words."),
            Reference("deep/c.MD", "Moths", "quoted one owls and Lamps"),
        ),
    )


def test_a_note_may_stand_alone_and_in_any_encoding(tmp_path: Path) -> None:
    latin = read_library(write(tmp_path, "latin.txt", "Häuser für Motten".encode("latin-1")))
    wide = read_library(write(tmp_path, "wide.txt", "Häuser für Motten".encode("utf-16")))
    assert [reference.abstract for reference in references(latin).values()] == ["Häuser für Motten"]
    assert [reference.abstract for reference in references(wide).values()] == ["Häuser für Motten"]


def test_nothing_hostile_is_left_in_a_reference(tmp_path: Path) -> None:
    text = (
        "@misc{k\x1b[31m, title={\x1b[31mRed\x1b[0m \u202etitle<script>x</script>}, abstract={\x01\u200bb}}"
    )
    (found,) = references(read_library(write(tmp_path, "my.bib", text))).values()
    assert (found.title, found.abstract) == ("Red title", "b")
    assert "\x1b" not in found.key


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.bib", "", "is empty"),
        ("a.bib", " \n", "is empty"),
        ("a.bib", "just words", "no titles"),
        ("a.bib", b"\0\1\2" * 99, "is not text"),
        ("a.bib", "@misc{k, title={" + "{" * 100_000, "no titles"),
        ("a.bib", "@a{" * 2_000, "no titles"),
        ("a.ris", "just words", "no titles"),
        ("a.ris", "TY  - X\nwords without a tag\n", "no titles"),
        ("a.json", "{", "not valid JSON"),
        ("a.json", "[" * 100_000, "not valid JSON"),
        ("a.json", "{}", "not CSL-JSON"),
        ("a.json", "3", "not CSL-JSON"),
        ("a.json", "[]", "no titles"),
        ("a.opml", "just words", "is not XML"),
        ("a.opml", "<html><outline text='x'/></html>", "not OPML"),
        ("a.opml", "<opml/>", "no titles"),
        ("a.md", "", "no titles"),
        ("a.docx", "PK", "no known kind"),
        ("zotero.sqlite", "SQLite format 3\0 but not really" * 99, "not a Zotero database"),
    ],
)
def test_a_library_that_is_none_is_told_in_one_line(
    tmp_path: Path, name: str, content: str | bytes, words: str
) -> None:
    path = write(tmp_path, name, content)
    if name == "a.md":
        path = path.rename(tmp_path / "-.md")
    with pytest.raises(LibraryError, match=words) as caught:
        read_library(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_entities_are_refused_before_they_grow(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<!DOCTYPE opml [<!ENTITY e0 "ha">{entities}]><opml><outline text="&e11;"/></opml>'
    with pytest.raises(LibraryError, match="declares entities"):
        read_library(write(tmp_path, "bomb.opml", text))
    secret = write(tmp_path, "secret.txt", "secret")
    text = f'<!DOCTYPE opml [<!ENTITY e SYSTEM "{secret.as_uri()}">]><opml>&e;</opml>'
    with pytest.raises(LibraryError, match="declares entities"):
        read_library(write(tmp_path, "external.opml", text))


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "word " * 50_000
    (found,) = references(
        read_library(write(tmp_path, "long.bib", f"@misc{{k, title={{{long}}}, abstract={{{long}}}}}"))
    ).values()
    assert len(found.title) <= bounds.LONGEST_TITLE
    assert len(found.abstract) <= bounds.LONGEST_ABSTRACT
    monkeypatch.setattr(bounds, "MOST_REFERENCES", 3)
    many = read_library(
        write(tmp_path, "many.bib", "".join(f"@misc{{k{n}, title={{T{n}}}}}" for n in range(9)))
    )
    assert len(references(many)) == 3
    assert "only the first 3 of 9" in many.problems[0]
    monkeypatch.setattr(bounds, "LARGEST_FILE", 100)
    with pytest.raises(LibraryError, match="larger than"):
        read_library(write(tmp_path, "large.bib", "x" * 101))


def test_folders_and_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"cannot be read \(File name too long\)|does not exist"):
        read_library(tmp_path / ("x" * 300 + ".bib"))
    with pytest.raises(LibraryError, match=r"nowhere\.bib does not exist"):
        read_library(tmp_path / "nowhere.bib")
    with pytest.raises(LibraryError, match="neither notes"):
        read_library(tmp_path)
    (tmp_path / "folder.bib").mkdir()
    with pytest.raises(LibraryError, match="neither notes"):
        read_library(tmp_path / "folder.bib")
    os.mkfifo(tmp_path / "pipe.bib")
    with pytest.raises(LibraryError, match="no known kind"):
        read_library(tmp_path / "pipe.bib")
