"""BibTeX, read by bibtexparser."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from digest.errors import LibraryError
from digest.library.reference import Imported, Reference, imported, make_reference, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bibtexparser.model import Entry


def read_bibtex(path: Path) -> Imported:
    """Read the entries of a .bib file; broken ones are counted, and the others stay.

    Raises:
        LibraryError: Nothing could be read.
    """
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import Entry

    text = read_text(path)
    try:
        with _silence("bibtexparser"):  # it logs each broken block; they are told of as one number
            library = parse_string(text)
    except Exception as error:  # noqa: BLE001 - a parser of strangers' text; whatever it raises is a broken file
        raise LibraryError(
            f"the library {path} cannot be read ({type(error).__name__})", "check that it is BibTeX"
        ) from None
    # An entry whose key, or one of whose fields, came before is as good as any other here.
    spared = [block.ignore_error_block for block in library.failed_blocks]
    entries = [*library.entries, *(block for block in spared if isinstance(block, Entry))]
    unreadable = sum(not isinstance(block, Entry) for block in spared)
    return imported(path, (_reference(entry) for entry in entries), unreadable=unreadable)


def _reference(entry: Entry) -> Reference | None:
    fields: dict[str, str] = {}
    for field in entry.fields:
        fields.setdefault(field.key.lower(), _bare(str(field.value)))
    eprint = fields.get("eprint", "")
    places = (
        eprint,
        fields.get("url", ""),
        fields.get("doi", ""),
        fields.get("journal", ""),
        fields.get("note", ""),
    )
    return make_reference(entry.key, fields.get("title", ""), fields.get("abstract", ""), *places)


def _bare(value: str) -> str:
    """Take off the braces or quotes that a field of a spared entry still has."""
    value = value.strip()
    return value[1:-1] if value[:1] + value[-1:] in ("{}", '""') else value


@contextlib.contextmanager
def _silence(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
