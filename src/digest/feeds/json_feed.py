"""Read feeds in JSON: JSON Feed (jsonfeed.org, 1.0 and 1.1), and the notes of OpenReview's API.

They are turned into what feedparser makes of XML, so that everything behind sees one form.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec

from digest.errors import FeedError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENREVIEW = "https://openreview.net"
_TODO = "give a JSON Feed, or RSS, Atom or RDF"


def looks_like_json(data: bytes) -> bool:
    """Tell JSON from XML."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_json(data: bytes, source: str) -> dict[str, Any]:
    """Return the feed in feedparser's form.

    Raises:
        FeedError: It is no JSON, or no feed.
    """
    try:
        content = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise FeedError(f"{source} is not valid JSON ({error})", "get it again") from None
    if "jsonfeed.org" in str(content.get("version")) and isinstance(content.get("items"), list):
        return {
            "version": "json",
            "feed": {"title": _string(content.get("title"))},
            "entries": [_item(item) for item in content["items"] if isinstance(item, dict)],
        }
    if isinstance(content.get("notes"), list):
        return {
            "version": "json",
            "feed": {"title": "OpenReview"},
            "entries": [_note(note) for note in content["notes"] if isinstance(note, dict)],
        }
    raise FeedError(f"{source} is JSON, but not a feed", _TODO)


def _item(item: dict[str, Any]) -> dict[str, Any]:
    html, text = _string(item.get("content_html")), _string(item.get("content_text"))
    summary = _string(item.get("summary"))
    authors = item.get("authors")
    if not isinstance(authors, list):
        authors = [item.get("author")]  # version 1.0
    number = item.get("id")
    return {
        "id": str(number) if isinstance(number, int | float) else _string(number),
        "link": _string(item.get("url")) or _string(item.get("external_url")),
        "title": _string(item.get("title")),
        "title_detail": {"type": "text/plain"},
        "summary": html or text or summary,
        "summary_detail": {"type": "text/html" if html else "text/plain"},
        "authors": [{"name": _string(author.get("name"))} for author in authors if isinstance(author, dict)],
        "tags": [{"term": tag} for tag in _strings(item.get("tags"))],
        "published_parsed": _time(item.get("date_published")) or _time(item.get("date_modified")),
        "links": list(_pdfs(item.get("attachments"))),
        "doi": _string(item.get("doi")),
    }


def _note(note: dict[str, Any]) -> dict[str, Any]:
    """Read one paper of OpenReview; its second API wraps each value once more."""
    raw = note.get("content")
    content = raw if isinstance(raw, dict) else {}
    values = {key: value.get("value") if isinstance(value, dict) else value for key, value in content.items()}
    forum, pdf = _string(note.get("forum")) or _string(note.get("id")), _string(values.get("pdf"))
    return {
        "id": f"openreview:{forum}" if forum else "",
        "link": f"{_OPENREVIEW}/forum?id={forum}" if forum else "",
        "title": _string(values.get("title")),
        "title_detail": {"type": "text/plain"},
        "summary": _string(values.get("abstract")),
        "summary_detail": {"type": "text/plain"},
        "authors": [{"name": name} for name in _strings(values.get("authors"))],
        "tags": [{"term": word} for word in _strings(values.get("keywords"))],
        "published_parsed": _time(note.get("pdate") or note.get("cdate")),
        "links": [{"type": "application/pdf", "href": f"{_OPENREVIEW}{pdf}" if pdf[:1] == "/" else pdf}],
    }


def _pdfs(attachments: object) -> Iterator[dict[str, str]]:
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, dict) and attachment.get("mime_type") == "application/pdf":
            yield {"type": "application/pdf", "href": _string(attachment.get("url"))}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _strings(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _time(told: object) -> Any:  # noqa: ANN401 - a struct_time in UTC, as feedparser gives it
    """Read RFC 3339, or milliseconds since 1970."""
    try:
        if isinstance(told, int | float):
            return dt.datetime.fromtimestamp(told / 1000, dt.UTC).timetuple()
        time = dt.datetime.fromisoformat(_string(told))
        # Without a zone it is not meant in this machine's.
        return (time.astimezone(dt.UTC) if time.tzinfo else time).timetuple()
    except (ValueError, OverflowError, OSError):
        return None
