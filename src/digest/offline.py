"""The network guard: under `--offline` nothing in this process may open a connection.

A Python audit hook (PEP 578) cannot be taken away again by the code that it watches.
"""

from __future__ import annotations

import os
import sys

from digest.errors import OfflineError

_HUB_VARIABLES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}
_FORBIDDEN = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
        "urllib.Request",
        "http.client.connect",
    }
)


def silence_hubs() -> None:
    """Switch off model hubs and telemetry, for this process and its children; before they are imported."""
    os.environ.update(_HUB_VARIABLES)


def forbid_network() -> None:
    """Make every attempt to reach the network raise `OfflineError`, until this process ends."""
    silence_hubs()

    def refuse(event: str, args: tuple[object, ...]) -> None:
        if event in _FORBIDDEN:
            target = args[1] if event.startswith("socket.") and len(args) > 1 else (args or ("",))[0]
            if isinstance(target, str | bytes) and event in ("socket.connect", "socket.sendto"):
                return  # a path: a socket of this machine's own
            raise OfflineError(
                f"something asked for the network ({event} {target!r}) under --offline",
                "report it: nothing in digest should",
            )

    sys.addaudithook(refuse)
