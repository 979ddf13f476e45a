"""OPML: lists of feeds, and outlines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from digest.errors import LibraryError
from digest.library.reference import (
    Group,
    Imported,
    Reference,
    fold,
    imported,
    make_reference,
    read_text,
)
from digest.text.clean import safe_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# rss.arxiv.org/atom/cs.CL+cs.LG, export.arxiv.org/rss/cs.CL, and the API's cat:cs.CL
_ARXIV_FEED = re.compile(
    r"arxiv\.org/(?:rss|atom)/([\w.+-]+)|arxiv\.org/api/query\S*?cat:([\w.-]+)", re.IGNORECASE
)


class _DeclarationError(Exception):
    """The file declares entities: no OPML needs them, and they can be made to grow without end."""


def read_opml(path: Path) -> Imported:
    """Read an outline: feeds of arXiv become categories, every other line a reference.

    Raises:
        LibraryError: Nothing could be read.
    """
    categories: dict[str, None] = {}
    lines: list[Reference | None] = []
    roots: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        roots.append(name.lower())
        if name.lower() != "outline":
            return
        values = {key.lower(): value for key, value in attributes.items()}
        feed = _ARXIV_FEED.search(values.get("xmlurl", ""))
        if feed:
            categories.update(dict.fromkeys(re.split(r"\+", feed[1] or feed[2])))
        else:
            title = values.get("title") or values.get("text", "")
            about = values.get("description") or values.get("_note", "")
            lines.append(make_reference(values.get("xmlurl", ""), title, about))

    problems: list[str] = []
    try:
        _parse(read_text(path), start)
    except _DeclarationError:
        raise LibraryError(
            f"the library {path} declares entities, as no OPML needs to", "export it again"
        ) from None
    except expat.ExpatError as error:
        if not lines and not categories:
            raise LibraryError(f"the library {path} is not XML ({error})", "check that it is OPML") from None
        problems.append(f"{path}: cut off or malformed ({error}): kept what stands before")
    if roots[:1] != ["opml"]:
        raise LibraryError(f"the library {path} is XML, but not OPML", "export it as OPML")
    found = Imported(()) if categories and not any(lines) else imported(path, lines)
    groups = tuple(Group(group.name, fold(group.references)) for group in found.groups)
    return Imported(groups, tuple(categories), (*problems, *found.problems))


def read_subscriptions(path: Path) -> tuple[str, ...]:
    """Return the addresses of the feeds that an OPML file lists, each once, in its order.

    Raises:
        LibraryError: It cannot be read, or lists none.
    """
    addresses: dict[str, None] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        values = {key.lower(): value for key, value in attributes.items()}
        if name.lower() == "outline" and (address := safe_url(values.get("xmlurl", "").strip())):
            addresses[address] = None

    try:
        _parse(read_text(path), start)
    except _DeclarationError:
        raise LibraryError(f"{path} declares entities, as no OPML needs to", "export it again") from None
    except expat.ExpatError as error:
        raise LibraryError(f"{path} is not valid XML ({error})", "check that it is OPML") from None
    if not addresses:
        raise LibraryError(f"{path} lists no feeds", "export your subscriptions as OPML")
    return tuple(addresses)


def _parse(text: str, start: Callable[[str, dict[str, str]], None]) -> None:
    """Feed an XML text to `start`; entity declarations are refused before anything can be expanded."""
    parser = expat.ParserCreate("utf-8")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse(*_: object) -> None:
        raise _DeclarationError

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.Parse(text.encode("utf-8", "replace"), True)
