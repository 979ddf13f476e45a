"""Read a library, whatever it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.errors import LibraryError
from digest.library.bibtex import read_bibtex
from digest.library.csl import read_csl
from digest.library.notes import SUFFIXES as NOTE_SUFFIXES
from digest.library.notes import read_note, read_notes
from digest.library.opml import read_opml
from digest.library.ris import read_ris
from digest.library.zotero import DATABASE, read_zotero

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from digest.library.reference import Imported

_READERS = {
    ".bib": read_bibtex,
    ".bibtex": read_bibtex,
    ".ris": read_ris,
    ".json": read_csl,
    ".opml": read_opml,
    **dict.fromkeys(NOTE_SUFFIXES, read_note),
}


def read_library(path: Path, collections: Sequence[str] = ()) -> Imported:
    """Read a file (.bib, .ris, .json, .opml, .md, .txt), a folder of notes, or a Zotero data folder.

    Args:
        path: The file or folder.
        collections: Globs such as `Thesis/*` that choose among Zotero's collections; empty means all.

    Raises:
        LibraryError: It cannot be read, or holds nothing of use.
    """
    try:
        return _read(path, collections)
    except OSError as error:
        raise LibraryError(
            f"the library {path} cannot be read ({error.strerror or error})",
            "check the path and its permissions",
        ) from None


def _read(path: Path, collections: Sequence[str]) -> Imported:
    if not path.exists():
        raise LibraryError(f"the library {path} does not exist", "check the path")
    if path.name == DATABASE:
        return read_zotero(path, collections)
    if path.is_dir():
        database = path / DATABASE
        return read_zotero(database, collections) if database.is_file() else read_notes(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None or not path.is_file():
        raise LibraryError(
            f"the library {path} is of no known kind",
            f"give {', '.join(_READERS)}, a folder of notes, or a Zotero data folder",
        )
    return reader(path)
