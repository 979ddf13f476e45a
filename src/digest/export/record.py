"""What is exported: a paper with what a digest said of it, and a day of them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digest.arxiv_id import ArxivId
from digest.text.clean import clean_text, safe_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.paper import Digest, Paper, ScoredPaper

# `van der Waals`, `de la Cruz`: what stands in lower case before the last word belongs to it.
_FAMILY = re.compile(r"^(?P<given>.*?)\s(?P<family>(?:[^\W\dA-Z_]\S*\s)*\S+)$")
_ORGANIZATION = re.compile(
    r"\b(?:collaboration|consortium|team|group|project|network|committee)\b|,|\band\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Record:
    """A paper, every text of it clean.

    Attributes:
        score: Of the digest that showed it; None when none did.
        keywords: The same.
        fields: Label and text of its summary, without empty ones.
        shown: The day of that digest.
        verdict: What the reader said of it; may be empty.
        meaning: Its cosine to what was sought, when something was.
    """

    paper: Paper
    score: int | None = None
    keywords: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    shown: dt.date | None = None
    verdict: str = ""
    meaning: float | None = None

    @property
    def arxiv_id(self) -> str:
        """Its arXiv identifier without version; empty when it has none."""
        arxiv = ArxivId.parse(self.paper.id)
        return arxiv.id if arxiv else ""

    @property
    def url(self) -> str:
        """Where to read of it: its page, or what its DOI leads to; may be empty."""
        return self.paper.url or (safe_url(f"https://doi.org/{self.paper.doi}") if self.paper.doi else "")


@dataclass(frozen=True, slots=True)
class Page:
    """A digest: its day, when it was made (UTC), how many papers were read, and those it shows."""

    date: dt.date
    made: dt.datetime
    considered: int
    records: tuple[Record, ...]

    @property
    def title(self) -> str:
        """One line."""
        return f"Digest of {self.date.isoformat()}: {len(self.records)} of {self.considered} papers"


def make_record(
    paper: Paper,
    shown_in: tuple[Digest, ScoredPaper] | None = None,
    *,
    verdict: str = "",
    meaning: float | None = None,
) -> Record:
    """Make a record of a paper, with what a digest said of it if one did."""
    clean = replace(
        paper,
        id=clean_text(paper.id),
        title=clean_text(paper.title),
        authors=_cleaned(paper.authors),
        abstract=clean_text(paper.abstract),
        categories=_cleaned(paper.categories),
        url=safe_url(paper.url),
        pdf_url=safe_url(paper.pdf_url),
        doi=clean_text(paper.doi),
    )
    if shown_in is None:
        return Record(clean, verdict=verdict, meaning=meaning)
    digest, entry = shown_in
    labels = {label.name: label.label for label in digest.labels}
    fields = entry.summary or ()
    return Record(
        clean,
        entry.score,
        _cleaned(keyword.text for keyword in entry.keywords),
        tuple(
            (clean_text(labels.get(name, name)), clean_text(field.text))
            for name, field in fields
            if field.text
        ),
        digest.date,
        verdict,
        meaning,
    )


def make_page(digest: Digest) -> Page:
    """Make a page of a digest."""
    records = tuple(make_record(entry.paper, (digest, entry)) for entry in digest.papers)
    return Page(digest.date, digest.generated_at.astimezone(dt.UTC), digest.considered, records)


def split_name(name: str) -> tuple[str, str]:
    """Return the family name and the given names; these are empty for one word and for organizations."""
    match = None if _ORGANIZATION.search(name) else _FAMILY.match(name)
    return (match["family"], match["given"]) if match else (name, "")


def _cleaned(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for raw in texts if (text := clean_text(raw)))
