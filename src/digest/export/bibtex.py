"""BibTeX, for BibTeX and biber alike: UTF-8, and TeX's own characters escaped."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from digest.export.record import split_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.export.record import Record

# No brace is ever written as `\{`: BibTeX counts it all the same, and loses the end of the entry.
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
}
# An apostrophe inside a word is what TeX makes of one; two make a quotation mark, two hyphens a dash.
_MARKUP = re.compile(r"[\\{}~^<>`$&%#_]|(?<!\w)'|'(?!\w)|(?<=-)-")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_UNTELLING = re.compile(
    r"(?:a|an|the|on|of|for|in|to|with|and|towards?|is|are|do|does|can|how|what|why)", re.IGNORECASE
)  # the first word of a title that is none of these goes into the key


def escape(text: str) -> str:
    """Return TeX that is set as `text`, with balanced braces."""
    return _MARKUP.sub(lambda match: _SPECIAL.get(match[0], "{}-"), text)


def export_bibtex(records: Iterable[Record]) -> str:
    """Return one `@misc` entry a paper."""
    taken: set[str] = set()
    return "\n".join(_entry(record, _key(record, taken)) for record in records)


def _entry(record: Record, key: str) -> str:
    paper = record.paper
    fields = {
        "title": f"{{{escape(paper.title)}}}",  # the inner braces keep its capitals
        "author": " and ".join(map(_author, paper.authors)),
        "year": str(paper.published.year),
        "eprint": record.arxiv_id,
        "archiveprefix": "arXiv" if record.arxiv_id else "",
        "primaryclass": _bare(paper.primary_category) if record.arxiv_id else "",
        "doi": _bare(paper.doi),
        "url": _bare(record.url),
        "keywords": escape(", ".join(record.keywords)),
        "abstract": escape(paper.abstract),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    lines.append(f"  month = {_MONTHS[paper.published.month - 1]},")
    return "\n".join([f"@misc{{{key},", *lines, "}", ""])


def _author(name: str) -> str:
    family, given = split_name(name)
    return f"{escape(family)}, {escape(given)}" if given else f"{{{escape(name)}}}"


def _bare(text: str) -> str:
    """Return an address or an identifier, which is never set as TeX; braces may not stand in it."""
    return re.sub(r"[{}\\\s]", lambda match: f"%{ord(match[0]):02X}", text)


def _key(record: Record, taken: set[str]) -> str:
    """Return `lindqvist2026lanternnet`, with a letter behind it when another paper has that."""
    author = _ascii(split_name(record.paper.authors[0])[0]) if record.paper.authors else ""
    words = re.findall(r"\w+", record.paper.title.lower())
    word = next((ascii_word for w in words if not _UNTELLING.fullmatch(w) and (ascii_word := _ascii(w))), "")
    first = f"{author or 'anonymous'}{record.paper.published.year}{word}"
    key, number = first, 1
    while key in taken:
        number += 1
        key = f"{first}-{number}"
    taken.add(key)
    return key


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())[:40]
