"""RIS: a line for each value, none of which can hold a line break once it is clean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.export.record import split_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.export.record import Record

_LINE_END = "\r\n"  # as the format has it


def export_ris(records: Iterable[Record]) -> str:
    """Return one record a paper: `JOUR` where a DOI says that it was published, else `UNPB`."""
    return "".join(map(_record, records))


def _record(record: Record) -> str:
    paper = record.paper
    day = paper.published
    values = [
        ("TY", "JOUR" if paper.doi else "UNPB"),
        ("ID", paper.id),
        ("TI", paper.title),
        *(("AU", _author(name)) for name in paper.authors),
        ("PY", str(day.year)),
        ("DA", f"{day:%Y/%m/%d}"),
        ("AB", paper.abstract),
        *(("KW", keyword) for keyword in record.keywords),
        ("DO", paper.doi),
        ("AN", f"arXiv:{record.arxiv_id}" if record.arxiv_id else ""),
        ("PB", "arXiv" if record.arxiv_id else ""),
        ("UR", record.url),
        ("L1", paper.pdf_url),
    ]
    lines = [f"{tag}  - {value}" for tag, value in values if value]
    return _LINE_END.join([*lines, "ER  - ", "", ""])


def _author(name: str) -> str:
    family, given = split_name(name)
    return f"{family}, {given}" if given else family
