"""CSL-JSON, as reference managers and citeproc exchange it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from digest.errors import LibraryError
from digest.library.reference import Imported, Reference, imported, make_reference, read_text

if TYPE_CHECKING:
    from pathlib import Path

_PLACES = ("archive_location", "number", "URL", "DOI", "note")


def read_csl(path: Path) -> Imported:
    """Read the items of a CSL-JSON file: a list, or an object with `items`.

    Raises:
        LibraryError: Nothing could be read.
    """
    text = read_text(path)
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        words = str(error).split("\n")[0]
        raise LibraryError(f"the library {path} is not valid JSON ({words})", "export it again") from None
    items = content.get("items") if isinstance(content, dict) else content
    if not isinstance(items, list):
        raise LibraryError(f"the library {path} is JSON, but not CSL-JSON", "export it as CSL-JSON")
    readable = [item for item in items if isinstance(item, dict)]
    return imported(path, (_reference(item) for item in readable), unreadable=len(items) - len(readable))


def _reference(item: dict[str, Any]) -> Reference | None:
    places = (_text(item, name) for name in _PLACES)
    key = _text(item, "id") or _text(item, "citation-key")
    return make_reference(key, _text(item, "title"), _text(item, "abstract"), *places)


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return str(value) if isinstance(value, str | int) else ""
