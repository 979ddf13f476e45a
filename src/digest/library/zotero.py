"""A Zotero data folder, read from a copy so that a running Zotero is not disturbed."""

from __future__ import annotations

import fnmatch
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from digest.errors import LibraryError
from digest.library.reference import (
    MOST_REFERENCES,
    Group,
    Imported,
    Reference,
    fold,
    make_reference,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DATABASE = "zotero.sqlite"
_LARGEST = 8 * 2**30  # bytes
_COMPANIONS = ("-journal", "-wal")  # of a Zotero that is writing: with them the copy is whole
_DEEPEST = 50
_STEPS_BETWEEN_CHECKS = 1_000_000
_MOST_CHECKS = 300  # some ten seconds: only a database that is made to run for ever gets there
_FIELDS = ("title", "abstractNote", "archiveID", "url", "DOI", "extra")
_NO_PAPERS = ("attachment", "note", "annotation")

_Key = tuple[int, str]


def read_zotero(path: Path, collections: Sequence[str] = ()) -> Imported:
    """Read the papers of a Zotero database: a group for each collection, and one for what is in none.

    Trash, feeds, notes and attachments are left out.

    Args:
        path: `zotero.sqlite`.
        collections: Globs over paths such as `Thesis/Chapter 2`; empty means everything.

    Raises:
        LibraryError: It cannot be read, or no paper is chosen.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise LibraryError(f"the library {path} is too large", "export the collections you need")
        with tempfile.TemporaryDirectory(prefix="digest-zotero-") as folder:
            copy = Path(folder, DATABASE)
            shutil.copyfile(path, copy)
            for ending in _COMPANIONS:
                companion = path.with_name(path.name + ending)
                if companion.is_file():
                    shutil.copyfile(companion, copy.with_name(copy.name + ending))
            groups = _read(copy, path, collections)
    except OSError as error:
        raise LibraryError(
            f"the library {path} cannot be copied ({error.strerror})", "check the path"
        ) from None
    except sqlite3.Error as error:
        raise LibraryError(
            f"the library {path} is not a Zotero database ({error})", "check the path"
        ) from None
    if not groups:
        chosen = f" in the collections {', '.join(collections)}" if collections else ""
        raise LibraryError(f"the library {path} has no papers{chosen}", "name other `collections`")
    return Imported(groups)


def _read(copy: Path, path: Path, chosen: Sequence[str]) -> tuple[Group, ...]:
    db = sqlite3.connect(copy)
    try:
        checks = iter(range(_MOST_CHECKS))
        db.set_progress_handler(lambda: next(checks, None) is None, _STEPS_BETWEEN_CHECKS)
        db.text_factory = lambda raw: raw.decode("utf-8", "replace")
        # A view in the place of a table could be made to compute anything.
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if missing := {"items", "itemData", "itemDataValues", "fields", "itemTypes", "collections"} - tables:
            raise LibraryError(
                f"the library {path} is not a Zotero database (no {min(missing)})", "check the path"
            )
        references = _references(db, tables)
        return tuple(_groups(db, tables, references, chosen))
    finally:
        db.close()


def _references(db: sqlite3.Connection, tables: set[str]) -> dict[int, Reference]:
    marks = ", ".join("?" * len(_NO_PAPERS))
    left_out = "".join(
        f" AND i.itemID NOT IN (SELECT itemID FROM {table})"
        for table in ("deletedItems", "feedItems")
        if table in tables
    )
    rows = db.execute(
        "SELECT i.itemID, i.key, f.fieldName, v.value FROM items AS i"
        " JOIN itemTypes AS t ON t.itemTypeID = i.itemTypeID JOIN itemData AS d ON d.itemID = i.itemID"
        " JOIN fields AS f ON f.fieldID = d.fieldID JOIN itemDataValues AS v ON v.valueID = d.valueID"
        f" WHERE t.typeName NOT IN ({marks}) AND f.fieldName IN ({', '.join('?' * len(_FIELDS))}) {left_out}"
        " ORDER BY i.itemID LIMIT ?",
        (*_NO_PAPERS, *_FIELDS, len(_FIELDS) * MOST_REFERENCES),
    )
    fields: dict[_Key, dict[str, str]] = {}
    for item, key, name, value in rows:
        fields.setdefault((item, str(key)), {})[name] = str(value)
    made = {
        item: make_reference(
            key,
            values.get("title", ""),
            values.get("abstractNote", ""),
            *(values.get(n, "") for n in _FIELDS[2:]),
        )
        for (item, key), values in fields.items()
    }
    return {item: reference for item, reference in made.items() if reference}


def _groups(
    db: sqlite3.Connection, tables: set[str], references: dict[int, Reference], chosen: Sequence[str]
) -> Iterable[Group]:
    """Yield a group for each collection that is chosen, in the order of their paths."""
    paths = _paths(db, tables)
    members: dict[str, list[int]] = {}
    filed: set[int] = set()
    query = "SELECT collectionID, itemID FROM collectionItems ORDER BY itemID"
    for collection, item in db.execute(query) if "collectionItems" in tables else ():
        if item in references and collection in paths:
            members.setdefault(paths[collection], []).append(item)
            filed.add(item)
    if not chosen and (unfiled := [item for item in references if item not in filed]):
        yield Group("", fold(references[item] for item in unfiled))
    for name in sorted(members):
        if not chosen or any(fnmatch.fnmatchcase(name.casefold(), glob.casefold()) for glob in chosen):
            yield Group(name, fold(references[item] for item in members[name]))


def _paths(db: sqlite3.Connection, tables: set[str]) -> dict[int, str]:
    """Return the path of each collection that is not in the trash: `Thesis/Chapter 2`."""
    trash = (
        " WHERE collectionID NOT IN (SELECT collectionID FROM deletedCollections)"
        if "deletedCollections" in tables
        else ""
    )
    query = f"SELECT collectionID, collectionName, parentCollectionID FROM collections{trash}"
    known = {number: (str(name), parent) for number, name, parent in db.execute(query)}
    paths: dict[int, str] = {}
    for number in known:
        names: list[str] = []
        place: int | None = number
        while place in known and len(names) < _DEEPEST:  # a ring of parents would never end
            name, place = known[place]
            names.append(name)
        if place is None:  # a collection below one in the trash is in the trash
            paths[number] = "/".join(reversed(names))
    return paths
