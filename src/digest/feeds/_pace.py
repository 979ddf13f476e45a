"""Ask one site at a time, with pauses between, across all processes of this user.

arXiv's terms: one request at a time, at least three seconds apart
(https://info.arxiv.org/help/api/tou.html). A file for each site is locked while a request runs, and holds
when the last one ended and until when the site asked to be left alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from digest.files import PRIVATE_FILE, make_private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTERVAL_S = 3.0
LONGEST_LOCK_S = 300.0  # longer than a request may take: whoever holds a lock so long hangs
LONGEST_REST_S = 24 * 3600.0
_POLL_S = 0.2


def pace_folder() -> Path:
    """Return where the files of this user are."""
    from platformdirs import user_cache_path

    return user_cache_path("digest") / "pace"


def forget_sites(folder: Path) -> None:
    """Remove what is remembered of sites: the files' names say which were asked."""
    for file in folder.glob("*.pace"):
        with contextlib.suppress(OSError):
            file.unlink()


class _Times(msgspec.Struct):
    """Seconds since 1970."""

    last: float = 0.0
    not_before: float = 0.0


class Pace:
    """Turns at asking sites.

    Args:
        folder: Where the files are; None keeps the pace in this process alone.
        interval_s: Between the end of a request and the start of the next one to the same site.
        sleep: Waits that many seconds.
        now: Seconds since 1970.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        interval_s: float = INTERVAL_S,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._interval_s = interval_s
        self._sleep = sleep
        self._now = now
        self._own: dict[str, _Times] = {}

    @contextlib.contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for a turn and keep it while the body runs."""
        site = _site(host)
        with self._locked(site) as file:
            last = self._read(site, file).last
            # The clock may have been set back since: never wait longer than the interval.
            if (pause := min(self._interval_s, last + self._interval_s - self._now())) > 0:
                self._sleep(pause)
            try:
                yield
            finally:
                times = self._read(site, file)
                times.last = self._now()
                self._write(site, file, times)

    def rest_s(self, host: str) -> float:
        """Return for how many seconds a site has asked not to be asked; 0 when it has not."""
        with self._opened(_site(host)) as file:
            rest = self._read(_site(host), file).not_before - self._now()
        return rest if 0 < rest <= LONGEST_REST_S else 0.0

    def rest(self, host: str, seconds: float) -> None:
        """Remember that a site asked not to be asked for so long."""
        site = _site(host)
        with self._locked(site) as file:
            times = self._read(site, file)
            times.not_before = self._now() + min(seconds, LONGEST_REST_S)
            self._write(site, file, times)

    @contextlib.contextmanager
    def _opened(self, site: str) -> Iterator[int | None]:
        """Open a site's file; None where files cannot be made."""
        descriptor = None
        if self._folder is not None:
            with contextlib.suppress(OSError):
                make_private_folder(self._folder)
                descriptor = os.open(self._folder / f"{site}.pace", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        try:
            yield descriptor
        finally:
            if descriptor is not None:
                os.close(descriptor)  # and with it goes the lock

    @contextlib.contextmanager
    def _locked(self, site: str) -> Iterator[int | None]:
        with self._opened(site) as file:
            waited = 0.0
            while file is not None and not _try_lock(file) and waited < LONGEST_LOCK_S:
                self._sleep(_POLL_S)
                waited += _POLL_S
            yield file

    def _read(self, site: str, file: int | None) -> _Times:
        if file is None:
            return self._own.get(site, _Times())
        try:
            os.lseek(file, 0, os.SEEK_SET)
            return msgspec.json.decode(os.read(file, 1000), type=_Times)
        except (OSError, msgspec.MsgspecError):
            return _Times()

    def _write(self, site: str, file: int | None, times: _Times) -> None:
        self._own[site] = times
        if file is not None:
            data = msgspec.json.encode(times)
            with contextlib.suppress(OSError):
                os.lseek(file, 0, os.SEEK_SET)
                os.write(file, data)
                os.ftruncate(file, len(data))


def _site(host: str) -> str:
    """Return what shares one pace: all hosts of arXiv, else the host; fit for a file name."""
    host = host.lower().rstrip(".")
    if host == "arxiv.org" or host.endswith(".arxiv.org"):
        return "arxiv.org"
    return re.sub(r"[^a-z0-9.-]", "_", host)[:120].lstrip(".") or "_"


def _try_lock(file: int) -> bool:
    """Lock an open file if nobody else has; where there are no such locks, always succeed."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True
