"""CSL-JSON, as Zotero, Pandoc and citeproc read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from digest.export.record import split_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.export.record import Record


def export_csl(records: Iterable[Record]) -> str:
    """Return a list of items."""
    items = [_item(record) for record in records]
    return msgspec.json.format(msgspec.json.encode(items), indent=2).decode() + "\n"


def _item(record: Record) -> dict[str, Any]:
    paper = record.paper
    day = paper.published
    item: dict[str, Any] = {
        "id": paper.id,
        "type": "article-journal" if paper.doi else "article",
        "title": paper.title,
        "author": [_author(name) for name in paper.authors],
        "issued": {"date-parts": [[day.year, day.month, day.day]]},
        "abstract": paper.abstract,
        "keyword": ", ".join(record.keywords),
        "URL": record.url,
        "DOI": paper.doi,
        "archive": "arXiv" if record.arxiv_id else "",
        "archive_location": record.arxiv_id,
        "number": f"arXiv:{record.arxiv_id}" if record.arxiv_id else "",
    }
    return {name: value for name, value in item.items() if value}


def _author(name: str) -> dict[str, str]:
    family, given = split_name(name)
    return {"family": family, "given": given} if given else {"literal": name}
