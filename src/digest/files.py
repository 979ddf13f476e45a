"""Write files whole or not at all, readable by their owner alone."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import time
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

_PART = ".digest-part"

_ABANDONED_S = 24 * 3600
_UNSUPPORTED = (errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


def make_private_folder(folder: Path) -> None:
    """Make `folder` and its parents; only folders made here get mode 0700.

    Raises:
        OSError: As `Path.mkdir` raises it.
    """
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path` by way of a temporary file beside it, fsync and rename.

    A reader of `path` sees the old content or the new, never a part; on any failure the old file
    stays and nothing is left beside it. The new file has mode 0600.

    Raises:
        OSError: The folder is missing or not writable, or the disk is full.
    """
    with atomic_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def atomic_file(path: Path, *, mode: int = PRIVATE_FILE) -> Iterator[BinaryIO]:
    """Open a file that becomes `path` when it is written whole, as `write_atomic` does.

    Needs no chmod, and renaming over a file only where there is one: removable file systems may have
    neither. What a killed process left beside `path` a day ago is removed.

    Args:
        path: In a folder that exists.
        mode: Of the new file, less the umask.

    Raises:
        OSError: The folder is missing or not writable, or the disk is full.
    """
    _remove_abandoned(path.parent)
    temporary = path.parent / f".{secrets.token_hex(8)}{_PART}"
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            _sync(file.fileno())
        _rename_over(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def _remove_abandoned(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for left in folder.glob(f".*{_PART}"):
            if left.stat().st_mtime < time.time() - _ABANDONED_S:
                left.unlink()


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise


def _rename_over(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except OSError as error:
        if error.errno not in (*_UNSUPPORTED, errno.EEXIST) or not path.is_file():
            raise
        path.unlink()  # the new file is whole and on the disk, under its temporary name
        temporary.rename(path)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
