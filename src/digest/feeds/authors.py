"""Read authors' names out of what feeds put into one string."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.text.clean import clean_text, strip_markup
from digest.text.latex import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 5000
_LONGEST_NAME = 200
_LONGEST_LIST = 200_000
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV|Ph\.?\s?D\.?|M\.?D\.?", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[A-Z]\.[ -]?){1,4}")
_SEPARATOR = re.compile(r"\s*(?:[,;]\s*and\s+|[,;]|\s+and\s+|\s+&\s+)\s*")
_AFFILIATION = re.compile(r"\s*\([^()]*\)")
_NESTING = 5


def read_authors(names: Sequence[str]) -> tuple[str, ...]:
    """Return full names, in order, each once.

    Args:
        names: What a feed has: one name each, or all of them in one string, with affiliations in
            parentheses, TeX, and suffixes behind a comma.
    """
    found: list[str] = []
    for text in names:
        found += _split(text[:_LONGEST_LIST])
    return tuple(dict.fromkeys(found))[:_MOST]


def _split(text: str) -> list[str]:
    text = readable(clean_text(strip_markup(text)))
    for _ in range(_NESTING):  # affiliations have parentheses of their own
        text = _AFFILIATION.sub("", text)
    text = text.partition(" (")[0]  # one that was never closed
    parts = [part for part in _SEPARATOR.split(text) if part]
    if len(parts) > 1 and len(parts) % 2 == 0 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        # bioRxiv writes "Smith, J., Doe, A. B."
        return [f"{initials} {family}" for family, initials in zip(parts[::2], parts[1::2], strict=True)]
    names: list[str] = []
    for part in parts:
        if names and _SUFFIX.fullmatch(part):
            names[-1] += f", {part}" if part[0] in "JSjs" else f" {part}"
        elif "@" not in part:  # an address, as rss-help@arxiv.org, is nobody's name
            names.append(part[:_LONGEST_NAME])
    return names
