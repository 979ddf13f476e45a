"""Find the digest files on disk that mention a paper."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection
    from pathlib import Path

# The second is what a run that was killed while it wrote may leave (`files`); its name says no day.
_NAME = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})\.\S+|\.\S+\.digest-part")


def digest_files(folder: Path) -> list[Path]:
    """Return the digests in a folder, and parts of such, by date; none when there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if _NAME.fullmatch(path.name) and path.is_file())


def dated(path: Path, since: dt.date | None, until: dt.date | None) -> bool:
    """Say whether a digest is of a day in a range."""
    match = _NAME.fullmatch(path.name)
    day = (match["day"] if match else "") or ""
    return bool(day) and (since.isoformat() if since else "") <= day <= (until.isoformat() if until else "9")


def mentions(path: Path, words: Collection[str]) -> bool:
    """Say whether a digest holds any of these: ids, addresses, titles; however its format escapes them."""
    if not words:
        return False
    text = path.read_text("utf-8", errors="replace")
    plain = " ".join(html.unescape(re.sub(r"\\(.)", r"\1", text)).split())
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", plain) for word in words)
