"""llama.cpp in a child process: an abort, a segfault or a full memory ends that child, never the run.

Parent and child speak JSON lines. The child (`python -m digest.summarize`) reads one `Load`, then
`Request`s; it answers `Loaded` or `Refused`, then events and a `Finished` for each request. It ends
when its parent does.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import IO, TYPE_CHECKING, NoReturn

import msgspec

from digest import offline
from digest.errors import ModelError
from digest.summarize.language_model import (
    Event,
    Failed,
    ModelDiedError,
    Notice,
    Progress,
    Request,
    Skipped,
    Started,
    TextPiece,
    Written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SILENCE_S = 900.0
"""A child that says nothing for so long hangs, and is ended (seconds)."""

_JOIN_S = 2.0
_KEPT_STDERR = 4000


class Load(msgspec.Struct, frozen=True, tag="load"):
    """What the child is started for; `threads` 0 means all that it may use, `gpu_layers` None all."""

    path: str
    threads: int = 0
    gpu_layers: int | None = None


class Loaded(msgspec.Struct, frozen=True, tag="loaded"):
    """The model is ready."""


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The model or the request cannot be used; the words are for the reader."""

    what: str
    todo: str


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """Every job of the request has ended."""


class Forbidden(msgspec.Struct, frozen=True, tag="forbidden"):
    """Something in the child asked for the network: an `offline.Refusal`."""

    what: str
    stack: tuple[str, ...]


Reply = Notice | Started | Progress | TextPiece | Written | Skipped | Failed | Loaded | Refused | Finished


class _Child:
    """One living child: its process, and its replies as they come."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "digest.summarize"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is the parent's to handle
            # Else llama.cpp sets a debugger on itself when it aborts, which may take minutes.
            env={**os.environ, "GGML_NO_BACKTRACE": "1"},
        )
        self.replies: queue.Queue[bytes] = queue.Queue()
        self.last_words = bytearray()
        self.loaded = False
        self._threads = [
            threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True),
            threading.Thread(target=self._keep, args=(self.process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed under us: the child was ended
            for line in pipe:
                self.replies.put(line)
        self.replies.put(b"")

    def _keep(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in pipe:
                self.last_words += line
                del self.last_words[:-_KEPT_STDERR]

    def send(self, message: msgspec.Struct) -> None:
        # A child that has died is noticed when its replies end.
        with contextlib.suppress(BrokenPipeError):
            pipe = self.process.stdin
            if pipe is not None:
                pipe.write(msgspec.json.encode(message) + b"\n")
                pipe.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(_JOIN_S)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def cause_of_death(self) -> str:
        """Say how the process ended: its signal, or the last line it wrote."""
        try:
            status = self.process.wait(_JOIN_S)
        except subprocess.TimeoutExpired:  # it said its last and does not end
            self.process.kill()
            status = self.process.wait()
        if status == -signal.SIGKILL:
            return "it was killed, perhaps because memory ran out"
        if status < 0:
            return f"it was ended by {signal.Signals(-status).name}"
        lines = self.last_words.decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip()[:300] if lines else f"it ended with status {status}"


def _less(request: Request, seconds: float) -> Request:
    """Return the request with so much less time."""
    if request.budget_s is None:
        return request
    return msgspec.structs.replace(request, budget_s=max(0.0, request.budget_s - seconds))


def _identity(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file is replaced or written to; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


class WorkerModel:
    """A `LanguageModel` that runs in a child process, started on first use.

    Args:
        path: A GGUF file.
        threads: 0 means all that this process may use.
        gpu_layers: None means all, where the build can.
        silence_s: Longest silence of a living child (seconds).
    """

    def __init__(
        self, path: Path, *, threads: int = 0, gpu_layers: int | None = None, silence_s: float = SILENCE_S
    ) -> None:
        self.path = path
        self._load = Load(str(path), threads, gpu_layers)
        self._silence_s = silence_s
        self._child: _Child | None = None
        self._file = _identity(path)

    def start(self) -> None:
        """Begin to load the model without waiting for it; calling it twice is harmless.

        Raises:
            ModelError: The file is another one than when this worker was made: what it would write must
                not be taken for the words of the model that was named.
        """
        if self._child is None:
            self._check_file()
            self._child = _Child()
            self._child.send(self._load)

    def _check_file(self) -> None:
        if _identity(self.path) != self._file:
            raise ModelError(
                f"the model file {self.path.name} was replaced while it was in use",
                "run again: what was finished is kept",
            )

    def _refuse_overwritten(self) -> None:
        """Raise when the file was written to in its place: the child reads it still, and not as it was."""
        now = _identity(self.path)
        if now and self._file and now[0] == self._file[0] and now != self._file:
            raise ModelDiedError(f"the model file {self.path.name} was changed while it was in use")

    def generate(self, request: Request) -> Iterator[Event]:
        """Yield events until every job has ended; see `LanguageModel.generate`."""
        if not request.jobs:
            return
        self.start()
        child = self._child
        if child is None:  # pragma: no cover - start() has just set it
            return
        started_at = time.monotonic()
        finished = False
        try:
            if child.loaded:
                child.send(request)
            for reply in self._listen(child):
                match reply:
                    case Loaded():
                        self._check_file()
                        child.loaded = True
                        # Only now, for a child that hangs while it loads would read nothing.
                        child.send(_less(request, time.monotonic() - started_at))
                    case Refused(what, todo):
                        raise ModelError(what, todo)
                    case Finished():
                        finished = True
                        return
                    case _:
                        if isinstance(reply, Written):
                            self._refuse_overwritten()
                        yield reply
        finally:
            if not finished:  # a child in the middle of something is of no more use
                self.close()

    def _listen(self, child: _Child) -> Iterator[Reply]:
        decoder = msgspec.json.Decoder(Reply | Forbidden)
        while True:
            try:
                line = child.replies.get(timeout=self._silence_s)
            except queue.Empty:
                raise ModelDiedError(f"the model said nothing for {self._silence_s:.0f} s") from None
            if not line:
                self._mourn(child)
            reply = decoder.decode(line)
            if isinstance(reply, Forbidden):
                offline.remember(offline.Refusal(reply.what, reply.stack))
            else:
                yield reply

    def _mourn(self, child: _Child) -> NoReturn:
        cause = child.cause_of_death()
        if child.loaded:
            raise ModelDiedError(f"the model's process died: {cause}")
        raise ModelError(
            f"the process that loads {self.path.name} died: {cause}",
            "check the file with `digest models verify`, or take a smaller model",
        )

    def close(self) -> None:
        """End the child, whatever it is doing."""
        child, self._child = self._child, None
        if child is not None:
            child.end()
