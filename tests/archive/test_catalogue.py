from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import MOTHS, OWLS, make_digest, scored
from digest.archive import MIGRATIONS, Archive, Filter, Selection, text_sha256
from digest.archive import _schema as schema
from digest.errors import ArchiveError
from digest.paper import Keyword, Paper
from digest.search import Query, search
from digest.text.clean import clean_text

EVERYTHING = Filter()


def found(archive: Archive, words: str, chosen: Filter = EVERYTHING) -> list[str]:
    return [hit.paper_id for hit in search(archive, Query.parse(words), chosen=chosen)]


def check(archive: Archive) -> None:
    """Let SQLite compare the index with the papers that it was made of."""
    archive._db.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
    papers = {row[0] for row in archive._db.execute("SELECT id FROM papers")}
    listed = [row[0] for row in archive._db.execute("SELECT id FROM catalogue")]
    assert set(listed) == papers
    assert len(listed) == len(papers)
    (documents,) = archive._db.execute("SELECT count(*) FROM documents").fetchone()
    assert documents == len(papers)


pieces = st.sampled_from([*"\"'*()^-:+{}[] ", " AND ", " NOT ", "NEAR(", "moth", "图像"])
letters = st.characters(max_codepoint=0x2FFF, exclude_categories=("Cs", "Cn"))
titles = st.lists(letters | pieces, min_size=1, max_size=30).map(lambda parts: clean_text("".join(parts)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(titles, min_size=1, max_size=5))
def test_every_paper_is_found_by_its_title_as_a_phrase(tmp_path: Path, given_titles: list[str]) -> None:
    # SQLite knows the letters of an older Unicode: a title needs one word that both know.
    kept = [f"{title} x{n}" for n, title in enumerate(given_titles)]
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.forget(Selection(everything=True))
        archive.add_papers([replace(OWLS, id=f"p{n}", title=title) for n, title in enumerate(kept)])
        for n, title in enumerate(kept):
            assert f"p{n}" in found(archive, f'"{title.replace(chr(34), " ")}"')
        check(archive)


step = st.one_of(
    st.tuples(
        st.just("add"), st.integers(0, 3), st.integers(1, 3), st.sampled_from(["moths", "owls", "eels"])
    ),
    st.tuples(st.just("show"), st.integers(0, 3), st.integers(1, 3), st.sampled_from(["lamp", "net"])),
    st.tuples(st.just("forget"), st.integers(0, 3), st.integers(1, 3), st.just("")),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(step, max_size=12))
def test_the_index_stays_in_step_with_the_papers(
    tmp_path: Path, steps: list[tuple[str, int, int, str]]
) -> None:
    newest: dict[str, dict[int, str]] = {}
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.forget(Selection(everything=True))
        for what, number, version, word in steps:
            paper = replace(
                OWLS,
                id=f"p{number}",
                version=version,
                title=f"On {word}",
                published=dt.date(2026, 1, version),
            )
            if what == "add":
                archive.add_papers([paper])
                newest.setdefault(paper.id, {})[version] = word
            elif what == "show":
                archive.add_digest(make_digest(scored(paper, keywords=(Keyword(word, 1.0),))))
            else:
                day = paper.published
                archive.forget(Selection(ids=(paper.id,), since=day, until=day))
                newest.get(paper.id, {}).pop(version, None)
            check(archive)
        for word in ("moths", "owls", "eels"):
            expected = {i for i, versions in newest.items() if versions and versions[max(versions)] == word}
            assert set(found(archive, f'"on {word}"')) == expected


HOSTILE = [
    *(
        '"',
        '""',
        '"""',
        "*",
        "a*",
        "^a",
        "a AND",
        "OR",
        "NOT",
        "NEAR(",
        "NEAR(a b, 3)",
        "title:a",
        "{title}:a",
    ),
    *(
        "-a",
        "a)(",
        "'; DROP TABLE papers; --",
        "a\x00b",
        "\ud800",
        "\x1b[31mred",
        "%",
        "?",
        ":x",
        "(((((",
        "+",
    ),
    *("a + b", '"a" "', "\\", "x" * 100_000, "a " * 50_000, '"a" ' * 5_000, "词", "😀", "ﬀ", "\u202e"),
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_no_query_is_syntax(tmp_path: Path, query: str) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        for _ in range(2):  # empty, and with papers
            found(archive, query)
            archive.chosen(EVERYTHING, Query.parse(query).required)
            archive.add_papers([MOTHS, OWLS])
        check(archive)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30) | st.lists(st.sampled_from([*"\"*()^:-+ '", "a", "OR", "NEAR"])).map("".join))
def test_any_text_is_a_query(tmp_path: Path, query: str) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([MOTHS])
        found(archive, query)


