from __future__ import annotations

from pathlib import Path

import pytest

from digest.errors import LibraryError
from digest.library import Group, Reference, read_library
from zotero_database import Zotero


@pytest.fixture
def zotero(tmp_path: Path) -> Zotero:
    zotero = Zotero(tmp_path)
    zotero.add(1, 1, 2, title="Counting <b>Moths</b>", abstractNote="Hard.", DOI="10.1234/moths", volume="3")
    zotero.add(2, 4, 2, 3, title="Moths and Owls", archiveID="arXiv:2101.00001")
    zotero.add(3, 1, title="Unfiled", extra="Citation Key: x\narXiv: 1901.12345 [cs]")
    zotero.add(4, 2, 2, title="A PDF")
    zotero.add(5, 3, 2, title="A note")
    zotero.add(6, 1, 2, title="In the trash")
    zotero.add(7, 1, title="From a feed")
    zotero.add(8, 1, 4, title="Elsewhere", url="https://example.org")
    zotero.add(9, 1, 5, 6, title="In a collection in the trash")
    zotero.add(10, 1, 3, abstractNote="No title.")
    zotero.add(11, 1, 2, title="counting moths!")
    zotero.db.execute("INSERT INTO deletedItems VALUES (6)")
    zotero.db.execute("INSERT INTO feedItems VALUES (7, 'x')")
    return zotero


def test_every_collection_is_a_group(zotero: Zotero) -> None:
    moths = Reference("10.1234/moths", "Counting Moths", "Hard.")
    both = Reference("2101.00001", "Moths and Owls")
    assert read_library(zotero.folder).groups == (
        Group("", (Reference("1901.12345", "Unfiled"), Reference("KEY9", "In a collection in the trash"))),
        Group("Other", (Reference("KEY8", "Elsewhere"),)),
        Group("Thesis/Moths", (moths, both)),
        Group("Thesis/Owls", (both,)),
    )


@pytest.mark.parametrize(
    ("globs", "names"),
    [
        (["Thesis/*"], ["Thesis/Moths", "Thesis/Owls"]),
        (["thesis/m*", "Other"], ["Other", "Thesis/Moths"]),
        (["*"], ["Other", "Thesis/Moths", "Thesis/Owls"]),
    ],
)
def test_collections_are_chosen_by_glob(zotero: Zotero, globs: list[str], names: list[str]) -> None:
    assert [group.name for group in read_library(zotero.path, globs).groups] == names


def test_collections_that_are_not_there_are_told(zotero: Zotero) -> None:
    with pytest.raises(LibraryError, match="no papers in the collections Nothing"):
        read_library(zotero.folder, ["Nothing"])


def test_a_zotero_that_is_writing_is_neither_waited_for_nor_changed(zotero: Zotero) -> None:
    zotero.db.execute("BEGIN EXCLUSIVE")
    zotero.db.execute("UPDATE itemDataValues SET value = 'Half written' WHERE value = 'Unfiled'")
    before = {path.name: path.read_bytes() for path in zotero.folder.iterdir()}
    (unfiled, *_) = read_library(zotero.folder).groups
    assert unfiled.references[0].title == "Unfiled"
    assert {path.name: path.read_bytes() for path in zotero.folder.iterdir()} == before


def test_what_a_running_zotero_has_in_its_log_is_read(zotero: Zotero) -> None:
    zotero.db.execute("PRAGMA journal_mode = WAL")
    zotero.add(20, 1, title="Just added")
    (unfiled, *_) = read_library(zotero.folder).groups
    assert unfiled.references[-1].title == "Just added"


def test_hostile_databases_end(zotero: Zotero) -> None:
    zotero.db.execute("INSERT INTO collections VALUES (7, 'Ring', 8), (8, 'Gnir', 7)")
    zotero.add(21, 1, 7, title="In a ring")
    names = [group.name for group in read_library(zotero.folder).groups]
    assert "Ring" not in "".join(names)
    zotero.db.execute("DROP TABLE collectionItems")
    zotero.db.execute(
        "CREATE VIEW collectionItems AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT 1 AS collectionID, i AS itemID FROM n"
    )
    assert [group.name for group in read_library(zotero.folder).groups] == [""]
    zotero.db.execute("DROP TABLE items")
    zotero.db.execute("CREATE VIEW items AS SELECT 1")
    with pytest.raises(LibraryError, match="no items"):
        read_library(zotero.folder)
