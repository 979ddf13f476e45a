"""A small Zotero database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

# The part of Zotero 7's schema that matters: https://github.com/zotero/zotero, resource/schema/userdata.sql
SCHEMA = """
CREATE TABLE itemTypes (itemTypeID INTEGER PRIMARY KEY, typeName TEXT);
CREATE TABLE fields (fieldID INTEGER PRIMARY KEY, fieldName TEXT);
CREATE TABLE items (itemID INTEGER PRIMARY KEY, itemTypeID INT, libraryID INT, key TEXT);
CREATE TABLE itemDataValues (valueID INTEGER PRIMARY KEY, value UNIQUE);
CREATE TABLE itemData (itemID INT, fieldID INT, valueID, PRIMARY KEY (itemID, fieldID));
CREATE TABLE collections (
    collectionID INTEGER PRIMARY KEY, collectionName TEXT, parentCollectionID INT DEFAULT NULL);
CREATE TABLE collectionItems (collectionID INT, itemID INT, orderIndex INT DEFAULT 0);
CREATE TABLE deletedItems (itemID INTEGER PRIMARY KEY);
CREATE TABLE deletedCollections (collectionID INTEGER PRIMARY KEY);
CREATE TABLE feedItems (itemID INTEGER PRIMARY KEY, guid TEXT);
INSERT INTO itemTypes VALUES (1, 'journalArticle'), (2, 'attachment'), (3, 'note'), (4, 'preprint');
INSERT INTO fields VALUES (1, 'title'), (2, 'abstractNote'),
    (3, 'url'), (4, 'DOI'), (5, 'extra'), (6, 'archiveID'), (7, 'volume');
INSERT INTO collections VALUES (1, 'Thesis', NULL), (2, 'Moths', 1), (3, 'Owls', 1),
    (4, 'Other', NULL), (5, 'Gone', NULL), (6, 'Below', 5);
INSERT INTO deletedCollections VALUES (5);
"""
FIELDS = ("title", "abstractNote", "url", "DOI", "extra", "archiveID", "volume")


class Zotero:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "zotero.sqlite"
        self.db = sqlite3.connect(self.path, isolation_level=None)
        self.db.executescript(SCHEMA)

    def add(self, item: int, kind: int = 1, *collections: int, **fields: str) -> None:
        self.db.execute("INSERT INTO items VALUES (?, ?, 1, ?)", (item, kind, f"KEY{item}"))
        for name, value in fields.items():
            self.db.execute("INSERT OR IGNORE INTO itemDataValues (value) VALUES (?)", (value,))
            self.db.execute(
                "INSERT INTO itemData SELECT ?, ?, valueID FROM itemDataValues WHERE value = ?",
                (item, FIELDS.index(name) + 1, value),
            )
        for collection in collections:
            self.db.execute("INSERT INTO collectionItems VALUES (?, ?, 0)", (collection, item))
