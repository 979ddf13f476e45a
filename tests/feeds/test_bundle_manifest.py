from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from forge import FEED, listed, manifest, pack, why

F1, F2 = "feeds/0001.xml", "feeds/0002.xml"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "b.zip"


def test_members_that_are_not_listed_and_listed_ones_that_are_missing(path: Path) -> None:
    pack(path, manifest(listed(F1, FEED)), (F1, FEED), (F2, FEED))
    assert f"'{F2}' is in it, and its manifest does not list it" in why(path)
    pack(path, manifest(listed(F1, FEED), listed(F2, FEED)), (F1, FEED))
    assert f"{F2} is missing" in why(path)


def test_members_that_are_not_the_ones_listed(path: Path) -> None:
    pack(path, manifest(listed(F1, FEED)), (F1, FEED[:-1] + b"!"))
    assert "not the file that its manifest lists" in why(path)
    pack(path, manifest(listed(F1, FEED)), (F1, FEED + b"!"))
    assert f"{len(FEED) + 1} bytes instead of {len(FEED)}" in why(path)


def test_a_manifest_that_is_not_first_or_not_there(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(F1, FEED)
        archive.writestr("manifest.json", json.dumps(manifest(listed(F1, FEED))))
    assert "does not begin with manifest.json" in why(path)


def test_a_manifest_without_end(path: Path) -> None:
    words = random.Random(0).randbytes(5 * 1024**2)
    pack(path, words)
    assert "manifest is larger than 4 MiB" in why(path)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (b"", "manifest is damaged"),
        (b"\xff\xfe{}", "manifest is damaged"),
        (b"[]", "manifest is damaged"),
        (b'{"version": 1' + b', "a": ' + b"[" * 100_000, "manifest is damaged"),
        (manifest(version=2), "has version 2, and this program reads version 1"),
        (manifest(version="1"), "manifest is damaged"),
        (manifest(more=1), "manifest is damaged"),
        (manifest(made_at="yesterday"), "manifest is damaged"),
        (manifest(made_at="2026-02-02T06:30:00"), "manifest is damaged"),
        (manifest(made_at="0001-01-01T00:00:00+23:00"), "not in UTC"),
        (manifest(made_at="0001-01-01T00:00:00Z"), "a time in the year 1"),
        (manifest(made_at="2200-01-01T00:00:00Z"), "a time in the year 2200"),
        (manifest(program="\x1b[31mred"), "hide something"),
        (manifest(program="x" * 1001), "manifest is damaged"),
        (manifest(failures=[{"url": "javascript:alert(1)", "error": ""}]), "not the address of a feed"),
        (manifest(failures=[{"url": "https://a.b/", "error": "\u202e"}]), "hide something"),
    ],
)
def test_a_manifest_that_is_none(path: Path, told: Any, words: str) -> None:  # noqa: ANN401
    pack(path, told)
    assert words in why(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": -1}, "manifest is damaged"),
        ({"size": 2**63}, "manifest is damaged"),
        ({"size": 1.5}, "manifest is damaged"),
        ({"sha256": "0" * 63}, "manifest is damaged"),
        ({"sha256": "0" * 64 + "\n"}, "manifest is damaged"),
        ({"kind": "script"}, "manifest is damaged"),
        ({"kind": "model"}, "manifest is damaged"),  # which has no url
        ({"mode": 0o4755}, "manifest is damaged"),
        ({"url": "file:///etc/passwd"}, "not the address of a feed"),
        ({"url": "https://me:secret@example.org/"}, "not the address of a feed"),
        ({"url": "https://example.org/\r\nHost: evil"}, "not the address of a feed"),
        ({"url": "https://example.org/" + "x" * 2100}, "not the address of a feed"),
        ({"fetched_at": "2026-02-02T06:30:00+01:00"}, "not in UTC"),
        ({"headers": {"etag": "a\r\nb: c"}}, "a header that a bundle does not carry"),
        ({"headers": {"set-cookie": "a"}}, "a header that a bundle does not carry"),
        ({"headers": {"\x1b[2J": "a"}}, "a header that a bundle does not carry"),
        ({"headers": {"etag": "a" * 1001}}, "a header that a bundle does not carry"),
        ({"problem": "a\x07b"}, "hide something"),
    ],
)
def test_an_entry_of_the_manifest_that_is_none(path: Path, change: dict[str, Any], words: str) -> None:
    pack(path, manifest(listed(F1, FEED, **change)), (F1, FEED))
    assert words in why(path)
