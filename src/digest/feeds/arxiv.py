"""arXiv's addresses: of the day's feed for some categories, and of its API for days gone by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

MOST_ITEMS = 2000
"""What arXiv puts into one response, at most; when there are more, new papers are left out first."""

# https://arxiv.org/category_taxonomy
_ARCHIVES = frozenset(
    {
        *("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nlin"),
        *("nucl-ex", "nucl-th", "physics", "quant-ph"),
        *("cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"),
    }
)
_CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")
_FEED = "https://rss.arxiv.org/atom/"
_API = "https://export.arxiv.org/api/query"
_PATH = re.compile(r"/(?:rss|atom)/([A-Za-z.+-]+?)/?", re.ASCII)


def is_category(name: str) -> bool:
    """Tell whether a name is written as arXiv writes categories."""
    return bool(_CATEGORY.fullmatch(name))


def names_category(word: str) -> bool:
    """Tell whether a word can mean nothing else: it begins with one of arXiv's archives."""
    return is_category(word) and word.partition(".")[0] in _ARCHIVES


def arxiv_url(categories: Sequence[str]) -> str:
    """Return the address of arXiv's feed of these categories together.

    Raises:
        UsageError: One is not written as arXiv writes categories.
    """
    for category in categories:
        if not is_category(category):
            raise UsageError(
                f"{category!r} is not an arXiv category", "write it as arXiv does, for example cs.CL"
            )
    if not categories:
        raise UsageError("no arXiv category was given", "name at least one, for example cs.CL")
    return _FEED + "+".join(dict.fromkeys(categories))


def categories_of(url: str) -> tuple[str, ...]:
    """Return the categories of arXiv's daily feed at this address; none when it is something else."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return ()
    path = _PATH.fullmatch(parts.path)
    if path is None or not (host == "arxiv.org" or host.endswith(".arxiv.org")):
        return ()
    return tuple(name for name in path[1].split("+") if is_category(name))


def halves(url: str) -> tuple[str, ...]:
    """Return two addresses that together ask for what this one asks for; none when it cannot be divided."""
    categories = categories_of(url)
    middle = len(categories) // 2
    if not middle:
        return ()
    return arxiv_url(categories[:middle]), arxiv_url(categories[middle:])


def api_url(categories: Sequence[str], since: dt.datetime, until: dt.datetime) -> str:
    """Return the address that lists what was submitted in some time, UTC; it reads as a feed."""
    asked = "+OR+".join(f"cat:{name}" for name in categories)
    times = f"[{since:%Y%m%d%H%M}+TO+{until:%Y%m%d%H%M}]"
    return f"{_API}?search_query=({asked})+AND+submittedDate:{times}&max_results={MOST_ITEMS}"
