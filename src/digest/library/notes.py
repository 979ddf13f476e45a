"""Notes: Markdown or plain text, one file or a folder of them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from digest.errors import LibraryError
from digest.library.reference import LONGEST_ABSTRACT, Imported, Reference, decode, imported, make_reference

SUFFIXES = (".md", ".markdown", ".txt")
_READ_OF_ONE = 65_536  # bytes: what an embedder reads of a note stands at its beginning
_MOST_FILES = 20_000

_FRONT_MATTER = re.compile(r"\A---\s*\n(.*?)\n(?:---|\.\.\.)\s*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_CODE = re.compile(r"^(```|~~~).*?(?:^\1|\Z)", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[\[([^\[\]|]*)(?:\|([^\[\]]*))?\]\]")
_MARKS = re.compile(
    r"^\s{0,3}(?:>|[-*+]\s|\d{1,9}[.)]\s|#{1,6}\s)+|(?<!\w)[*_`~]{1,3}|[*_`~]{1,3}(?!\w)", re.MULTILINE
)


def read_note(path: Path) -> Imported:
    """Read one note.

    Raises:
        LibraryError: It cannot be read, or says nothing.
    """
    return imported(path, [_note(path, path.name)])


def read_notes(folder: Path) -> Imported:
    """Read the notes in a folder and the folders in it, by name; hidden ones are not read.

    Raises:
        LibraryError: There are none.
    """
    notes: list[Reference | None] = []
    unreadable = 0
    for path in _files(folder):
        try:
            notes.append(_note(path, path.relative_to(folder).as_posix()))
        except LibraryError:
            unreadable += 1
    if not notes and not unreadable:
        raise LibraryError(
            f"the folder {folder} holds neither notes (.md, .txt) nor a zotero.sqlite", "name another"
        )
    return imported(folder, notes, unreadable=unreadable)


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, files in os.walk(folder):  # links to folders are not followed
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            Path(place, name)
            for name in sorted(files)
            if name.lower().endswith(SUFFIXES) and not name.startswith(".")
        ]
        if len(found) >= _MOST_FILES:
            break
    return found[:_MOST_FILES]


def _note(path: Path, key: str) -> Reference | None:
    try:
        if not path.is_file():  # a pipe would never end
            raise LibraryError(f"the note {path} is no file", "name another")
        with path.open("rb") as file:
            data = file.read(_READ_OF_ONE)
    except OSError as error:
        raise LibraryError(f"the note {path} cannot be read ({error.strerror})", "check it") from None
    if len(data) == _READ_OF_ONE:
        data = data[: data.rfind(b" ")]  # not in the middle of a character
    text = decode(data, str(path)).replace("\r\n", "\n")
    front = _FRONT_MATTER.match(text)
    body = _CODE.sub(" ", text[front.end() :] if front else text)
    heading = _HEADING.search(body)
    told = _FRONT_TITLE.search(front[1]) if front else None
    title = told[1] if told else heading[1] if heading else path.stem.replace("_", " ")
    if heading and not told:
        body = body[: heading.start()] + body[heading.end() :]
    return make_reference(key, _prose(title), _prose(body[: 4 * LONGEST_ABSTRACT]), front[1] if front else "")


def _prose(markdown: str) -> str:
    """Take off what marks Markdown up."""
    words = _LINK.sub(lambda match: match[1] or match[3] or match[2] or "", markdown)
    return _MARKS.sub("", words)
