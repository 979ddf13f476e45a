"""RIS, read by rispy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest.errors import LibraryError
from digest.library.reference import Imported, Reference, imported, make_reference, read_text

if TYPE_CHECKING:
    from pathlib import Path

_TITLES = ("title", "primary_title", "translated_title", "short_title")
_ABSTRACTS = ("abstract", "notes_abstract")
_PLACES = ("urls", "doi", "note", "notes", "accession_number")


def read_ris(path: Path) -> Imported:
    """Read the records of a .ris file.

    Raises:
        LibraryError: Nothing could be read.
    """
    import rispy

    text = read_text(path).lstrip("\ufeff")
    # A file that was cut off lacks the mark that ends its last record, and rispy would drop that.
    lines = [*text.splitlines(), "ER  - "]
    try:
        records = rispy.loads("\n".join(lines), skip_unknown_tags=True)
    except Exception as error:  # noqa: BLE001 - a parser of strangers' text; whatever it raises is a broken file
        raise LibraryError(
            f"the library {path} cannot be read ({type(error).__name__})", "check that it is RIS"
        ) from None
    return imported(path, (_reference(record) for record in records))


def _reference(record: dict[str, Any]) -> Reference | None:
    places = [_first(record, (name,)) for name in _PLACES]
    return make_reference(
        _first(record, ("id", "label")), _first(record, _TITLES), _first(record, _ABSTRACTS), *places
    )


def _first(record: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = record.get(name)
        text = " ".join(str(part) for part in value) if isinstance(value, list) else str(value or "")
        if text.strip():
            return text
    return ""
