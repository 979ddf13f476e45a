from __future__ import annotations

import subprocess
import sys

import pytest

HEAD = "from digest.offline import forbid_network; forbid_network()\n"


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
        "import httpx; httpx.get('http://127.0.0.1:9')",
    ],
)
def test_whoever_asks_for_the_network_is_refused(attempt: str) -> None:
    done = subprocess.run([sys.executable, "-c", HEAD + attempt], capture_output=True, text=True, check=False)
    assert "OfflineError" in done.stderr
    assert done.returncode == 1


def test_sockets_of_this_machine_and_hub_variables_are_fine() -> None:
    script = (
        "import os, socket, tempfile\n"
        "a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1) == b'x'\n"
        "assert os.environ['HF_HUB_OFFLINE'] == '1'\n"
    )
    subprocess.run([sys.executable, "-c", HEAD + script], check=True)
