"""A folder of Markdown notes with front matter, as Obsidian and others like it read them."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import msgspec

from digest.text.markdown import escape, escape_inline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.export.record import Record

# What file systems or Obsidian's links do not bear.
_UNSAFE = re.compile(r'[\\/:*?"<>|#^\[\]%{}$`]+')
_LONGEST_TITLE = 100  # bytes of UTF-8: file systems take names of 255
_LONGEST_ID = 80
# What Obsidian takes for markup beside what Markdown does: tags, highlights, comments.
_OBSIDIAN = re.compile(r"(?<![&\\])#(?=\w)|=(?==)|%(?=%)")


def export_obsidian(records: Iterable[Record]) -> dict[str, bytes]:
    """Return the notes by file name; the same paper has the same name each time."""
    notes: dict[str, bytes] = {}
    for record in records:
        name, number = file_name(record), 1
        taken = {known.casefold() for known in notes}  # some file systems do not tell A from a
        unique = name
        while f"{unique}.md".casefold() in taken:
            number += 1
            unique = f"{name} {number}"
        notes[f"{unique}.md"] = _note(record).encode()
    return notes


def file_name(record: Record) -> str:
    """Return a name without ending that every common file system takes: `2602.02475 LanternNet`."""
    words = (_safe(record.paper.id, _LONGEST_ID), _safe(record.paper.title, _LONGEST_TITLE))
    name = " ".join(word for word in words if word).strip(". ")
    return name if re.match(r"\w", name) and not _RESERVED.match(name) else f"paper {name}".strip()


_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?=[. ]|$)")  # by Windows


def _safe(text: str, longest: int) -> str:
    name = " ".join(_UNSAFE.sub(" ", text).split())
    return name.encode()[:longest].decode(errors="ignore").strip(". ")


def _note(record: Record) -> str:
    paper = record.paper
    front: dict[str, Any] = {
        "title": paper.title,
        "id": paper.id,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": paper.published,
        "shown": record.shown,
        "score": record.score,
        "verdict": record.verdict,
        "keywords": list(record.keywords),
        "url": record.url,
        "pdf": paper.pdf_url,
        "doi": paper.doi,
        "tags": ["paper", *filter(None, map(_tag, paper.categories))],
    }
    lines = ["---", *(f"{name}: {_yaml(value)}" for name, value in front.items() if value or value == 0)]
    lines += ["---", "", f"# {_line(paper.title)}", ""]
    for label, text in record.fields:
        lines += [f"**{_line(label)}**: {_line(text)}", ""]
    if paper.abstract:
        lines += ["## Abstract", "", _obsidian(escape(paper.abstract)), ""]
    return "\n".join(lines)


def _line(text: str) -> str:
    return _obsidian(escape_inline(text))


def _obsidian(markdown: str) -> str:
    return _OBSIDIAN.sub(lambda match: f"\\{match[0]}", markdown)


def _tag(category: str) -> str:
    return re.sub(r"[^\w-]+", "-", category).strip("-")


def _yaml(value: object) -> str:
    """Return a value for YAML, of which JSON is a part; text that is plain enough stands without escapes."""
    if isinstance(value, str) and '"' in value and "'" not in value:
        return f"'{value}'"
    return value.isoformat() if isinstance(value, dt.date) else msgspec.json.encode(value).decode()
