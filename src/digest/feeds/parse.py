"""Read papers out of the bytes of a feed: RSS, Atom, RDF, or JSON."""

from __future__ import annotations

import calendar
import datetime as dt
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from digest.errors import FeedError, OfflineError
from digest.feeds.entry import read_entry
from digest.feeds.json_feed import looks_like_json, read_json
from digest.feeds.mend import mend
from digest.feeds.tame import tame
from digest.text.clean import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.paper import Paper

_ANNOUNCE_RANK = {"new": 0, "cross": 1, "replace": 2, "replace-cross": 3, "none": 4}
_WEB_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_ENTRY_OPENS = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_ENTRY_CLOSES = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>")
_LONGEST_WORDS = 300
_MOST_PROBLEMS = 6
_FIRST_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """What a feed held.

    Attributes:
        title: The feed's own, one line; may be empty.
        papers: In the feed's order, each once.
        problems: What was wrong though papers could be kept, one line each.
        updated: When it was made, by its own word, UTC.
        entries: How many it had.
    """

    title: str
    papers: tuple[Paper, ...]
    problems: tuple[str, ...]
    updated: dt.datetime | None = None
    entries: int = 0


def parse_feed(data: bytes, source: str, *, content_type: str | None = None) -> ParsedFeed:
    """Read a feed; a valid one without entries, as on a day without announcements, has no papers.

    Args:
        data: The feed.
        source: Its URL or file name, for `Paper.source` and for errors.
        content_type: The HTTP header, for its charset.

    Raises:
        FeedError: Nothing could be read, or the feed is arXiv's report of an error.
    """
    if not data.strip():
        raise FeedError(f"the feed {source} is empty", "try again later, or name another feed")
    is_json = looks_like_json(data)
    mended, problems = (data, []) if is_json else mend(data)
    document = read_json(data, source) if is_json else _parse(mended, source, content_type)
    _refuse_what_is_no_feed(document, data, source)
    _refuse_error_report(document, source)
    entries = list(document["entries"])
    malformed = _malformed_at(document, mended)
    if malformed is not None and entries and _is_cut_inside_entry(mended):
        entries.pop()
    papers: list[Paper] = []
    in_entries: list[str] = []
    for number, entry in enumerate(entries, 1):
        paper, found = read_entry(entry, document, source, number)
        in_entries += found
        if paper is not None:
            papers.append(paper)
    problems += _few(in_entries)
    unique = merge(papers)
    if malformed is not None:
        problems.insert(0, f"the XML is cut off or malformed ({malformed}): kept {_count(len(entries))}")
        if not entries:
            raise FeedError(
                f"the feed {source} is cut off or malformed ({malformed}), no entry could be read",
                "get it again",
            )
    elif override := _encoding_override(document):
        problems.insert(0, override)
    if repeated := len(papers) - len(unique):
        problems.append(f"{_count(repeated)} announced more than once in this feed: merged")
    title = clean_text(str(document["feed"].get("title") or ""))
    return ParsedFeed(title, unique, tuple(problems), _updated(document["feed"]), len(entries))


def merge(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Keep each paper once, where it first appeared.

    The highest version wins, then the announcement that says most: new, cross, replace,
    replace-cross, none. Which one wins does not depend on the order.
    """
    best: dict[str, Paper] = {}
    for paper in papers:
        known = best.get(paper.id)
        if known is None or _precedence(paper) < _precedence(known):
            best[paper.id] = paper
    return tuple(best.values())


def _precedence(paper: Paper) -> tuple[int, int, int, str]:
    return -paper.version, _ANNOUNCE_RANK[paper.announce_type], -len(paper.abstract), repr(paper)


def _parse(data: bytes, source: str, content_type: str | None) -> Any:  # noqa: ANN401 - feedparser has no types
    import feedparser

    tame()
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    headers = {"content-type": f"application/xml; charset={charset[1]}"} if charset else None
    try:
        # A stream, never a name: feedparser opens names as files and addresses.
        return feedparser.parse(
            io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except OfflineError:
        raise
    except Exception as error:  # noqa: BLE001 - a parser of strangers' bytes; whatever it raises is a broken feed
        raise FeedError(
            f"the feed {source} cannot be read ({type(error).__name__})", "check that it is RSS or Atom"
        ) from None


def _refuse_what_is_no_feed(document: Any, data: bytes, source: str) -> None:  # noqa: ANN401
    if document.get("version") or document.get("entries"):
        return
    if _WEB_PAGE.search(data[:4096]):
        raise FeedError(f"{source} is a web page, not a feed", "give the address of the feed itself")
    kind = "is XML, but not a feed" if not document.get("bozo") else "is not a feed"
    raise FeedError(f"{source} {kind}", "give an RSS, Atom or RDF feed")


def _refuse_error_report(document: Any, source: str) -> None:  # noqa: ANN401
    """Raise what arXiv's API says when it answers a query with a feed that tells of an error."""
    entries = document["entries"]
    title = clean_text(str(document["feed"].get("title") or ""))
    only = entries[0] if len(entries) == 1 else {}
    in_entry = "arxiv.org/api/errors" in str(only.get("id") or "")
    if not in_entry and not title.startswith("Feed error for query"):
        return
    words = str(only.get("summary") or only.get("title") or "") or title
    raise FeedError(
        f"{source} answered with an error: {clean_text(words)[:_LONGEST_WORDS].rstrip('.')}",
        "check the categories or the query",
    )


def _updated(feed: Any) -> dt.datetime | None:  # noqa: ANN401
    for key in ("published_parsed", "updated_parsed"):
        if time := dict.get(feed, key):
            try:
                return dt.datetime.fromtimestamp(calendar.timegm(time), dt.UTC)
            except (ValueError, OverflowError, OSError):
                continue
    return None


def _malformed_at(document: Any, data: bytes) -> str | None:  # noqa: ANN401
    """Return where the XML broke, as words, or None when it did not."""
    error = document.get("bozo_exception") if document.get("bozo") else None
    line_of = getattr(error, "getLineNumber", None)
    if line_of is None:
        return None
    # feedparser puts an XML declaration on top where there is none.
    added = 0 if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") else 1
    return f"line {max(1, (line_of() or 1) - added)}"


def _encoding_override(document: Any) -> str:  # noqa: ANN401
    error = document.get("bozo_exception") if document.get("bozo") else None
    if type(error).__name__ not in ("CharacterEncodingOverride", "CharacterEncodingUnknown"):
        return ""
    return f"the feed's encoding is not what it says: read as {document.get('encoding') or 'unknown'}"


def _is_cut_inside_entry(data: bytes) -> bool:
    opened = [match.start() for match in _ENTRY_OPENS.finditer(data)]
    closed = [match.start() for match in _ENTRY_CLOSES.finditer(data)]
    return bool(opened) and (not closed or opened[-1] > closed[-1])


def _few(problems: list[str]) -> list[str]:
    """Return the first of many: who makes one mistake in every entry is told once."""
    if len(problems) <= _MOST_PROBLEMS:
        return problems
    rest = len(problems) - _FIRST_PROBLEMS
    return [*problems[:_FIRST_PROBLEMS], f"and {rest} more problems like these"]


def _count(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"
