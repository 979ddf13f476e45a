"""Markdown, in English and in the layout of a Chinese daily report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from digest.render.labels import Labels, labels_for, names, plural, reason, report_title, who_wrote

if TYPE_CHECKING:
    from digest.paper import Digest, Field, ScoredPaper

# What would be markup inside a line, for CommonMark, GitHub and Pandoc alike.
_INLINE = re.compile(r"[\\`*_\[\]<>$|~]|&(?=#?\w+;)|!(?=\[)")
# GitHub makes links of these by itself; a word joiner that nobody sees would be worse than an entity.
_AUTOLINK = re.compile(r"(?i)\b(www)\.|\b(https?|ftp|mailto|xmpp):|(?<=\w)@(?=\w)")
# What would be a block at the start of a line: headings, quotes, lists, rules.
_BLOCK = re.compile(r"^(?:[#>+=-]|\d+(?=[.)]))")


def escape(text: str) -> str:
    """Return `text` for a line of its own, so that every Markdown reader shows it as it is."""
    escaped = escape_inline(text)
    if block := _BLOCK.match(escaped):
        mark, rest = block[0], escaped[block.end() :]
        return f"{mark}\\{rest}" if mark.isdigit() else f"\\{mark}{rest}"
    return escaped


def escape_inline(text: str) -> str:
    """Return `text`, on one line, for a place in the middle of a line."""
    escaped = _INLINE.sub(lambda match: f"\\{match[0]}", " ".join(text.split()))
    return _AUTOLINK.sub(_break_link, escaped)


def _break_link(match: re.Match[str]) -> str:
    if match[1]:
        return f"{match[1]}&#46;"
    return f"{match[2]}&#58;" if match[2] else "&#64;"


def link(text: str, url: str) -> str:
    """Return a link, or the bare text when there is no address."""
    return f"[{escape_inline(text)}]({quote(url, safe=_URL_SAFE)})" if url else escape_inline(text)


_URL_SAFE = "/:?#@!$&'*+,;=%-._~[]"


def slug(heading: str) -> str:
    """Return GitHub's anchor of a heading: lower case, punctuation dropped, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def render_markdown(digest: Digest) -> str:
    """Return the report; sections in the order of their best paper."""
    labels = labels_for(digest.language)
    sections: dict[str, list[ScoredPaper]] = {}
    for entry in digest.papers:
        sections.setdefault(entry.paper.primary_category or labels.other_section, []).append(entry)
    lines = [f"# {report_title(digest, labels)} | {digest.date.isoformat()}", ""]
    lines += [f"> {escape_inline(who_wrote(digest, labels))}", ""]
    if sections:
        lines += [f"## 📑 {labels.contents}", ""]
        for name, entries in sections.items():
            count = labels.count_section.format(papers=plural(len(entries), "paper"), count=len(entries))
            lines.append(f"- [{escape_inline(name)}](#{slug(name)}) ({count})")
    else:
        lines.append(labels.nothing)
    lines += ["", "---", ""]
    for name, entries in sections.items():
        lines += [f"## {escape_inline(name)}", ""]
        for entry in entries:
            lines += _paper(digest, entry, labels)
    return "\n".join([*lines, *_foot(digest, labels), ""])


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
    if entry.status == "failed":
        lines += [f"> {escape_inline(labels.failed.format(error=entry.error or '?'))}", ""]
    if entry.summary:
        for name, field in entry.summary:
            lines += [f"{_label(labels.fields[name], labels)}{_field(digest, field, labels)}", ""]
    keywords = ", ".join(escape_inline(keyword.text) for keyword in entry.keywords) or "—"
    lines += [f"{_label(labels.keywords, labels)}{keywords}", ""]
    score = (
        f"{entry.score}"
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
    if digest.model and field.origin == "extract":
        return text + labels.space + labels.aside.format(labels.extracted)
    return text


def _foot(digest: Digest, labels: Labels) -> list[str]:
    lines = [f"{_label(labels.feeds, labels)}".rstrip(), ""]
    for feed in digest.feeds:
        error = f" — {escape_inline(feed.error)}" if feed.error else ""
        lines.append(f"- {escape_inline(feed.source)} · {feed.status} · {feed.papers}{error}")
    lines += [f"- {escape_inline(note)}" for note in digest.notes]
    return [*lines, "", f"digest · {labels.calls.format(calls=digest.network_calls)}"]
