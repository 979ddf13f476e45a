"""Find the bytes of feeds: in files, folders, on standard input, or behind an address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from digest.errors import FeedError, OfflineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.feeds.response import FeedResponse

LARGEST_FEED = 64 * 1024 * 1024  # bytes
SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".json"})

_URL = re.compile(r"https?://", re.IGNORECASE)
_LOGIN = re.compile(r"^(https?://)[^/?#]*@", re.IGNORECASE)


def is_url(source: str) -> bool:
    """Tell an http(s) address from a file name."""
    return bool(_URL.match(source))


def without_login(source: str) -> str:
    """Return an address without the name and the password in it, for all who only need to know which."""
    return _LOGIN.sub(r"\1", source)


def read_source(
    source: str, *, stdin: BinaryIO, fetch: Callable[[str], FeedResponse] | None
) -> list[tuple[str, bytes | FeedResponse]]:
    """Read the feeds that `source` names.

    Args:
        source: A file; a folder, for every feed file in it; `-` for standard input; an http(s) address.
        stdin: What `-` reads.
        fetch: Gets an address; None means that the network is forbidden.

    Returns:
        Names and bytes, or what an address answered; a folder's feeds in the order of their names.

    Raises:
        FeedError: There is no such file, or it cannot be read, or it is too large.
        OfflineError: An address was given and `fetch` is None.
    """
    if source == "-":
        return [("-", _read_limited(stdin, "standard input"))]
    if is_url(source):
        if fetch is None:
            raise OfflineError(
                f"the feed {without_login(source)} was asked for under --offline",
                "give a saved feed, or leave --offline out",
            )
        return [(source, fetch(source))]
    path = Path(source)
    if "\0" in source:
        raise FeedError(f"{source!r} is not a file name", "name a file, a folder or an address")
    return [*_read_folder(path)] if path.is_dir() else [(source, _read_file(path))]


def _read_folder(folder: Path) -> list[tuple[str, bytes]]:
    try:
        files = sorted(
            path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()
        )
    except OSError as error:
        raise _unreadable(folder, error) from None
    if not files:
        endings = ", ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        raise FeedError(f"the folder {folder} holds no feed ({endings})", "name the feed's file")
    return [(str(path), _read_file(path)) for path in files]


def _read_file(path: Path) -> bytes:
    try:
        if not path.exists():
            raise FeedError(f"the feed {path} does not exist", "check the name")
        # A named pipe is what a shell's <(command) gives; a device may never end.
        if not path.is_file() and not path.is_fifo():
            raise FeedError(f"the feed {path} is not a file", "name a file, a folder or an address")
        with path.open("rb") as file:
            return _read_limited(file, str(path))
    except OSError as error:
        raise _unreadable(path, error) from None


def _read_limited(file: BinaryIO, name: str) -> bytes:
    data = file.read(LARGEST_FEED + 1)
    if len(data) > LARGEST_FEED:
        raise FeedError(
            f"the feed {name} is larger than {LARGEST_FEED // 1024**2} MiB", "split it, or name another"
        )
    return data


def _unreadable(path: Path, error: OSError) -> FeedError:
    reason = (error.strerror or type(error).__name__).lower()
    return FeedError(f"the feed {path} cannot be read ({reason})", "check its permissions")
