"""Read a bundle: nothing of it is used before all of it was found to be as its manifest says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from digest.errors import BundleError, FeedError
from digest.feeds.bundle._manifest import (
    LARGEST_MANIFEST,
    MANIFEST,
    FeedMember,
    Manifest,
    Member,
    ModelMember,
    WheelMember,
    decode,
    shown,
)
from digest.feeds.bundle._strict_zip import StrictZip, open_zip, refusal
from digest.feeds.response import FeedResponse

if TYPE_CHECKING:
    import datetime as dt
    import zipfile
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle. It stays on the disk: what is taken out is checked once more on its way."""

    path: Path
    manifest: Manifest

    @property
    def made_at(self) -> dt.datetime:
        """When it was written, UTC."""
        return self.manifest.made_at

    @property
    def feeds(self) -> tuple[FeedMember, ...]:
        """What it carries of feeds."""
        return tuple(each for each in self.manifest.members if isinstance(each, FeedMember))

    @property
    def models(self) -> tuple[ModelMember, ...]:
        """What it carries of models, file by file."""
        return tuple(each for each in self.manifest.members if isinstance(each, ModelMember))

    @property
    def wheels(self) -> tuple[WheelMember, ...]:
        """What it carries of wheels."""
        return tuple(each for each in self.manifest.members if isinstance(each, WheelMember))

    def responses(self) -> Iterator[FeedResponse]:
        """Yield the feeds as they were received, one in memory at a time.

        Raises:
            BundleError: The file has changed since it was verified.
        """
        with open_zip(self.path) as opened:
            infos = opened.members()
            for feed in self.feeds:
                body = b"".join(_checked(opened, infos.get(feed.name), feed))
                yield FeedResponse(feed.url, body, feed.fetched_at, feed.headers, feed.problem)

    def copy(self, member: Member, out: BinaryIO) -> None:
        """Write a member's bytes to `out`.

        Raises:
            BundleError: The file has changed since it was verified; `out` must not be used.
            OSError: `out` cannot be written.
        """
        with open_zip(self.path) as opened:
            out.writelines(_checked(opened, opened.members().get(member.name), member))


def read_bundle(path: Path) -> Bundle:
    """Verify a bundle, every byte of it.

    Raises:
        BundleError: It is not exactly what its manifest lists, or cannot be read.
    """
    with open_zip(path) as opened:
        infos = opened.members()
        manifest = _read_manifest(opened, infos)
        for member in manifest.members:
            for _ in _checked(opened, infos[member.name], member):
                pass
    return Bundle(path, manifest)


def find_bundles(named: Iterable[Path]) -> tuple[Path, ...]:
    """Return the bundles that files and folders name, each once; of a folder all that end in `.zip`.

    Raises:
        BundleError: A folder holds none, or cannot be read.
    """
    found: list[Path] = []
    for path in named:
        try:
            if not path.is_dir():
                found.append(path)
                continue
            inside = sorted(
                # macOS leaves `._NAME` beside every file on a removable disk.
                each
                for each in path.iterdir()
                if each.suffix.lower() == ".zip" and each.name[0] != "."
            )
        except OSError as error:
            raise BundleError(f"{path} cannot be read ({error.strerror})", "check its name") from None
        if not inside:
            raise BundleError(f"the folder {path} holds no bundle (*.zip)", "name the bundle's file")
        found += inside
    return tuple({path.resolve(): path for path in found}.values())


def read_bundles(named: Iterable[Path]) -> tuple[Bundle, ...]:
    """Verify bundles, all before any is used; the one that was made first comes first.

    Raises:
        BundleError: One is refused.
    """
    bundles = [read_bundle(path) for path in find_bundles(named)]
    return tuple(sorted(bundles, key=lambda bundle: bundle.made_at))


def carried_feeds(bundles: Sequence[Bundle]) -> Iterator[tuple[str, FeedResponse | FeedError]]:
    """Yield the feeds of bundles by their addresses, and errors for those that could not be fetched."""
    for bundle in bundles:
        for response in bundle.responses():
            yield response.url, response
        for failure in bundle.manifest.failures:
            when = f"when its bundle was made ({bundle.made_at:%Y-%m-%d})"
            yield failure.url, FeedError(f"{failure.url} {failure.error} {when}")


def _read_manifest(opened: StrictZip, infos: dict[str, zipfile.ZipInfo]) -> Manifest:
    first = next(iter(infos.values()), None)
    if first is None or first.filename != MANIFEST:
        todo = "name a file that `digest fetch --bundle` wrote"
        raise refusal(opened.path, f"it does not begin with {MANIFEST}", todo)
    if first.file_size > LARGEST_MANIFEST:
        raise refusal(opened.path, f"its manifest is larger than {LARGEST_MANIFEST // 1024**2} MiB")
    try:
        manifest = decode(b"".join(opened.chunks(first)))
    except ValueError as error:
        raise refusal(opened.path, str(error)) from None
    listed = {member.name for member in manifest.members}
    if unlisted := [name for name in infos if name != MANIFEST and name not in listed]:
        raise refusal(opened.path, f"{shown(unlisted[0])!r} is in it, and its manifest does not list it")
    for member in manifest.members:
        _match(opened.path, infos.get(member.name), member)
    return manifest


def _match(path: Path, info: zipfile.ZipInfo | None, member: Member) -> zipfile.ZipInfo:
    """Compare what both lists say of a member, before a byte of it is read."""
    if info is None:
        raise refusal(path, f"{member.name} is missing")
    if info.file_size != member.size:
        raise refusal(path, f"{member.name} has {info.file_size:,} bytes instead of {member.size:,}")
    if not isinstance(member, FeedMember) and info.compress_size != info.file_size:
        raise refusal(path, f"{member.name} is compressed, and only feeds may be")
    return info


def _checked(opened: StrictZip, info: zipfile.ZipInfo | None, member: Member) -> Iterator[bytes]:
    """Yield a member's bytes; they are as listed if this ends without an error."""
    digest = hashlib.sha256()
    for chunk in opened.chunks(_match(opened.path, info, member)):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != member.sha256:
        raise refusal(opened.path, f"{member.name} is not the file that its manifest lists (sha256)")
