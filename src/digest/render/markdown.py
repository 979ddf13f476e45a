"""Markdown, in English and in the layout of a Chinese daily report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.render import cleaned
from digest.render.labels import (
    Labels,
    fields_of,
    labels_for,
    names,
    network_calls,
    plural,
    reason,
    remarks,
    report_title,
    who_wrote,
)
from digest.text.markdown import escape, escape_inline, link

if TYPE_CHECKING:
    from digest.paper import Digest, Field, ScoredPaper


def slug(heading: str) -> str:
    """Return GitHub's anchor of a heading: lower case, punctuation dropped, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def render_markdown(digest: Digest) -> str:
    """Return the report; sections in the order of their best paper."""
    digest = cleaned(digest)
    labels = labels_for(digest.language)
    sections: dict[str, list[ScoredPaper]] = {}
    for entry in digest.papers:
        sections.setdefault(entry.paper.primary_category or labels.other_section, []).append(entry)
    title = f"{report_title(digest, labels)} | {digest.date.isoformat()}"
    anchors = _section_anchors(title, sections, labels)
    lines = [f"# {title}", ""]
    lines += [f"> {escape_inline(who_wrote(digest, labels))}", ""]
    if sections:
        lines += [f"## 📑 {labels.contents}", ""]
        for name, entries in sections.items():
            count = labels.count_section.format(papers=plural(len(entries), "paper"), count=len(entries))
            lines.append(f"- [{escape_inline(name)}](#{anchors[name]}) ({count})")
    else:
        lines.append(labels.nothing)
    lines += ["", "---", ""]
    for name, entries in sections.items():
        lines += [f"## {escape_inline(name)}", ""]
        for entry in entries:
            lines += _paper(digest, entry, labels)
    return "\n".join([*lines, *_foot(digest, labels), ""])


def _section_anchors(title: str, sections: dict[str, list[ScoredPaper]], labels: Labels) -> dict[str, str]:
    """Return each section's anchor; like GitHub, number those that an earlier heading has taken."""
    taken: dict[str, int] = {}

    def anchor(heading: str) -> str:
        first = unique = slug(heading)
        while unique in taken:
            taken[first] += 1
            unique = f"{first}-{taken[first]}"
        taken[unique] = 0
        return unique

    anchor(title)
    anchor(f"📑 {labels.contents}")
    anchors = {}
    for name, entries in sections.items():
        anchors[name] = anchor(name)
        for entry in entries:
            for heading in (f"{entry.rank}. {entry.paper.title}", labels.abstract, labels.summary):
                anchor(heading)
    return anchors


def _paper(digest: Digest, entry: ScoredPaper, labels: Labels) -> list[str]:
    paper = entry.paper
    lines = [
        f"## {link(f'{entry.rank}. {paper.title}', paper.url)}",
        "",
        f"{_label(labels.authors, labels)}{escape_inline(names(entry, labels))}  ",
        f"{_label(labels.categories, labels)}{escape_inline(', '.join(paper.categories) or '—')}  ",
        f"{_label(labels.published, labels)}{paper.published.isoformat()}",
        "",
        f"### 📄 {labels.abstract}",
        "",
        escape(paper.abstract) if paper.abstract else labels.no_abstract,
        "",
        f"### 🤖 {labels.summary}",
        "",
    ]
    if entry.changes:
        lines += [f"{_label(labels.changed, labels)}{escape_inline(entry.changes)}", ""]
    if entry.status == "failed":
        lines += [f"> {escape_inline(labels.failed.format(error=entry.error or '?'))}", ""]
    if entry.summary:
        for label, field in fields_of(digest, entry.summary):
            lines += [f"{_label(escape_inline(label), labels)}{_field(digest, field, labels)}", ""]
    keywords = ", ".join(escape_inline(keyword.text) for keyword in entry.keywords) or "—"
    lines += [f"{_label(labels.keywords, labels)}{keywords}", ""]
    score = (
        f"{entry.score}{f' · {labels.explored}' if entry.explored else ''}"
        if labels.terse
        else f"{entry.score} · {escape_inline(reason(digest, entry, labels))}"
    )
    lines += [f"{_label(labels.score, labels)}{score}", ""]
    links = [link(labels.page, paper.url)] if paper.url else []
    links += [link(labels.pdf, paper.pdf_url)] if paper.pdf_url else []
    if links:
        lines += [f"{_label(labels.links, labels)}{labels.between_links.join(links)}", ""]
    return [*lines, "---", ""]


def _label(text: str, labels: Labels) -> str:
    return f"**{text}**{labels.colon}"


def _field(digest: Digest, field: Field, labels: Labels) -> str:
    if not field.text:
        return f"— {labels.aside.format(labels.no_sentence)}"
    text = escape_inline(field.text)
    if said := "; ".join(remarks(digest, field, labels)):
        return text + labels.space + labels.aside.format(escape_inline(said))
    return text


def _foot(digest: Digest, labels: Labels) -> list[str]:
    lines = [f"{_label(labels.feeds, labels)}".rstrip(), ""]
    for feed in digest.feeds:
        said = "".join(f" — {escape_inline(words)}" for words in (feed.error, feed.note) if words)
        lines.append(f"- {escape(feed.source)} · {feed.status} · {feed.papers}{said}")
    lines += [f"- {escape(note)}" for note in digest.notes]
    return [*lines, "", f"digest · {network_calls(digest, labels)}"]
