"""A whole run with the real models, watched by the kernel: nothing of it asks for the network."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digest.resources import resource

pytestmark = pytest.mark.model

SAMPLE = resource("examples") / "sample.atom.xml"
CONFIG = resource("examples") / "config.toml"
MODEL = "smollm2-135m-instruct"
TOP = "1"

# What a system call may name: sockets of this machine, and the kernel's own tables.
HARMLESS = re.compile(r"AF_UNIX|AF_NETLINK")
ASKING = re.compile(r"\b(?:connect|bind|sendto|sendmsg|sendmmsg)\(")


def command(folder: Path, *more: str | Path) -> list[str]:
    return [
        *(sys.executable, "-m", "digest", "--local-model", MODEL, "--top", TOP, "--quiet"),
        *("--feed", str(SAMPLE), "--config", str(CONFIG)),
        *("--archive", str(folder / "archive.sqlite"), "--out", str(folder / "out")),
        *map(str, more),
    ]


def run(folder: Path, words: list[str], **environment: str) -> tuple[dict[str, object], str]:
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    content: dict[str, object] = json.loads((folder / "out" / "2026-02-02.json").read_bytes())
    assert content.pop("generated_at")
    return content, done.stdout + done.stderr


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """A run that nobody watches, in the networks of this machine; its folder and its digest."""
    folder = tmp_path_factory.mktemp("plain")
    return folder, run(folder, command(folder))[0]


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace (Debian package strace)")
def test_the_kernel_sees_no_attempt_to_reach_anybody(
    tmp_path: Path, plain: tuple[Path, dict[str, object]]
) -> None:
    trace = tmp_path / "trace"
    watched = ["strace", "-f", "-qq", "-e", "trace=%network,io_uring_setup", "-o", str(trace)]
    content, _ = run(tmp_path, [*watched, *command(tmp_path)])
    calls = trace.read_text("utf-8")
    assert set(re.findall(r"socket(?:pair)?\((AF_\w+)", calls)) <= {"AF_UNIX", "AF_NETLINK"}
    assert [line for line in calls.splitlines() if ASKING.search(line) and not HARMLESS.search(line)] == []
    assert "io_uring_setup" not in calls  # a way around these calls
    assert content == plain[1]


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare (util-linux)")
def test_in_an_empty_network_namespace_the_digest_is_the_same(
    tmp_path: Path, plain: tuple[Path, dict[str, object]]
) -> None:
    enter = [str(shutil.which("unshare")), "-rn"]
    if subprocess.run([*enter, sys.executable, "-V"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this system permits no network namespace")
    content, said = run(tmp_path, [*enter, *command(tmp_path, "--offline")])
    assert content == plain[1]
    assert "0 network calls, in an empty network namespace" in said


def test_a_dependency_that_phones_home_at_work_is_in_the_digest(
    tmp_path: Path, plain: tuple[Path, dict[str, object]]
) -> None:
    shutil.copy(plain[0] / "archive.sqlite", tmp_path)  # nothing is to be computed again
    planted = tmp_path / "planted"
    planted.mkdir()
    # What feedparser asks about encodings, if there is one.
    (planted / "chardet.py").write_text(
        "import socket\ndef detect(data):\n"
        "    try: socket.create_connection(('192.0.2.1', 80), timeout=1)\n    except Exception: pass\n"
        "    return {'encoding': 'utf-8'}\n",
        "utf-8",
    )
    odd = tmp_path / "odd.xml"
    # An encoding that nobody knows, so that somebody has to guess.
    odd.write_bytes(SAMPLE.read_bytes().replace(b"UTF-8", b"none-such", 1))
    path = os.pathsep.join([str(planted), os.environ.get("PYTHONPATH", "")])
    content, said = run(tmp_path, command(tmp_path, "--offline", "--feed", odd), PYTHONPATH=path)
    assert "refused: getaddrinfo 192.0.2.1" in said
    assert f"asked by {planted}/chardet.py:3 in detect" in said
    notes = content["notes"]
    assert isinstance(notes, list)
    assert any("chardet.py:3 in detect" in note for note in notes)
