"""What is read from a library: references, made clean, short and different from each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.arxiv_id import ArxivId
from digest.errors import LibraryError
from digest.text.clean import clean_text, strip_markup
from digest.text.latex import readable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_REFERENCES = 20_000
LARGEST_FILE = 128 * 2**20  # bytes
LONGEST_TITLE = 500
LONGEST_ABSTRACT = 5_000  # embedders read the first few hundred words
_LONGEST_KEY = 300

_ARXIV_PLACES = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)/|10\.48550/arxiv\.|arxiv:)\s*(?P<id>[\w.-]+(?:/\d{7})?(?:v\d+)?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A paper or a note of the reader.

    Attributes:
        key: The arXiv identifier without version, else a DOI, else the library's own key.
        title: Readable text, one line.
        abstract: Readable text, one line; may be empty.
    """

    key: str
    title: str
    abstract: str = ""

    @property
    def text(self) -> str:
        """Title and abstract, in the form of `Paper.text`."""
        return f"{self.title}. {self.abstract}" if self.abstract else self.title


@dataclass(frozen=True, slots=True)
class Group:
    """References that belong together; `name` is that of a collection, or empty."""

    name: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a library held.

    Attributes:
        groups: None is empty.
        categories: arXiv categories whose feeds the reader follows.
        problems: What was wrong though something could be kept, one line each.
    """

    groups: tuple[Group, ...]
    categories: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def make_reference(key: str, title: str, abstract: str, *places: str) -> Reference | None:
    """Make a reference out of raw text with TeX or markup in it; None when it has no title.

    Args:
        key: The library's own.
        title: Raw.
        abstract: Raw.
        places: Where an arXiv identifier or a DOI may stand, best first.
    """
    clean_title = _plain(title, LONGEST_TITLE)
    if not any(character.isalnum() for character in clean_title):
        return None
    return Reference(_key(key, places), clean_title, _plain(abstract, LONGEST_ABSTRACT))


def _key(key: str, places: tuple[str, ...]) -> str:
    for place in places:
        named = [match["id"].rstrip(".") for match in _ARXIV_PLACES.finditer(place[:2000])]
        for text in named or [place]:
            if arxiv := ArxivId.parse(text):
                return arxiv.id
    doi = next((match[0] for place in places if (match := re.search(r"10\.\d{4,9}/\S+", place[:2000]))), "")
    return clean_text(doi or key)[:_LONGEST_KEY]


def _plain(raw: str, longest: int) -> str:
    text = clean_text(readable(clean_text(strip_markup(raw[: 4 * longest]))))
    return text if len(text) <= longest else text[:longest].rpartition(" ")[0] or text[:longest]


def fold(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Keep each title once, where it first stood, with the longest abstract."""
    best: dict[str, Reference] = {}
    for reference in references:
        same = "".join(character for character in reference.title.casefold() if character.isalnum())
        known = best.get(same)
        if known is None or len(reference.abstract) > len(known.abstract):
            best[same] = reference
    return tuple(best.values())


def imported(path: Path, references: Iterable[Reference | None], *, unreadable: int = 0) -> Imported:
    """Put references into one nameless group.

    Raises:
        LibraryError: There are none.
    """
    kept, nameless = [], 0
    for reference in references:
        if reference is None:
            nameless += 1
        else:
            kept.append(reference)
    if not kept:
        raise LibraryError(f"the library {path} holds no titles that can be read", "check the file")
    problems = []
    if unreadable:
        problems.append(f"{path}: {_entries(unreadable)} cannot be read: left out")
    if nameless:
        problems.append(f"{path}: {_entries(nameless)} without a title: left out")
    if len(kept) > MOST_REFERENCES:
        problems.append(f"{path}: only the first {MOST_REFERENCES} of {len(kept)} entries are used")
    return Imported((Group("", fold(kept[:MOST_REFERENCES])),), problems=tuple(problems))


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def read_text(path: Path) -> str:
    """Return the text of a file, whatever its encoding.

    Raises:
        LibraryError: It cannot be read, is empty, too large, or no text.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise LibraryError(
                f"the library {path} is larger than {LARGEST_FILE >> 20} MiB", "export a part of it"
            )
        data = path.read_bytes()
    except OSError as error:
        raise LibraryError(
            f"the library {path} cannot be read ({error.strerror})", "check the path"
        ) from None
    if not data.strip():
        raise LibraryError(f"the library {path} is empty", "export it again")
    return decode(data, str(path))


def decode(data: bytes, name: str) -> str:
    """Return text from UTF-8, UTF-16 with its mark, or else Windows-1252, which fits most that is old.

    Raises:
        LibraryError: It is no text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:4096]:
        raise LibraryError(f"the library {name} is not text", "export it as BibTeX, RIS or CSL-JSON")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
