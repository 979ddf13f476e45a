from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from digest.files import make_private_folder, write_atomic


def test_a_file_is_written_whole_private_and_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    for data in (b"one", b"two" * 100_000):
        write_atomic(path, data)
        assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_halfway_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    write_atomic(path, b"old")
    script = (
        "import resource, signal, sys; from pathlib import Path; from digest.files import write_atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: write_atomic(Path(sys.argv[1]), b'x' * 5000)\n"
        "except OSError: sys.exit(7)\n"
    )
    assert resource.RLIMIT_FSIZE >= 0
    assert subprocess.run([sys.executable, "-c", script, path], check=False).returncode == 7
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(tmp_path / "no" / "a.md", b"")


def test_only_new_folders_become_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path / "a" / "b")
    make_private_folder(tmp_path / "a" / "b")
    modes = [stat.S_IMODE(os.stat(p).st_mode) for p in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")]  # noqa: PTH116
    assert modes == [0o755, 0o700, 0o700]
