"""CSV (RFC 4180) for spreadsheets and data frames.

A title such as `=HYPERLINK(…)` is a formula to a spreadsheet, quoted or not, and titles come from strangers:
a cell that starts with one of `= + - @` gets an apostrophe in front, which marks it as text. Who needs every
character as it is takes CSL-JSON, or `digest show --format json`.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.export.record import Record

COLUMNS = (
    *("id", "version", "title", "authors", "categories", "published", "shown", "score", "verdict"),
    *("keywords", "doi", "url", "pdf_url", "abstract"),
)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def export_csv(records: Iterable[Record]) -> str:
    """Return a header and one row a paper; several values in a cell are separated by `; `."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for record in records:
        paper = record.paper
        row = (
            paper.id,
            paper.version,
            paper.title,
            "; ".join(paper.authors),
            "; ".join(paper.categories),
            paper.published.isoformat(),
            record.shown.isoformat() if record.shown else "",
            "" if record.score is None else record.score,
            record.verdict,
            "; ".join(record.keywords),
            paper.doi,
            record.url,
            paper.pdf_url,
            paper.abstract,
        )
        writer.writerow([_text(str(value)) for value in row])
    return file.getvalue()


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
