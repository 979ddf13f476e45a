"""`digest offline`: what keeps this machine's data here, tried before the reader's eyes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from digest.errors import OfflineError

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})

# https://www.rfc-editor.org/rfc/rfc5737: for documentation, never anybody's.
_NOWHERE = ("192.0.2.1", 80)


@app.command("offline")
def offline() -> None:
    """Show which guards `--offline` has on this machine, and try them."""
    from digest import offline

    reason = offline.close()
    refusals = _try_everything()
    offline.take_refusals()  # these were asked for
    typer.echo("audit hook         active; tried in this process:")
    for what, refused in refusals:
        typer.echo(f"                   {what}: {'refused' if refused else 'NOT REFUSED'}")
    if reason:
        typer.echo(
            f"network namespace  not here ({reason}): C code that connects by itself would not be seen;"
        )
        typer.echo(
            "                   `unshare -rn digest ...`, a container or a pulled cable close that hole"
        )
    else:
        typer.echo("network namespace  empty; a connection made by C code, behind the hook's back:")
        typer.echo(f"                   {_NOWHERE[0]}: {_connect_from_c()}")
    typer.echo("model's process    always guarded, with or without --offline, by the same two")
    switched = " ".join(f"{name}={value}" for name, value in offline.HUB_VARIABLES.items())
    typer.echo(f"telemetry and hubs switched off: {switched}")
    if not all(refused for _, refused in refusals):
        raise OfflineError("a guard did not hold", "do not trust --offline on this machine")


def _try_everything() -> list[tuple[str, bool]]:
    """Ask for the network in several ways; return what was tried, and whether it was refused."""
    import socket
    import subprocess

    attempts: list[tuple[str, Callable[[], object]]] = [
        (f"a connection to {_NOWHERE[0]}", lambda: socket.create_connection(_NOWHERE, timeout=1)),
        ("a name look-up", lambda: socket.getaddrinfo("digest.invalid", 80)),
        ("another program", lambda: subprocess.run(["/bin/true"], check=False)),
    ]
    found = []
    for what, attempt in attempts:
        refused = False
        try:
            attempt()
        except OfflineError:
            refused = True
        except OSError:
            pass  # it was asked for, and failed: that is no guard
        found.append((what, refused))
    return found


def _connect_from_c() -> str:
    """Connect without Python's knowledge, and return what the kernel says."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.socket(2, 1, 0)  # AF_INET, SOCK_STREAM
    if descriptor < 0:
        return os.strerror(ctypes.get_errno()).lower()
    try:
        host = bytes(map(int, _NOWHERE[0].split(".")))
        address = (2).to_bytes(2, "little") + _NOWHERE[1].to_bytes(2, "big") + host + bytes(8)
        status = libc.connect(descriptor, address, len(address))
        return "CONNECTED" if status == 0 else os.strerror(ctypes.get_errno()).lower()
    finally:
        os.close(descriptor)
