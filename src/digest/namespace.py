"""An empty network namespace: the kernel itself leaves this process nothing to reach (Linux).

Entering cannot be undone, and holds for every thread and child that comes after.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_CAPABILITY_VERSION_3 = 0x20080522
_THREADS = Path("/proc/self/task")
_INTERFACES = Path("/proc/self/net/dev")
_HEADER_LINES = 2
# Tunnels that the kernel puts into every namespace when their modules are loaded: down, and without
# another interface to go through (Documentation/admin-guide/sysctl/net.rst, fb_tunnels_only_for_init_net).
_ALWAYS_THERE = frozenset(
    {
        *("lo", "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0"),
        *("sit0", "ip6tnl0", "ip6gre0", "ip6_vti0"),
    }
)


def is_empty() -> bool:
    """Say whether this process sees no interface that leads anywhere; False where nobody can tell."""
    try:
        lines = _INTERFACES.read_text("ascii").splitlines()[_HEADER_LINES:]
    except OSError:
        return False
    return {line.partition(":")[0].strip() for line in lines} <= _ALWAYS_THERE


def enter() -> str | None:
    """Move this process into an empty network namespace; call it before any thread starts.

    Files, their owners and locks, and sockets of this machine's own stay as they are. Whatever
    privilege the move needs is given up again.

    Returns:
        None when the process is in one, also when it was before; else why not, in a few words.
    """
    if sys.platform != "linux":
        return "only Linux has them"
    if is_empty():
        return None
    if len(list(_THREADS.iterdir())) > 1:
        return "threads were running already"
    # Half an entry cannot be taken back (a user namespace without a mapping owns nothing), so a
    # process of no value tries first.
    if reason := _in_another_process():
        return reason
    return _enter()


def _in_another_process() -> str | None:
    """Try to enter in a fork; return why it failed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - coverage ends with a fork that leaves by _exit
        status = 1
        try:
            os.write(writer, (_enter() or "").encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        reason = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return reason or (None if status == 0 else "the process that tried it died")


def _enter() -> str | None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) == 0:  # root may do so, and needs no other users' table
        return None if is_empty() else "the new one is not empty"
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return os.strerror(ctypes.get_errno()).lower()
    try:
        # Everybody keeps the number that they had: files belong to whom they belonged to.
        Path("/proc/self/setgroups").write_text("deny", "ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "ascii")
    except OSError as error:
        return f"users cannot be mapped: {(error.strerror or '').lower()}"
    if not _drop_capabilities(libc):
        return "its privileges cannot be given up"
    return None if is_empty() else "the new one is not empty"


def _drop_capabilities(libc: ctypes.CDLL) -> bool:
    """Give up what the creator of a user namespace may do in it, such as to write to read-only files."""
    import ctypes

    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    return bool(libc.capset(header, nothing) == 0)
