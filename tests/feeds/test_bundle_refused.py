from __future__ import annotations

import json
import os
import stat
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digest.feeds.bundle._manifest import MOST_FEED_BYTES, MOST_MEMBERS
from digest.feeds.read import LARGEST_FEED
from forge import FEED, WEIGHTS, honest, listed, manifest, pack, patch_directory, read, why

if TYPE_CHECKING:
    from collections.abc import Callable

F1, F2 = "feeds/0001.xml", "feeds/0002.xml"
GOOD = manifest(listed(F1, FEED), listed("models/w.gguf", WEIGHTS))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "b.zip"


def test_the_forger_can_be_honest_too(path: Path) -> None:
    pack(path, GOOD, (F1, FEED), ("models/w.gguf", WEIGHTS), compression={F1: zipfile.ZIP_DEFLATED})
    (_, feed) = read(path)
    assert getattr(feed, "body", None) == FEED


# --- the file ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: b"", "is not a zip"),
        (lambda _: b"<!doctype html>", "is not a zip"),
        (lambda data: data[:-1], "cut off"),
        (lambda data: data[: len(data) // 2], "cut off"),
        (lambda data: data[:10], "cut off"),
        (lambda data: data + b"\0", "behind its end"),
        (lambda data: data + data, "before its beginning"),
        (lambda data: b"MZ" + data, "is not a zip"),
        (lambda data: b"PK\3\4" + data, "before its beginning"),
        (lambda data: data[:-2] + b"\x01\x00!", "cut off, or something stands behind"),  # a comment
        (lambda data: data.replace(b"PK\1\2", b"PK\1\3", 1), "damaged"),
        (lambda data: data.replace(b"PK\3\4", b"PK\3\5"), "is not a zip"),
    ],
)
def test_a_file_that_is_no_whole_zip(path: Path, change: Callable[[bytes], bytes], words: str) -> None:
    path.write_bytes(change(honest(path).read_bytes()))
    assert words in why(path)


def test_what_is_no_file(path: Path, tmp_path: Path) -> None:
    assert "cannot be read (no such file or directory)" in why(path)
    os.mkfifo(path)
    assert "is not a file" in why(path)
    assert "cannot be read" in why(tmp_path / ("x" * 300))


# --- the members -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"external_attr": (stat.S_IFLNK | 0o777) << 16}, "is a link"),
        ({"external_attr": (stat.S_IFDIR | 0o755) << 16}, "is a folder"),
        ({"external_attr": 0x10}, "is a folder"),
        ({"external_attr": (stat.S_IFIFO | 0o644) << 16}, "is not a plain file"),
        ({"comment": b"psst"}, "has more to it"),
        ({"extra": b"\x75\x70\x05\0\x01abcd"}, "has more to it"),  # another name, in Unicode
        ({"compress_type": zipfile.ZIP_BZIP2}, "in another way"),
        ({"compress_type": zipfile.ZIP_LZMA}, "in another way"),
    ],
)
def test_members_that_are_no_plain_files(path: Path, change: dict[str, Any], words: str) -> None:
    def alter(info: zipfile.ZipInfo) -> None:
        if info.filename == F1:
            for name, value in change.items():
                setattr(info, name, value)

    pack(path, manifest(listed(F1, FEED)), (F1, FEED), change=alter)
    line = why(path)
    assert words in line
    assert F1 in line


