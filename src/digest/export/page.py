"""A digest as simple HTML and as plain text, for readers of feeds and of mail."""

from __future__ import annotations

import html
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.export.record import Page, Record

_WIDTH = 78


def page_html(page: Page) -> str:
    """Return a fragment of HTML: no script, no style, no picture, nothing that is loaded."""
    return "\n".join(_html(number, record) for number, record in enumerate(page.records, start=1))


def _html(number: int, record: Record) -> str:
    paper = record.paper
    title = html.escape(paper.title)
    if record.url:
        title = f'<a href="{html.escape(record.url)}">{title}</a>'
    lines = [f"<h2>{number}. {title}</h2>", f"<p>{html.escape(_about(record))}</p>"]
    lines += [f"<p><b>{html.escape(label)}</b>: {html.escape(text)}</p>" for label, text in record.fields]
    if paper.abstract and not record.fields:
        lines.append(f"<p>{html.escape(paper.abstract)}</p>")
    if record.keywords:
        lines.append(f"<p><i>{html.escape(', '.join(record.keywords))}</i></p>")
    return "\n".join(lines)


def page_text(page: Page) -> str:
    """Return plain text in lines of at most 78 characters, but for addresses."""
    return "\n\n".join([page.title, *(_text(n, record) for n, record in enumerate(page.records, start=1))])


def _text(number: int, record: Record) -> str:
    parts = [f"{number}. {record.paper.title}", _about(record)]
    parts += [f"{label}: {text}" for label, text in record.fields]
    parts += [record.paper.abstract] if record.paper.abstract and not record.fields else []
    parts += [", ".join(record.keywords)] if record.keywords else []
    lines = [
        line
        for part in parts
        for line in textwrap.wrap(part, _WIDTH, break_long_words=False, break_on_hyphens=False)
    ]
    return "\n".join([*lines, *([record.url] if record.url else [])])


def _about(record: Record) -> str:
    paper = record.paper
    score = "" if record.score is None else f"score {record.score}"
    facts = (score, ", ".join(paper.authors), ", ".join(paper.categories), paper.published.isoformat())
    return " · ".join(fact for fact in facts if fact)
