"""Bundles as nobody should write them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from digest.errors import BundleError
from digest.feeds.bundle import Bundle, read_bundle, write_bundle
from digest.feeds.response import FeedResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MONDAY = dt.datetime(2026, 2, 2, 6, 30, tzinfo=dt.UTC)
FEED = b"<feed>" + bytes(range(97, 123)) * 4 + b"</feed>"
WEIGHTS = b"GGUF" + bytes(range(256)) * 3

Change = dict[str, Any]
Entry = tuple[str, bytes]


def response(body: bytes = FEED, url: str = "https://example.org/feed", **changes: Any) -> FeedResponse:  # noqa: ANN401
    return FeedResponse(url, body, changes.pop("fetched_at", MONDAY), **changes)


def honest(path: Path, *bodies: bytes, made_at: dt.datetime = MONDAY) -> Path:
    """Write a bundle as the program writes it."""
    feeds = [response(body, f"https://example.org/{number}") for number, body in enumerate(bodies or (FEED,))]
    write_bundle(path, feeds, made_at=made_at, program="digest test")
    return path


def listed(name: str, content: bytes, **changes: Any) -> Change:  # noqa: ANN401
    """Return a manifest's entry for a member."""
    kind = name.split("/", maxsplit=1)[0].removesuffix("s")
    entry: Change = {
        "kind": kind,
        "name": name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    if kind == "feed":
        entry |= {"url": "https://example.org/feed", "fetched_at": "2026-02-02T06:30:00Z"}
    return entry | changes


def manifest(*members: Change, **changes: Any) -> Change:  # noqa: ANN401
    whole = {"version": 1, "made_at": "2026-02-02T06:30:00Z", "program": "forger", "members": list(members)}
    return whole | changes


def pack(
    path: Path,
    told: Change | bytes,
    *entries: Entry,
    compression: Mapping[str, int] | None = None,
    change: Callable[[zipfile.ZipInfo], None] = lambda _: None,
) -> Path:
    """Write a zip with a manifest and members; `change` alters what is said of each member."""
    data = told if isinstance(told, bytes) else json.dumps(told).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (("manifest.json", data), *entries):
            info = zipfile.ZipInfo(name)
            info.compress_type = (compression or {}).get(name, zipfile.ZIP_STORED)
            change(info)
            archive.writestr(info, content)
    return path


def patch_directory(path: Path, name: str, field: int, form: str, value: int) -> None:
    """Overwrite a field of a member's entry in the central directory (APPNOTE.TXT 4.3.12)."""
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\1\2")
    while data[at + 46 : at + 46 + len(name)] != name.encode():
        at = data.index(b"PK\1\2", at + 1)
    struct.pack_into(form, data, at + field, value)
    path.write_bytes(data)


def content_of(bundle: Bundle) -> tuple[object, ...]:
    """Return all that a bundle brings."""
    return (bundle.manifest, *bundle.responses())


def read(path: Path) -> tuple[object, ...]:
    return content_of(read_bundle(path))


def why(path: Path) -> str:
    """Return why a bundle is refused: one clean line that names it."""
    with pytest.raises(BundleError) as caught:
        read_bundle(path)
    line = str(caught.value)
    assert line.isprintable()
    assert str(path) in line
    assert len(line) < 500 + len(str(path))
    return line
