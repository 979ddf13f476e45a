"""One HTML page that needs nothing but itself: no request, no script or style but its own.

The page's Content-Security-Policy allows the one style and the one script by their hashes, and nothing
else; every text is escaped by the template engine.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.render import cleaned
from digest.render.labels import (
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
from digest.render.page_labels import page_labels_for
from digest.render.page_text import parts, sentence_parts
from digest.text.clean import safe_url

if TYPE_CHECKING:
    from jinja2 import Template

    from digest.paper import Digest, Field, ScoredPaper
    from digest.render.labels import Labels
    from digest.render.page_labels import PageLabels

COLOURS = 7
"""So many categories have a colour of their own on the map; the rest share one."""

_FOLDER = Path(__file__).parent / "page"
_SMALLEST, _LARGEST = 1.4, 2.9


def render_html(digest: Digest) -> str:
    """Return the page."""
    digest = cleaned(digest)
    labels, page = labels_for(digest.language), page_labels_for(digest.language)
    style, script = (_inlined(name) for name in ("page.css", "page.js"))
    colours = _colours(digest)
    cards = [_card(digest, entry, labels, page, colours) for entry in digest.papers]
    return _template().render(
        digest=digest,
        labels=labels,
        page=page,
        title=report_title(digest, labels),
        policy=(
            f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        ),
        style=style,
        script=script,
        who=who_wrote(digest, labels),
        read=labels.read.format(count=digest.considered, papers=plural(digest.considered, "paper")),
        calls=network_calls(digest, labels),
        legend=_legend(digest, colours, labels),
        cards=cards,
        has_map=any(card["point"] for card in cards),
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@functools.cache
def _inlined(name: str) -> Any:  # noqa: ANN401 - markup, which is a string
    from markupsafe import Markup

    return Markup((_FOLDER / name).read_text("utf-8"))  # noqa: S704 - a file of the program's own


@functools.cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2")


def _colours(digest: Digest) -> dict[str, int]:
    """Number the most frequent categories from 0; ties by the rank of their best paper."""
    counts = Counter(entry.paper.primary_category for entry in digest.papers)
    return {name: number for number, (name, _) in enumerate(counts.most_common(COLOURS))}


def _legend(digest: Digest, colours: dict[str, int], labels: Labels) -> list[dict[str, Any]]:
    counts = Counter(entry.paper.primary_category for entry in digest.papers)
    return [
        {
            "name": name,
            "shown": name or labels.other_section,
            "count": count,
            "colour": _colour(name, colours),
        }
        for name, count in counts.most_common()
    ]


def _colour(category: str, colours: dict[str, int]) -> str:
    return str(colours[category]) if category in colours else "other"


def _card(
    digest: Digest, entry: ScoredPaper, labels: Labels, page: PageLabels, colours: dict[str, int]
) -> dict[str, Any]:
    paper = entry.paper
    category = paper.primary_category or labels.other_section
    fields = (
        [_field(digest, label, field, labels, page) for label, field in fields_of(digest, entry.summary)]
        if entry.summary and paper.abstract
        else []
    )
    kinds = {field["said"] for field in fields if field["text"]}
    return {
        "entry": entry,
        "paper": paper,
        "title": parts(paper.title, paper.title_source),
        "names": names(entry, labels),
        "reason": reason(digest, entry, labels),
        "url": safe_url(paper.url),
        "pdf_url": safe_url(paper.pdf_url),
        "colour": _colour(paper.primary_category, colours),
        "category": category,
        "fields": fields,
        "said_once": kinds.pop() if len(kinds) == 1 else "",
        "failed": labels.failed.format(error=entry.error or "?") if entry.status == "failed" else "",
        "sentences": sentence_parts(paper.abstract, paper.abstract_source, entry.sentences),
        "point": _point(entry, category, page),
    }


def _field(digest: Digest, label: str, field: Field, labels: Labels, page: PageLabels) -> dict[str, Any]:
    """Return what a field shows; its kind is told in words too."""
    said = remarks(digest, field, labels)
    if not field.text:
        kind, said = "empty", [labels.no_sentence]
    elif not field.grounded:
        kind = "unsupported"
    elif field.origin == "model":
        kind, said = "model", [page.by_model, *said]
    else:
        kind, said = "extract", said or [labels.extracted]
    return {
        "label": label,
        "text": field.text,
        "kind": kind,
        "said": "; ".join(said),
        "evidence": field.evidence,
    }


def _point(entry: ScoredPaper, category: str, page: PageLabels) -> dict[str, Any] | None:
    """Return where a paper's point stands on a map of 100 by 75, and what it says."""
    if entry.position is None:
        return None
    x, y = entry.position
    share = (entry.score / 100) ** 2
    return {
        "x": f"{4 + 92 * x:.2f}",
        "y": f"{4 + 67 * (1 - y):.2f}",
        "radius": f"{_SMALLEST + (_LARGEST - _SMALLEST) * share:.2f}",
        "says": page.point.format(
            rank=entry.rank, title=entry.paper.title, category=category, score=entry.score
        ),
    }
