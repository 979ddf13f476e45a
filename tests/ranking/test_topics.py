from __future__ import annotations

from pathlib import Path

import pytest

from builders import MOTHS, OWLS
from digest.interest_config import ExamplePaper, Interest
from digest.ranking.interests import Example, Topic
from digest.ranking.topics import build_topics, canonical_id
from zotero_database import Zotero

ARCHIVE = {paper.id: paper for paper in (MOTHS, OWLS)}


def build(*interests: Interest) -> tuple[tuple[Topic, ...], list[str]]:
    warnings: list[str] = []
    return build_topics(interests, ARCHIVE.get, warnings.append), warnings


def test_all_that_an_interest_says_becomes_one_topic(tmp_path: Path) -> None:
    (tmp_path / "my.bib").write_text("@misc{k, title={Lamps}, abstract={Bright.}}")
    (tmp_path / "note.md").write_text("# A note\nIts words.")
    interest = Interest(
        "all about\x1b[1m moths",
        "Moths",
        2.0,
        examples=(
            f"arXiv:{MOTHS.id}v3",
            str(tmp_path / "note.md"),
            ExamplePaper("Owls \\emph{read}", "They do."),
        ),
        terms=("lantern", " ", "lantern"),
        categories=("cs.CV", ""),
        library=(str(tmp_path / "my.bib"),),
    )
    assert build(interest) == (
        (
            Topic(
                "Moths",
                2.0,
                "all about moths",
                (
                    Example(MOTHS.id, MOTHS.text),
                    Example("note.md", "A note. Its words."),
                    Example("", "Owls read. They do."),
                    Example("k", "Lamps. Bright."),
                ),
                ("lantern",),
                ("cs.CV",),
            ),
        ),
        [],
    )


@pytest.mark.parametrize("example", ["2600.99999", "some:other/id"])
def test_an_example_that_is_not_known_is_told_and_left_out(example: str) -> None:
    topics, warnings = build(Interest(name="M", examples=(MOTHS.id, example)))
    assert [e.id for e in topics[0].examples] == [MOTHS.id]
    assert len(warnings) == 1
    assert example in warnings[0]


def test_an_interest_of_which_nothing_can_be_read_is_left_out(tmp_path: Path) -> None:
    lost = Interest(name="M", library=(str(tmp_path / "lost.bib"),), examples=(str(tmp_path / "lost.md"),))
    topics, warnings = build(lost, Interest("owls"))
    assert [topic.name for topic in topics] == ["owls"]
    assert [("lost.md" in w, "lost.bib" in w, "left out" in w) for w in warnings] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert all("\n" not in warning for warning in warnings)


def test_the_archives_text_of_a_paper_is_preferred(tmp_path: Path) -> None:
    (tmp_path / "my.bib").write_text(f"@misc{{k, title={{Moths}}, eprint={{{MOTHS.id}}}}}")
    topics, _ = build(Interest(library=(str(tmp_path / "my.bib"),)))
    assert topics[0].name == "my"
    assert topics[0].examples == (Example(MOTHS.id, MOTHS.text),)


def test_zoteros_collections_are_topics_of_their_own(tmp_path: Path) -> None:
    zotero = Zotero(tmp_path)
    zotero.add(1, 1, 2, title="On moths")
    zotero.add(2, 1, 3, title="On owls")
    zotero.add(3, 1, title="Unfiled")
    topics, warnings = build(Interest("night life", "Thesis", 0.5, library=(str(tmp_path),)))
    assert [(t.name, t.weight, t.text, [e.text for e in t.examples]) for t in topics] == [
        ("Thesis", 0.5, "night life", ["Unfiled"]),
        ("Thesis: Thesis/Moths", 0.5, "", ["On moths"]),
        ("Thesis: Thesis/Owls", 0.5, "", ["On owls"]),
    ]
    assert warnings == []
    one, _ = build(Interest(name="M", library=(str(tmp_path),), collections=("*/Moths",)))
    assert [(t.name, [e.text for e in t.examples]) for t in one] == [("M", ["On moths"])]


def test_feeds_that_the_reader_follows_become_categories(tmp_path: Path) -> None:
    (tmp_path / "f.opml").write_text('<opml><outline xmlUrl="https://rss.arxiv.org/rss/cs.CL"/></opml>')
    topics, _ = build(Interest(name="F", categories=("cs.LG",), library=(str(tmp_path / "f.opml"),)))
    assert topics == (Topic("F", categories=("cs.LG", "cs.CL")),)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("2602.02475", "2602.02475"),
        ("arXiv:2602.02475v2", "2602.02475"),
        (" https://arxiv.org/abs/2602.02475v1 ", "2602.02475"),
        ("http://arxiv.org/pdf/2602.02475.pdf", "2602.02475"),
        ("hep-th/9901001v2", "hep-th/9901001"),
        ("https://example.org/a?b#c", "https://example.org/a?b#c"),
        ("sha256:0123", "sha256:0123"),
    ],
)
def test_an_id_may_be_written_in_many_ways(text: str, known: str) -> None:
    assert canonical_id(text) == known
