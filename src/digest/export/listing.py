"""Lists of papers: JSON for programs, Markdown for notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from digest.text.markdown import escape_inline, link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.export.record import Record

_DIGITS = 4


def list_json(records: Iterable[Record]) -> str:
    """Return a list of objects; `score`, `keywords` and `shown` are those of its last digest."""
    items = [
        {
            "id": record.paper.id,
            "version": record.paper.version,
            "title": record.paper.title,
            "authors": record.paper.authors,
            "categories": record.paper.categories,
            "published": record.paper.published.isoformat(),
            "url": record.url,
            "pdf_url": record.paper.pdf_url,
            "doi": record.paper.doi,
            "abstract": record.paper.abstract,
            "shown": record.shown.isoformat() if record.shown else None,
            "score": record.score,
            "keywords": record.keywords,
            "verdict": record.verdict or None,
            "meaning": None if record.meaning is None else round(record.meaning, _DIGITS),
        }
        for record in records
    ]
    return msgspec.json.format(msgspec.json.encode(items), indent=2).decode() + "\n"


def list_markdown(records: Iterable[Record]) -> str:
    """Return a list with one paper a line."""
    return "".join(f"- {_line(record)}\n" for record in records)


def _line(record: Record) -> str:
    paper = record.paper
    facts = [paper.id, paper.primary_category, paper.published.isoformat()]
    facts += [] if record.score is None else [f"score {record.score}"]
    return " · ".join([link(paper.title, record.url), *(escape_inline(fact) for fact in facts if fact)])
