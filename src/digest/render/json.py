"""JSON, schema 1: everything that was found out, for other programs (`schema-1.json` documents it)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from digest.render import cleaned

if TYPE_CHECKING:
    from digest.paper import Digest, Field, ScoredPaper

SCHEMA = 1
_DIGITS = 4


def render_json(digest: Digest) -> bytes:
    """Return UTF-8, two spaces of indentation, a line end at the end."""
    digest = cleaned(digest)
    content = {
        "schema": SCHEMA,
        "date": digest.date.isoformat(),
        "language": digest.language,
        "generated_at": f"{digest.generated_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}",
        "model": msgspec.to_builtins(digest.model),
        "embedder": msgspec.to_builtins(digest.embedder),
        "feeds": [msgspec.to_builtins(feed) for feed in digest.feeds],
        "considered": digest.considered,
        "scored_by": digest.scored_by,
        "network_calls": digest.network_calls,
        "notes": list(digest.notes),
        "labels": {entry.name: entry.label for entry in digest.labels},
        "papers": [_paper(entry) for entry in digest.papers],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def _paper(entry: ScoredPaper) -> dict[str, Any]:
    paper = entry.paper
    receipt = entry.receipt
    return {
        "rank": entry.rank,
        "id": paper.id,
        "version": paper.version,
        "title": paper.title,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": paper.published.isoformat(),
        "announce_type": paper.announce_type,
        "source": paper.source,
        "url": paper.url,
        "pdf_url": paper.pdf_url,
        "doi": paper.doi,
        "abstract": paper.abstract,
        "sentences": [{"text": sentence.text, "role": sentence.role} for sentence in entry.sentences],
        "keywords": [
            {"text": keyword.text, "weight": round(keyword.weight, _DIGITS)} for keyword in entry.keywords
        ],
        "score": entry.score,
        "receipt": {
            "interest": receipt.interest,
            "cosine": round(receipt.cosine, _DIGITS),
            "penalty": round(receipt.penalty, _DIGITS),
            "percentile": receipt.percentile,
            "words": list(receipt.words),
            "liked": receipt.liked,
            "liked_title": receipt.liked_title,
            "avoided": receipt.avoided,
        },
        "summary": {name: _field(field) for name, field in entry.summary} if entry.summary else None,
        "status": entry.status,
        "error": entry.error,
        "explored": entry.explored,
        "folded": list(entry.folded),
        "changes": entry.changes,
        "position": list(entry.position) if entry.position else None,
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "text": field.text,
        "origin": field.origin,
        "evidence": list(field.evidence),
        "grounded": field.grounded,
        "flags": list(field.flags),
    }
