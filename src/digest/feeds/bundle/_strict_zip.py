"""Read a zip strictly: every byte of the file belongs to one plain member, or it is refused.

A zip has two lists of its members, may begin and end anywhere, and may overlap itself (D. Fifield, A
better zip bomb, WOOT 2019): readers differ in what they see. Here the members lie one behind the other
from the first byte to the central directory, both lists say the same, and nothing follows the end.
"""

from __future__ import annotations

import contextlib
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from digest.errors import BundleError
from digest.feeds.bundle._manifest import MOST_MEMBERS, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK = 1 << 20
LARGEST_RATIO = 200
"""Of a member's bytes to its compressed ones; a feed of real papers stays below 20."""
LARGEST_DIRECTORY = 2 * 1024**2  # bytes

# APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.14, 4.3.15 and 4.3.16, without the variable fields.
_LOCAL = struct.Struct("<4s5H3L2H")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_SIZES_64 = struct.Struct("<2H2Q")
_IN_EXTRA = 0xFFFFFFFF
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF_8 = 0x800
_DOS_FOLDER = 0x10

_DAMAGED = (
    zipfile.BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What zipfile raises for what is no zip, or a strange one."""


def refusal(path: Path, why: str, todo: str = "copy it again from where it was made") -> BundleError:
    """Return the error that says why a bundle is refused."""
    return BundleError(f"the bundle {path} is refused: {why}", todo)


@dataclass(frozen=True, slots=True)
class StrictZip:
    """An open zip whose members are plain, and lie where they say."""

    path: Path
    archive: zipfile.ZipFile

    def members(self) -> dict[str, zipfile.ZipInfo]:
        """Return the members by name, in the file's order."""
        return {info.filename: info for info in self.archive.infolist()}

    def chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """Yield a member's bytes, at most `CHUNK` at once.

        Raises:
            BundleError: They are damaged, or cannot be read.
        """
        try:
            with self.archive.open(info) as member:
                while chunk := member.read(CHUNK):
                    yield chunk
        except OSError as error:
            raise _unreadable(self.path, error) from None
        except _DAMAGED:
            raise refusal(self.path, f"{shown(info.filename)} is damaged") from None


@contextlib.contextmanager
def open_zip(path: Path) -> Iterator[StrictZip]:
    """Open a zip after its structure was checked; what its members hold is not.

    Raises:
        BundleError: It is not a zip as digest writes them, or cannot be read.
    """
    with contextlib.ExitStack() as stack:
        try:
            # Not a pipe or a device: those cannot be gone through twice, and may never end.
            if path.exists() and not path.is_file():
                raise BundleError(f"the bundle {path} is not a file", "name a file")
            file = stack.enter_context(path.open("rb"))
            directory_at, count = _read_end(path, file)
            archive = stack.enter_context(zipfile.ZipFile(file))
            if len(archive.infolist()) != count:
                raise refusal(path, "its parts contradict each other")
            _check_layout(path, file, archive.infolist(), directory_at)
        except OSError as error:
            raise _unreadable(path, error) from None
        except _DAMAGED as error:
            raise refusal(path, f"it is damaged ({shown(str(error)) or type(error).__name__})") from None
        yield StrictZip(path, archive)


def _unreadable(path: Path, error: OSError) -> BundleError:
    reason = (error.strerror or type(error).__name__).lower()
    return BundleError(f"the bundle {path} cannot be read ({reason})", "check its name and permissions")


def _read_end(path: Path, file: BinaryIO) -> tuple[int, int]:
    """Return where the central directory begins, and how many members it lists.

    zipfile would look for the end anywhere in the last 64 KiB, and read a directory of any size.
    """
    size = file.seek(0, 2)
    file.seek(0)
    if not file.read(4).startswith(b"PK\3\4"):
        raise refusal(path, "it is not a zip", "name a file that `digest fetch --bundle` wrote")
    file.seek(max(0, size - _END.size))
    tail = file.read(_END.size)
    if len(tail) < _END.size or not tail.startswith(b"PK\5\6") or tail[-2:] != b"\0\0":
        raise refusal(path, "it is cut off, or something stands behind its end")
    _, _, _, _, count, length, start, _ = _END.unpack(tail)
    end = size - _END.size
    wide = end - _LOCATOR_64.size - _END_64.size
    if wide >= 0:
        file.seek(wide)
        record = file.read(_END_64.size)
        if file.read(4) == b"PK\6\7":
            signature, _, _, _, _, _, _, count, length, start = _END_64.unpack(record)
            if signature != b"PK\6\6":
                raise refusal(path, "it is damaged at its end")
            end = wide
    if start + length != end:
        raise refusal(path, "it is cut off, or something stands before its beginning")
    if count > MOST_MEMBERS + 1 or length > LARGEST_DIRECTORY:
        raise refusal(path, f"it has more than {MOST_MEMBERS} members")
    return start, count


def _check_layout(path: Path, file: BinaryIO, infos: list[zipfile.ZipInfo], directory_at: int) -> None:
    seen: set[str] = set()
    here = 0
    for info in infos:
        name = shown(info.orig_filename)
        if why := _oddity(info):
            raise refusal(path, f"{name!r} {why}")
        if info.filename in seen:
            raise refusal(path, f"{name!r} is in it twice")
        seen.add(info.filename)
        if info.header_offset != here:
            raise refusal(path, f"{name!r} does not lie where it should: members overlap, or hide something")
        here = _end_of(path, file, info)
    if here != directory_at:
        raise refusal(path, "something hides between its members and their list")


def _oddity(info: zipfile.ZipInfo) -> str:
    """Say what a member is instead of a plain file; nothing when all is well."""
    mode = info.external_attr >> 16
    stored = info.compress_type == zipfile.ZIP_STORED
    oddities = {
        "is encrypted": info.flag_bits & _ENCRYPTED,
        "is a link": stat.S_ISLNK(mode),
        "is a folder": info.is_dir() or stat.S_ISDIR(mode) or info.external_attr & _DOS_FOLDER,
        "is not a plain file": stat.S_IFMT(mode) not in (0, stat.S_IFREG),
        "is packed in another way than digest packs": info.flag_bits & ~_UTF_8
        or info.orig_filename != info.filename
        or not (stored or info.compress_type == zipfile.ZIP_DEFLATED),
        "has two sizes": stored and info.compress_size != info.file_size,
        f"would grow more than {LARGEST_RATIO} times, as a decompression bomb does": (
            info.file_size > LARGEST_RATIO * max(1, info.compress_size)
        ),
        "has more to it than its content": info.comment or (info.extra and info.extra[:2] != b"\1\0"),
    }
    return next((why for why, holds in oddities.items() if holds), "")


def _end_of(path: Path, file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Return where a member's data end, after its own header was compared with the directory's entry."""
    file.seek(info.header_offset)
    signature, _, flags, method, _, _, crc, compressed, size, name_length, extra_length = _LOCAL.unpack(
        file.read(_LOCAL.size)
    )
    name = file.read(name_length)
    extra = file.read(extra_length)
    sizes = (info.compress_size, info.file_size)
    if (compressed, size) == (_IN_EXTRA, _IN_EXTRA) and extra:
        same_sizes = extra == _SIZES_64.pack(1, 16, info.file_size, info.compress_size)
    else:
        same_sizes = (compressed, size) == sizes and not extra
    same_name = name == info.orig_filename.encode("utf-8" if flags & _UTF_8 else "cp437")
    told = (b"PK\3\4", info.flag_bits, info.compress_type, info.CRC)
    if (signature, flags, method, crc) != told or not same_sizes or not same_name:
        raise refusal(path, f"{shown(info.orig_filename)!r} contradicts itself")
    return int(info.header_offset + _LOCAL.size + name_length + extra_length + info.compress_size)
