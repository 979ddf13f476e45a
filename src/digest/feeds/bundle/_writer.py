"""Write a bundle: whole or not at all, the same bytes for the same content."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import shutil
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest import __version__
from digest.errors import BundleError
from digest.feeds.bundle._manifest import (
    LARGEST_MANIFEST,
    LONGEST_WORDS,
    MANIFEST,
    VERSION,
    Failure,
    FeedMember,
    Manifest,
    Member,
    ModelMember,
    WheelMember,
    can_be_kept,
    decode,
    encode,
)
from digest.feeds.bundle._strict_zip import CHUNK, LARGEST_RATIO
from digest.feeds.read import without_login
from digest.files import atomic_file
from digest.text.clean import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from digest.feeds.response import FeedResponse

_READABLE_BY_ALL = 0o644  # less the umask: whoever reads it elsewhere is another user
_BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)  # the first date that a zip can say
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """A file of a model: where it is, and what it is called behind `models/`."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class _Source:
    """What becomes a member: bytes in memory, or a file too large for that."""

    member: Member
    content: bytes | Path


def write_bundle(
    path: Path,
    responses: Sequence[FeedResponse],
    *,
    made_at: dt.datetime,
    failures: Sequence[Failure] = (),
    models: Sequence[CarriedFile] = (),
    wheels: Sequence[Path] = (),
    program: str = f"digest {__version__}",
) -> Manifest:
    """Write a bundle to `path`, over an old one.

    Args:
        path: In a folder that exists, on a disk of any kind.
        responses: In the order in which they will be read.
        made_at: Now.
        failures: Feeds that could not be had.
        models: Read twice, a piece at a time.
        wheels: As for models.
        program: Which writes this.

    Raises:
        BundleError: It cannot be written, or something has a name or a size that no bundle carries.
    """
    sources = [_feed(number, response) for number, response in enumerate(responses, 1)]
    for kind, files in (
        (ModelMember, [(model.path, f"models/{model.name}") for model in models]),
        (WheelMember, [(wheel, f"wheels/{wheel.name}") for wheel in wheels]),
    ):
        sources += [_file(file, name, kind) for file, name in sorted(files, key=lambda each: each[1])]
    manifest = Manifest(
        version=VERSION,
        made_at=made_at.astimezone(dt.UTC),
        program=program,
        members=tuple(source.member for source in sources),
        failures=tuple(failures),
    )
    try:
        if len(encoded := encode(manifest)) > LARGEST_MANIFEST:
            raise ValueError(f"its manifest is larger than {LARGEST_MANIFEST // 1024**2} MiB")  # noqa: TRY301
        decode(encoded)  # what the other machine would refuse is not written
    except ValueError as error:
        raise BundleError(f"the bundle {path} cannot be made: {error}", "leave it out or rename it") from None
    _write(path, manifest, sources)
    return manifest


def _feed(number: int, response: FeedResponse) -> _Source:
    member = FeedMember(
        name=f"feeds/{number:04}.xml",
        size=len(response.body),
        sha256=hashlib.sha256(response.body).hexdigest(),
        url=without_login(response.url),
        fetched_at=response.fetched_at.astimezone(dt.UTC),
        headers={name: value for name, value in response.headers.items() if can_be_kept(name, value)},
        problem=clean_text(clean_text(response.problem)[:LONGEST_WORDS]),
    )
    return _Source(member, response.body)


def _file(path: Path, name: str, kind: Callable[..., Member]) -> _Source:
    digest = hashlib.sha256()
    size = 0
    for chunk in _read(path):
        digest.update(chunk)
        size += len(chunk)
    return _Source(kind(name=name, size=size, sha256=digest.hexdigest()), path)


def _read(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise BundleError(f"{path} cannot be read ({error.strerror})", "leave it out") from None


def _write(path: Path, manifest: Manifest, sources: Sequence[_Source]) -> None:
    try:
        if path.is_dir():
            raise BundleError(f"the bundle {path} is a folder", "name a file in it")
        # Feeds are small beside the others, and how well they compress is not known before.
        needed = sum(source.member.size for source in sources if not isinstance(source.content, bytes))
        if (free := shutil.disk_usage(path.parent).free) < needed:
            raise BundleError(
                f"{path.parent} has {free:,} bytes free, and the bundle needs {needed:,}", "free some space"
            )
        with atomic_file(path, mode=_READABLE_BY_ALL) as file, zipfile.ZipFile(file, "w") as archive:
            _put_bytes(archive, MANIFEST, encode(manifest))
            for source in sources:
                if isinstance(source.content, bytes):
                    _put_bytes(archive, source.member.name, source.content)
                else:
                    _put_file(archive, source.member, source.content)
    except OSError as error:
        todo = "name another folder, or make room"
        if error.errno == errno.EFBIG:
            todo = "a FAT disk takes files up to 4 GiB: use another, or carry the models apart"
        raise BundleError(f"the bundle {path} cannot be written ({error.strerror})", todo) from None


def _put_bytes(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    packed = len(zlib.compress(content, _LEVEL))
    # What shrinks as a bomb does would be refused as one.
    worth_it = packed < len(content) <= packed * LARGEST_RATIO // 2
    info = _info(name, len(content), zipfile.ZIP_DEFLATED if worth_it else zipfile.ZIP_STORED)
    archive.writestr(info, content, compresslevel=_LEVEL)


def _put_file(archive: zipfile.ZipFile, member: Member, path: Path) -> None:
    digest = hashlib.sha256()
    with archive.open(_info(member.name, member.size, zipfile.ZIP_STORED), "w") as out:
        for chunk in _read(path):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != member.sha256:
        raise BundleError(f"{path} was written to while it was read", "try again")


def _info(name: str, size: int, compression: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _BEGINNING_OF_TIME)
    info.create_system = 3  # Unix, wherever this runs
    info.external_attr = (0o100000 | _READABLE_BY_ALL) << 16
    info.compress_type = compression
    info.file_size = size
    return info
