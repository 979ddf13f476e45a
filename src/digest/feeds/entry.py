"""Read one entry of a feed as a paper."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import TYPE_CHECKING, Any, cast

from digest.arxiv_id import ArxivId
from digest.feeds.authors import read_authors
from digest.paper import Paper
from digest.text.clean import clean_text, safe_url, strip_markup
from digest.text.latex import readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.paper import AnnounceType

LONGEST_TITLE = 500
LONGEST_ABSTRACT = 20_000
_LONGEST_RAW = 200_000
_LONGEST_ID = 300
_ANNOUNCE_TYPES = frozenset({"new", "cross", "replace", "replace-cross"})

# How arXiv's feeds begin every description.
_PREFIX = re.compile(
    r"\s*(?P<id>arXiv:\S+)\s+Announce Type:\s*(?P<type>[\w-]+)\s+(?:Abstract:\s*)?", re.IGNORECASE
)
_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_DOI_LINK = re.compile(r"doi:|https?://(?:dx\.)?doi\.org/", re.IGNORECASE)
_ARXIV_DOI = "10.48550/arxiv."


def read_entry(entry: Any, document: Any, source: str, number: int) -> tuple[Paper | None, list[str]]:  # noqa: ANN401
    """Read one entry.

    Args:
        entry: As feedparser gives it.
        document: The whole feed, for its date and version.
        source: The feed's URL or file name.
        number: The entry's place in the feed, from 1, for problems.

    Returns:
        The paper, or None when there is neither title nor abstract; and what was wrong, one line each.
    """
    problems: list[str] = []
    link = safe_url(_text(entry, "link"))
    raw_abstract = _abstract(entry)
    prefix = _PREFIX.match(raw_abstract)
    arxiv = _arxiv_id(entry, link, prefix)
    if arxiv and prefix:
        raw_abstract = raw_abstract[prefix.end() :]
    rss = str(document.get("version") or "").startswith("rss")
    title_source = _plain(entry, "title", _text(entry, "title"), html=not arxiv, is_rss=rss)
    abstract_source = _plain(entry, "summary", raw_abstract, html=not arxiv, is_rss=rss)
    if not title_source and not abstract_source:
        return None, [f"entry {number} has neither title nor abstract: skipped"]
    identifier = arxiv.id if arxiv else clean_text(_identifier(entry, link))[:_LONGEST_ID]
    if not identifier:
        seed = f"{title_source}\n{link}" if link or title_source else abstract_source
        identifier = f"sha256:{hashlib.sha256(seed.encode()).hexdigest()[:16]}"
        problems.append(f"entry {number} has no id: {identifier} was made from its title and link")
    if not title_source:
        problems.append(f"{identifier} has no title")
    title = _shorten(readable(title_source), LONGEST_TITLE, f"the title of {identifier}", problems)
    abstract = _shorten(
        readable(abstract_source), LONGEST_ABSTRACT, f"the abstract of {identifier}", problems
    )
    paper = Paper(
        id=identifier,
        version=(arxiv.version if arxiv else None) or 1,
        title=clean_text(title) or "(untitled)",
        authors=read_authors([str(author.get("name") or "") for author in entry.get("authors") or ()]),
        abstract=clean_text(abstract),
        categories=_categories(entry),
        published=_published(entry, document),
        announce_type=_announce_type(entry, prefix),
        url=arxiv.url if arxiv else link,
        pdf_url=arxiv.pdf_url if arxiv else _pdf_url(entry),
        source=source,
        title_source=_shorten(title_source, LONGEST_TITLE, "", []),
        abstract_source=_shorten(abstract_source, LONGEST_ABSTRACT, "", []),
        doi=clean_text(_doi(entry, link)).lower(),
    )
    return paper, problems


def _text(entry: Any, key: str) -> str:  # noqa: ANN401
    value = entry.get(key)
    return value[:_LONGEST_RAW] if isinstance(value, str) else ""


def _abstract(entry: Any) -> str:  # noqa: ANN401
    if summary := _text(entry, "summary"):
        return summary
    return next((_text(content, "value") for content in entry.get("content") or ()), "")


def _plain(entry: Any, key: str, raw: str, *, html: bool, is_rss: bool) -> str:  # noqa: ANN401
    """Return clean text; `html` says whether the entry may hold markup (arXiv's are plain text)."""
    kind = str((entry.get(f"{key}_detail") or {}).get("type") or "")
    # RSS does not say what a title is; publishers put HTML into it.
    return clean_text(strip_markup(raw) if html and (is_rss or "html" in kind) else raw)


def _arxiv_id(entry: Any, link: str, prefix: re.Match[str] | None) -> ArxivId | None:  # noqa: ANN401
    """Return the identifier with the best known version; other feeds' numbers may look like one."""
    candidates = [_text(entry, "id"), prefix["id"] if prefix else "", link]
    found = [ArxivId.parse(text) for text in candidates if "arxiv" in text.lower()]
    known = [arxiv for arxiv in found if arxiv is not None]
    versioned = (arxiv for arxiv in known if arxiv.id == known[0].id and arxiv.version)
    return next(versioned, known[0]) if known else None


def _identifier(entry: Any, link: str) -> str:  # noqa: ANN401
    # feedparser calls an RSS guid and an RDF address `id` too.
    return _text(entry, "id").strip() or _doi(entry, link) or link


def _doi(entry: Any, link: str) -> str:  # noqa: ANN401
    """Return the DOI that a feed names, or that its links lead to; one of arXiv's own says nothing new."""
    told = [_text(entry, key) for key in ("prism_doi", "arxiv_doi", "dc_identifier", "doi")]
    told += [text for text in (_text(entry, "id"), link) if _DOI_LINK.match(text)]
    for text in told:
        match = _DOI.search(text)
        if match and len(match[0]) <= _LONGEST_ID and not match[0].lower().startswith(_ARXIV_DOI):
            return match[0].rstrip(".,;")
    return ""


def _categories(entry: Any) -> tuple[str, ...]:  # noqa: ANN401
    primary = entry.get("arxiv_primary_category")
    terms = [primary.get("term") if isinstance(primary, dict) else None]
    terms += [tag.get("term") for tag in entry.get("tags") or ()]
    return tuple(
        dict.fromkeys(clean for term in terms if term and (clean := clean_text(strip_markup(str(term)))))
    )


def _announce_type(entry: Any, prefix: re.Match[str] | None) -> AnnounceType:  # noqa: ANN401
    told = _text(entry, "arxiv_announce_type") or (prefix["type"] if prefix else "")
    told = told.strip().lower()
    return cast("AnnounceType", told) if told in _ANNOUNCE_TYPES else "none"


def _published(entry: Any, document: Any) -> dt.date:  # noqa: ANN401
    """Return the day in UTC, as feedparser's parsed times are."""
    for time in _times(entry, document["feed"]):
        try:
            return dt.date(time.tm_year, time.tm_mon, time.tm_mday)
        except (AttributeError, ValueError):
            continue
    return dt.datetime.now(dt.UTC).date()


def _times(*holders: Any) -> Iterator[Any]:  # noqa: ANN401
    for holder in holders:
        for key in ("published_parsed", "updated_parsed"):
            # `dict.get`, for feedparser's own warns while it answers one key with another.
            if time := dict.get(holder, key):
                yield time


def _pdf_url(entry: Any) -> str:  # noqa: ANN401
    for link in entry.get("links") or ():
        if link.get("type") == "application/pdf" and (url := safe_url(str(link.get("href") or ""))):
            return url
    return ""


def _shorten(text: str, longest: int, what: str, problems: list[str]) -> str:
    """Cut `text` at a word."""
    if len(text) <= longest:
        return text
    problems.append(f"{what} is longer than {longest} characters: cut")
    head = text[: longest - 1]
    return f"{head.rpartition(' ')[0] or head}…"
