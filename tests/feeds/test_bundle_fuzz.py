"""Whatever is done to a bundle's bytes: it is refused by a line, or brings what it always brought."""

from __future__ import annotations

import json
import random
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.errors import BundleError
from digest.feeds.bundle import CarriedFile, write_bundle
from forge import FEED, MONDAY, WEIGHTS, listed, manifest, pack, read, response

if TYPE_CHECKING:
    import pytest

BYTES_CHANGED = 2500
MANIFESTS_CHANGED = 1000
LARGEST_FLIPPED = 3000

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, 2**64, 1e308, "", "\0", "../x", "feeds/0002.xml", "\ud800", "x" * 5000, [], {},
    [[]], {"kind": "feed"}, "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "wheel", "model",
)  # fmt: skip


def small_bundle(folder: Path) -> Path:
    weights = folder / "weights"
    weights.write_bytes(WEIGHTS)
    path = folder / "b.zip"
    feeds = [response(headers={"etag": '"1"'}), response(b"<feed/>" * 40, problem="old")]
    write_bundle(path, feeds, made_at=MONDAY, models=[CarriedFile(weights, "m/w.gguf")], program="digest")
    return path


def outcome(path: Path) -> tuple[object, ...] | None:
    """Return what a bundle brings; None when it is refused, which takes one clean line."""
    try:
        return read(path)
    except BundleError as error:
        line = str(error)
    assert line.isprintable()
    return None


def test_any_flipped_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    path = small_bundle(tmp_path)
    data = bytearray(path.read_bytes())
    honest = outcome(path)
    assert honest is not None
    assert len(data) < LARGEST_FLIPPED
    accepted = 0
    for at in range(len(data)):
        for flip in (0x01, 0xFF):
            data[at] ^= flip
            path.write_bytes(data)
            data[at] ^= flip
            result = outcome(path)
            assert result in (None, honest), f"byte {at} ^ {flip:#x}"
            accepted += result is not None
    # Dates and versions of the zip's members, which nobody reads: 2 x 6 bytes of each of 4 members, and few.
    assert accepted < len(data) * 2 // 10


def test_changed_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = small_bundle(tmp_path)
    data = path.read_bytes()
    honest = outcome(path)
    dice = random.Random(20260202)
    refused = 0
    for _ in range(BYTES_CHANGED):
        path.write_bytes(_changed(data, dice))
        result = outcome(path)
        assert result in (None, honest)
        refused += result is None
    assert refused > BYTES_CHANGED * 8 // 10
    _tell(capsys, f"bundle reader: {BYTES_CHANGED} changed files, {refused} refused, the others harmless")


def test_changed_manifests(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "b.zip"
    dice = random.Random(20260203)
    names = ("feeds/0001.xml", "models/m/w.gguf", "wheels/a-1.0-py3-none-any.whl")
    contents = dict(zip(names, (FEED, WEIGHTS, b"wheel"), strict=True))
    refused = 0
    for _ in range(MANIFESTS_CHANGED):
        told = manifest(*(listed(name, content) for name, content in contents.items()), failures=[])
        for _ in range(dice.randint(1, 3)):
            _change_value(told, dice)
        pack(path, json.dumps(told).encode("utf-8", "surrogatepass"), *contents.items())
        result = outcome(path)
        refused += result is None
    assert refused > MANIFESTS_CHANGED * 8 // 10
    assert [each.name for each in tmp_path.iterdir()] == ["b.zip"]
    _tell(capsys, f"bundle reader: {MANIFESTS_CHANGED} changed manifests, {refused} refused")


def _changed(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 5))):
        at, end = sorted(dice.randrange(len(changed) + 1) for _ in range(2))
        end = min(end, at + dice.choice((1, 4, 30, 500)))
        match dice.randrange(7):
            case 0:
                del changed[at:end]
            case 1:
                changed[at:at] = changed[at:end]
            case 2:
                changed[at:at] = dice.randbytes(dice.randrange(1, 50))
            case 3:
                changed[at:end] = dice.randbytes(end - at)
            case 4:
                del changed[max(1, at) :]
            case 5:
                _overwrite(changed, at, dice.choice(("<H", "<L", "<Q")), dice.choice(EXTREMES))
            case _:  # a field of one of the zip's own records
                starts = [changed.find(sign) for sign in (b"PK\1\2", b"PK\3\4", b"PK\5\6")]
                _overwrite(changed, dice.choice(starts) + dice.randrange(4, 46), "<H", dice.choice(EXTREMES))
        if not changed:
            return b""
    return bytes(changed)


def _overwrite(data: bytearray, at: int, form: str, value: int) -> None:
    size = struct.calcsize(form)
    if 0 <= at <= len(data) - size:
        struct.pack_into(form, data, at, value % 256**size)


def _change_value(told: Any, dice: random.Random) -> None:  # noqa: ANN401
    """Change, remove or add one value anywhere in a tree of lists and objects."""
    places: list[tuple[Any, Any]] = []
    waiting = [told]
    while waiting:
        node = waiting.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node))
        places += [(node, key) for key in keys]
        waiting += [node[key] for key in keys if isinstance(node[key], dict | list)]
    node, key = dice.choice(places)
    match dice.randrange(4):
        case 0:
            del node[key]
        case 1 if isinstance(node, dict):
            node[dice.choice(("more", "kind", "name", "size", "url"))] = dice.choice(ODD_VALUES)
        case _:
            node[key] = dice.choice(ODD_VALUES)


def _tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")