@pytest.mark.parametrize(
    "name",
    [
        "../../evil.xml",
        "/etc/passwd",
        "feeds/../0001.xml",
        "feeds\\0001.xml",
        "C:\\evil.xml",
        "feeds/0001.xml\0.gguf",
        "feeds/1.xml",
        "models/../evil.gguf",
        "models//evil.gguf",
        "models/.evil.gguf",
        "models/./evil.gguf",
        "models/evil.gguf ",
        "models/evil.bin",
        "models/evil.py",
        "models/ev\x1b[2Jil.gguf",
        "models/ev\u202eil.gguf",
        "models/~/evil.gguf",
        "models/\u1100\u1161.gguf",  # which some disks would call \uac00.gguf
        "models/" + "x" * 101 + ".gguf",
        "wheels/../evil.whl",
        "wheels/sub/evil.whl",
        "wheels/-evil.whl",
        "wheels/evil.tar.gz",
        "manifest.json",
        "",
    ],
)
@pytest.mark.parametrize("kind", ["feed", "model", "wheel"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_lead_elsewhere(path: Path, tmp_path: Path, name: str, kind: str) -> None:
    told = listed(F1, FEED) | {"name": name, "kind": kind}
    if kind != "feed":
        del told["url"], told["fetched_at"]
    pack(path, manifest(told), (name or "x", FEED))
    why(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_among_the_members(path: Path) -> None:
    pack(path, manifest(listed(F1, FEED)), ("feeds/", b""), (F1, FEED))
    assert "'feeds/' is a folder" in why(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice(path: Path) -> None:
    pack(path, manifest(listed(F1, FEED)), (F1, FEED), (F1, FEED))
    assert "is in it twice" in why(path)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("models/w.gguf", "models/w.gguf"), "twice"),
        (("models/w.gguf", "models/W.GGUF"), "twice"),
        (("models/a.json", "models/a.json/b.json"), "a folder that is a file"),
    ],
)
def test_names_that_are_one_on_some_disks(path: Path, names: tuple[str, ...], words: str) -> None:
    told = manifest(*(listed(name, WEIGHTS) for name in names))
    pack(path, told, *((name, WEIGHTS) for name in dict.fromkeys(names)))
    assert words in why(path)


def test_encrypted_members(path: Path) -> None:
    pack(path, manifest(listed(F1, FEED)), (F1, FEED))
    patch_directory(path, F1, 8, "<H", 0x1)
    assert f"'{F1}' is encrypted" in why(path)


def test_members_that_lie_over_each_other(path: Path) -> None:
    pack(path, manifest(listed(F1, FEED), listed(F2, FEED)), (F1, FEED), (F2, FEED))
    data = path.read_bytes()
    patch_directory(path, F2, 42, "<L", data.index(b"PK\3\4", 4))
    assert "members overlap" in why(path)


def test_bytes_that_hide_between_members_or_before_their_list(path: Path) -> None:
    pack(path, manifest(listed(F1, FEED)), (F1, FEED))
    data = path.read_bytes()
    at = data.index(b"PK\1\2")
    (start,) = struct.unpack_from("<L", data, len(data) - 6)
    path.write_bytes(data[:at] + b"hidden" + data[at:-6] + struct.pack("<L", start + 6) + data[-2:])
    assert "hides between" in why(path)


@pytest.mark.parametrize(("field", "value"), [(8, 0x800), (10, 8), (16, 1), (24, 10**6)])
def test_members_that_are_told_in_two_ways(path: Path, field: int, value: int) -> None:
    pack(path, manifest(listed(F1, FEED)), (F1, FEED))
    patch_directory(path, F1, field, "<H" if field < 16 else "<L", value)
    why(path)


@pytest.mark.parametrize("field", [18, 22])
def test_sizes_that_differ_before_the_member(path: Path, field: int) -> None:
    pack(path, manifest(listed(F1, FEED)), (F1, FEED))
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.index(b"PK\3\4", 4) + field, len(FEED) + 1)
    path.write_bytes(data)
    assert "contradicts itself" in why(path)


def test_too_many_members(path: Path) -> None:
    entries = [(f"feeds/{number:04}.xml", b"") for number in range(MOST_MEMBERS + 2)]
    pack(path, manifest(), *entries)
    assert f"more than {MOST_MEMBERS} members" in why(path)
    pack(path, manifest(*(listed(name, content) for name, content in entries)))
    assert f"more than {MOST_MEMBERS} members" in why(path)


# --- bombs -------------------------------------------------------------------------------------------


def test_a_bomb_by_ratio(path: Path) -> None:
    zeros = bytes(10_000_000)
    pack(path, manifest(listed(F1, zeros)), (F1, zeros), compression={F1: zipfile.ZIP_DEFLATED})
    assert path.stat().st_size < 20_000
    assert "decompression bomb" in why(path)


def test_a_bomb_that_tells_a_small_size(path: Path) -> None:
    zeros = bytes(10_000_000)
    pack(path, manifest(listed(F1, zeros[:100])), (F1, zeros), compression={F1: zipfile.ZIP_DEFLATED})
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, data.index(b"PK\3\4", 4) + 22, 100)
    path.write_bytes(data)
    patch_directory(path, F1, 24, "<L", 100)
    assert f"{F1} is damaged" in why(path)


def test_feeds_that_are_too_large(path: Path) -> None:
    pack(path, manifest(listed(F1, FEED, size=LARGEST_FEED + 1)), (F1, FEED))
    assert "is larger than 64 MiB" in why(path)
    many = [listed(f"feeds/{n:04}.xml", FEED, size=LARGEST_FEED) for n in range(9)]
    pack(path, manifest(*many))
    assert f"larger than {MOST_FEED_BYTES // 1024**2} MiB together" in why(path)


def test_models_and_wheels_that_are_compressed(path: Path) -> None:
    name = "models/w.gguf"
    pack(path, manifest(listed(name, WEIGHTS)), (name, WEIGHTS), compression={name: zipfile.ZIP_DEFLATED})
    assert "only feeds may be" in why(path)


# --- what is fine ------------------------------------------------------------------------------------


def test_the_large_form_of_zip_is_fine(path: Path) -> None:
    told = json.dumps(GOOD).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (("manifest.json", told), (F1, FEED), ("models/w.gguf", WEIGHTS)):
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as out:
                out.write(content)
    data = path.read_bytes()
    body, (count, length, start) = data[:-22], struct.unpack_from("<HLL", data, len(data) - 12)
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(body), 1)
    old = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(body + end + locator + old)
    assert len(read(path)) == 2
    path.write_bytes(body + end[:-8] + struct.pack("<Q", start + 1) + locator + old)
    assert "before its beginning" in why(path)
    path.write_bytes(body + b"PK\6\5" + end[4:] + locator + old)
    assert "damaged at its end" in why(path)


def test_a_feed_may_be_anything_for_what_is_no_feed_is_told_later(path: Path) -> None:
    inner = honest(path).read_bytes()
    assert read(honest(path, inner, b"", b"\0" * 1000))
