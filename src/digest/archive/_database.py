"""An open SQLite file: private, in WAL mode, up to date, with every write in one transaction."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING

from digest.archive._schema import migrate
from digest.errors import ArchiveError
from digest.files import PRIVATE_FILE, make_private_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BUSY_TIMEOUT_S = 10.0


def _make_private(path: Path) -> None:
    """Take from others what a copy or a restored backup gave them; SQLite's companions follow the file."""
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if file.exists() and file.stat().st_mode & ~PRIVATE_FILE & 0o777:
            file.chmod(PRIVATE_FILE)


class Database:
    """The connection behind an archive; arguments and errors are those of `Archive`."""

    def __init__(self, path: Path, on_write_error: Callable[[ArchiveError], None] | None) -> None:
        self.path = path
        self._on_write_error = on_write_error
        try:
            make_private_folder(path.parent)
            with contextlib.suppress(FileExistsError):  # private from its first byte
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE))
            with contextlib.suppress(OSError):  # another's, or on a disk without modes
                _make_private(path)
        except OSError as error:
            raise ArchiveError(
                f"the archive {path} cannot be made ({error.strerror})", "name another with --archive"
            ) from None
        try:
            self.connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = NORMAL")
            migrate(self.connection, path)
        except sqlite3.DatabaseError as error:
            raise ArchiveError(
                f"the archive {path} cannot be opened ({error})", "name another with --archive"
            ) from None

    def write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Do `work` in one transaction.

        Raises:
            ArchiveError: It cannot be written, and nobody else wants to know.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                work(self.connection)
                self.connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            failure = ArchiveError(
                f"the archive {self.path} cannot be written ({error})",
                "free some space, or name another with --archive",
            )
            if self._on_write_error is None:
                raise failure from None
            self._on_write_error(failure)