def test_words_are_found_in_every_part_and_in_other_forms(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([replace(MOTHS, authors=("Zsófia Ødegård",)), OWLS])
        archive.add_digest(make_digest(scored(replace(MOTHS), keywords=(Keyword("phototaxis", 1.0),))))
        for words in ("lanternnet", "counted moth", "zsofia", "phototaxis", '"is hard"', "6.1%"):
            assert found(archive, words) == [MOTHS.id], words
        assert found(archive, "moths unheard-of") == [MOTHS.id]  # some words, where none has all
        assert found(archive, '"hard is"') == found(archive, '"moths" zebras "owls"') == []


def test_titles_count_more_than_abstracts(tmp_path: Path) -> None:
    inside = replace(
        MOTHS, id="inside", title="Night life of insects", abstract="We count newts. Newts are few."
    )
    titled = replace(
        MOTHS, id="titled", title="Night life of newts", abstract="We count what is few and rare."
    )
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([inside, titled])
        assert found(archive, "newts") == ["titled", "inside"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (Filter(), {"a", "b", "c"}),
        (Filter(since=dt.date(2026, 2, 2)), {"b", "c"}),
        (Filter(until=dt.date(2026, 2, 2)), {"a", "b"}),
        (Filter(categories=("CS.cv",)), {"a", "b"}),
        (Filter(categories=("cs",)), {"a", "b", "c"}),
        (Filter(categories=("c", "math")), set()),
        (Filter(categories=("q-bio.QM", "cs.CL")), {"a", "b", "c"}),
        (Filter(min_score=50), {"b", "c"}),
        (Filter(min_score=60), {"c"}),
        (Filter(keywords=("MOTH",)), {"b"}),
        (Filter(keywords=("moth", "net")), {"b"}),
        (Filter(keywords=("moth", "owl")), set()),
        (Filter(min_score=0, since=dt.date(2026, 2, 3)), {"c"}),
    ],
)
def test_filters(tmp_path: Path, chosen: Filter, expected: set[str]) -> None:
    days = [dt.date(2026, 2, day) for day in (1, 2, 3)]
    papers = [replace(MOTHS, id=name, published=day) for name, day in zip("abc", days, strict=True)]
    papers[2] = replace(papers[2], categories=("cs.CL",))
    keywords = (Keyword("Moth counting", 1.0), Keyword("LanternNet", 0.5))
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers(papers)
        archive.add_digest(
            make_digest(
                scored(papers[1], score=55, keywords=keywords), scored(papers[2], score=80, keywords=())
            )
        )
        assert archive.chosen(chosen) == expected
        assert set(found(archive, "moths", chosen)) == expected
        assert archive.chosen(chosen, '"owls"') == set()


def old_archive(path: Path, version: int, papers: list[Paper]) -> None:
    """Make an archive as an older version made it."""
    db = sqlite3.connect(path, isolation_level=None)
    db.create_function("float16", 1, schema._float16)
    for number, script in enumerate(MIGRATIONS[:version], start=1):
        db.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
    rows = [
        (
            p.id,
            p.version,
            p.published.isoformat(),
            "2026-02-02",
            text_sha256(p.text),
            msgspec.json.encode(p).decode(),
        )
        for p in papers
    ]
    db.executemany("INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?)", rows)
    db.close()


@pytest.mark.parametrize("version", [1, 3])
def test_papers_of_an_older_archive_are_found(tmp_path: Path, version: int) -> None:
    revised = replace(MOTHS, version=2, title="Counting Moths Again")
    old_archive(tmp_path / "a.sqlite", version, [revised, MOTHS, OWLS])
    with Archive(tmp_path / "a.sqlite") as archive:
        check(archive)
        assert found(archive, '"counting moths again"') == [MOTHS.id]
        assert found(archive, "lamps") == []  # of the version before
        assert found(archive, "owls") == [OWLS.id]
        archive.add_papers([replace(OWLS, title="Do Eels Read?")])
        assert found(archive, "eels") == [OWLS.id]
        check(archive)


def test_without_full_text_search_the_archive_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_HAS_SEARCH", "SELECT 1 WHERE 0")
    with pytest.raises(ArchiveError, match=r"was built without FTS5: use a Python whose SQLite has it"):
        Archive(tmp_path / "a.sqlite")


def test_the_same_papers_again_are_not_written_again(tmp_path: Path) -> None:
    with Archive(tmp_path / "a.sqlite") as archive:
        archive.add_papers([MOTHS, OWLS])
        before = archive._db.total_changes
        archive.add_papers([MOTHS, OWLS, MOTHS])
        assert archive._db.total_changes - before <= 3  # their rows, and nothing of the index
        assert found(archive, "moths") == [MOTHS.id]
