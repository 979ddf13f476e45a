"""`[[interests]]` and `[[avoid]]` as the config has them."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from digest.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TABLES = ("interests", "avoid")
_FILE = re.compile(r"\.(?:bib|bibtex|ris|json|opml|md|markdown|txt)$|\.sqlite$", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
_LONGEST_LABEL = 60


class ExamplePaper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A paper told in the config itself."""

    title: str
    abstract: str = ""


class Interest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that the reader wants more of (or, under `[[avoid]]`, less of).

    One of text, examples, terms, categories and library is needed; several add up.

    Attributes:
        text: What it is about, in words; the longer and the more concrete, the better.
        name: How receipts call it; what it is made of when empty.
        weight: Above 1 lifts, below 1 lowers what is partly about it; above 0.
        examples: Papers: arXiv or archive ids, files, or title and abstract.
        terms: Words and phrases to favour.
        categories: Such as `cs.CL`; `category` in the file is one more.
        library: Files and folders of the reader's own: .bib, .ris, .json (CSL), .opml, notes, Zotero.
        collections: Globs that choose among Zotero's collections, such as `Thesis/*`.
    """

    text: str = ""
    name: str = ""
    weight: float = 1.0
    examples: tuple[str | ExamplePaper, ...] = ()
    terms: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    library: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name that receipts show."""
        if self.name or self.text:
            return self.name or self.text
        files = [Path(name).stem for name in (*self.library, *self._example_files)]
        titles = [paper.title for paper in self.examples if isinstance(paper, ExamplePaper)]
        ids = [paper for paper in self.examples if isinstance(paper, str)]
        made_of = self.terms or self.categories or files or titles or ids
        return ", ".join(made_of)[:_LONGEST_LABEL]

    @property
    def _example_files(self) -> list[str]:
        return [name for name in self.examples if isinstance(name, str) and is_file_name(name)]

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        words = (self.text, *self.terms, *self.categories, *self.library)
        return not self.examples and not any(word.strip() for word in words)


def is_file_name(example: str) -> bool:
    """Tell the name of a file from an identifier."""
    return bool(_FILE.search(example)) and not _ADDRESS.match(example)


def entries(values: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the tables of interests in raw config values, each with the name of its kind."""
    for kind in TABLES:
        tables = values.get(kind)
        for table in tables if isinstance(tables, list | tuple) else ():
            if isinstance(table, dict):
                yield kind, table


def normalize(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write raw interests in the long form: lists where one word was given, one list of categories."""
    normal = dict(values)
    for kind in TABLES:
        tables = values.get(kind)
        if isinstance(tables, list | tuple):
            normal[kind] = [_long_form(table) if isinstance(table, dict) else table for table in tables]
    return normal


def _long_form(table: Mapping[str, Any]) -> dict[str, Any]:
    long = dict(table)
    for key in ("examples", "terms", "categories", "library", "collections"):
        if isinstance(long.get(key), str):
            long[key] = [long[key]]
    if "category" in long:
        category = long.pop("category")
        others = long.get("categories", [])
        long["categories"] = [category, *others] if isinstance(others, list | tuple) else others
    return long


def resolve_paths(values: Mapping[str, Any], folder: Path) -> None:
    """Make files that interests name, relative to `folder`, absolute: in place, in the long form."""
    for _, table in entries(values):
        for key in ("library", "examples"):
            names = table.get(key)
            if isinstance(names, list):
                table[key] = [
                    str(folder / Path(name).expanduser())
                    if isinstance(name, str) and (key == "library" or is_file_name(name))
                    else name
                    for name in names
                ]


def check(interest: Interest) -> None:
    """Refuse an interest that cannot be meant.

    Raises:
        UsageError: It says nothing, or its weight is no weight.
    """
    if interest.is_empty:
        raise UsageError(
            f"interest {interest.label!r} is empty",
            "give it a text, examples, terms, categories or a library",
        )
    if not (interest.weight > 0 and math.isfinite(interest.weight)):
        raise UsageError(
            f"interest {interest.label!r} has weight {interest.weight}",
            "give more than 0; use [[avoid]] for what you don't want",
        )
    if interest.collections and not interest.library:
        raise UsageError(
            f"interest {interest.label!r} has collections, but no library",
            "name the Zotero data folder as its library",
        )
