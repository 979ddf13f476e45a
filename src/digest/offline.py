"""The network guard: what it watches may not open a connection or start another program.

A Python audit hook (PEP 578) cannot be taken away again by the code that it watches. It sees what
Python code does, also in libraries, not what C code does by itself: for that, see `namespace`.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from digest import namespace
from digest.errors import OfflineError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

# Every switch that the dependencies of constraints.txt have, and those of what they may bring with them.
HUB_VARIABLES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_XET": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}

_LOOK_UPS = frozenset(
    {
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
        "urllib.Request",
        "http.client.connect",
    }
)
_SENDING = frozenset({"socket.bind", "socket.connect", "socket.sendto", "socket.sendmsg"})
_PROGRAMS = frozenset({"os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn", "os.startfile"})
# Hooks watch one interpreter: another in the same process would be unwatched.
_INTERPRETER = "cpython.PyInterpreterState_New"
# `multiprocessing` starts Python without an event of its own; this one is ours.
_SPAWN = "digest.spawn"
_WATCHED = _LOOK_UPS | _SENDING | _PROGRAMS | {"socket.__new__", "subprocess.Popen", _INTERPRETER, _SPAWN}

# What the standard library asks about this machine (`platform`, `ctypes.util`); they can send nothing.
_HARMLESS = frozenset({"uname", "sysctl", "ldconfig", "/sbin/ldconfig", "/usr/sbin/sysctl"})
# Keeps count of semaphores for `multiprocessing`; tqdm needs it where processes are not forked.
_TRACKER = re.compile(
    r"from (multiprocessing|joblib\.externals\.loky\.backend)\.resource_tracker"
    r" import main; ?main\(\d+(, \w+)?\)"
)
_OWN = ["-P", "-m"]
_LONGEST = 200
_DEEPEST = 8
_AF_UNIX = 1
_HERE = os.path.abspath(__file__)  # noqa: PTH100 - as frames name it
_STANDARD = os.path.dirname(os.__file__)  # noqa: PTH120 - the same


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that was refused, and who asked for it.

    Attributes:
        what: What was asked for, one line.
        stack: Who asked: `file:line in function`, the caller nearest to it first.
    """

    what: str
    stack: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what} was refused, asked for by {self.stack[0] if self.stack else 'nobody known'}"


_refusals: list[Refusal] = []
_active: list[bool] = []


def silence_hubs() -> None:
    """Switch off model hubs and telemetry, for this process and its children; before they are imported."""
    os.environ.update(HUB_VARIABLES)


def is_forbidden() -> bool:
    """Say whether the guard watches this process."""
    return bool(_active)


def forbid_network() -> None:
    """Make every attempt to reach the network, or to start a program that might, raise `OfflineError`.

    Until this process ends. Allowed stay sockets of this machine's own (AF_UNIX), and `digest`'s own
    processes. Each refusal is also remembered, for libraries swallow exceptions.
    """
    silence_hubs()
    if not _active:
        _active.append(True)
        _announce_spawns()
        sys.addaudithook(_refuse)


def close() -> str | None:
    """Guard this process, and move it into an empty network namespace; return why it is in none, or None."""
    forbid_network()
    return namespace.enter()


def refusals() -> tuple[Refusal, ...]:
    """Return what was refused so far, in this process and in those that told it."""
    return tuple(_refusals)


def take_refusals() -> tuple[Refusal, ...]:
    """Return what was refused since this was last asked, and forget it."""
    taken = tuple(_refusals)
    _refusals.clear()
    return taken


def remember(refusal: Refusal) -> None:
    """Keep what another process of ours refused."""
    _refusals.append(refusal)


def _announce_spawns() -> None:
    """Give the one way to start a program that Python does not announce an event of its own."""
    # Imported before it is changed: subprocess keeps the plain one, for it has an event.
    import subprocess  # noqa: F401

    try:
        import _posixsubprocess
    except ImportError:  # Windows has none
        return
    module: Any = _posixsubprocess
    fork_exec = module.fork_exec

    def announced(arguments: Sequence[str | bytes], *others: Any) -> int:  # noqa: ANN401 - private to Python
        sys.audit(_SPAWN, [os.fsdecode(word) for word in arguments])
        return int(fork_exec(arguments, *others))

    module.fork_exec = announced


def _refuse(event: str, args: tuple[object, ...]) -> None:
    if event not in _WATCHED or (what := _asked(event, args)) is None:
        return
    refusal = Refusal(what, _stack(sys._getframe(1)))  # noqa: SLF001 - the only way to a caller's frame
    _refusals.append(refusal)
    raise OfflineError(str(refusal), "report it to whoever made that; nothing of digest should ask")


def _asked(event: str, args: tuple[object, ...]) -> str | None:
    """Say what an event asks for; None when it may."""
    if event == "socket.__new__":
        return None if args[1] == _AF_UNIX else "a socket"
    if event in _SENDING:
        if getattr(args[0], "family", None) == _AF_UNIX:
            return None
        return f"{event.partition('.')[2]} {_short(args[1])}"
    if event in _LOOK_UPS:
        return f"{event.rpartition('.')[2]} {_short(args[1 if event == 'http.client.connect' else 0])}"
    return "another interpreter" if event == _INTERPRETER else _asked_program(event, args)


def _asked_program(event: str, args: tuple[object, ...]) -> str | None:
    is_popen = event == "subprocess.Popen"
    if (is_popen and _is_harmless(args[0], args[1])) or (event == _SPAWN and _is_tracker(args[0])):
        return None
    return f"the program {_short(args[1] if is_popen else args[0])}"


def _is_harmless(program: object, command: object) -> bool:
    """Say whether a process may be started: an allowlist, for nobody knows every program that sends."""
    if not isinstance(command, list | tuple):
        return False
    words = [os.fsdecode(word) for word in command if isinstance(word, str | bytes | os.PathLike)]
    if str(program) == sys.executable and words[1:3] == _OWN:
        module = (words[3:4] or [""])[0]
        # pip may look into a folder.
        if module == "pip":
            return "--no-index" in words and not any("://" in word for word in words)
        return module.split(".")[0] == "digest"
    return str(program) in _HARMLESS


def _is_tracker(command: object) -> bool:
    if not isinstance(command, list) or command[:1] != [sys.executable] or command[-2:-1] != ["-c"]:
        return False
    return bool(_TRACKER.fullmatch(command[-1]))


def _short(value: object) -> str:
    words = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "".join(letter if letter.isprintable() else " " for letter in words)[:_LONGEST]


def _stack(frame: FrameType | None) -> tuple[str, ...]:
    """Return the callers but for Python's own library, nearest first."""
    found: list[str] = []
    while frame is not None and len(found) < _DEEPEST:
        name = frame.f_code.co_filename
        if name != _HERE and not _is_standard(name):
            found.append(f"{_short(name)}:{frame.f_lineno} in {frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(found)


def _is_standard(name: str) -> bool:
    return name.startswith("<frozen ") or (
        name.startswith(_STANDARD) and "site-packages" not in name and "dist-packages" not in name
    )


def told(refused: Sequence[Refusal]) -> list[str]:
    """Return lines for a reader: each refusal with its stack, each once."""
    lines = []
    for refusal in dict.fromkeys(refused):
        lines.append(f"refused: {refusal.what}")
        lines += [
            f"  {'asked by' if number == 0 else 'from'} {frame}" for number, frame in enumerate(refusal.stack)
        ]
    return lines
