from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest import namespace, offline
from digest.config import default_config_path
from digest.startup import is_asked_for

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = "from digest.offline import forbid_network, refusals, told; forbid_network()\n"
# A dependency that asks for the network, keeps the answer to itself, and does its work as ever.
PHONES_HOME = """
import importlib, os, socket, sys
try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except Exception:
    pass
sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
del sys.modules[__name__]
importlib.import_module(__name__)
"""


def python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def digest(*arguments: str | Path, **environment: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "digest", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
    )


def plant(folder: Path, name: str, code: str = PHONES_HOME) -> str:
    """Put a module in front of the real one; return the PYTHONPATH for it."""
    folder.mkdir()
    (folder / f"{name}.py").write_text(code, "utf-8")
    return os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])


def namespaces_work() -> bool:
    return python("from digest.namespace import enter; raise SystemExit(enter())").returncode == 0


needs_namespace = pytest.mark.skipif(not namespaces_work(), reason="this system permits no network namespace")


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "import socket; socket.socket(fileno=0)",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import socket; socket.gethostbyname('example.org')",
        "import socket; socket.create_server(('127.0.0.1', 0))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')",
        "import httpx; httpx.get('http://127.0.0.1:9')",
        "import asyncio; asyncio.run(asyncio.open_connection('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['curl', 'http://127.0.0.1:9'])",
        "import subprocess; subprocess.run('true', shell=True)",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', ''])",
        "import subprocess, sys; subprocess.run([sys.executable, '-P', '-m', 'pip', 'download', 'x'])",
        "import subprocess, sys; subprocess.run([sys.executable, '-P', '-m'])",
        "import os; os.system('true')",
        "import os; os.popen('true')",
        "import os; os.execv('/bin/true', ['true'])",
        "import os; os.posix_spawn('/bin/true', ['true'], {})",
        "import pty; pty.spawn('true')",
        "import multiprocessing as m; m.get_context('spawn').Process(target=print).start()",
        "import multiprocessing as m; m.get_context('forkserver').Process(target=print).start()",
        "import subprocess, sys; subprocess.run([sys.executable, '-P', '-m', 'pip', 'download', '--no-index',"
        " 'https://192.0.2.1/x.whl'])",
    ],
)
def test_whoever_asks_for_the_network_or_a_program_is_refused(attempt: str) -> None:
    done = python(HEAD + attempt)
    assert "OfflineError" in done.stderr
    assert done.returncode == 1


def test_another_interpreter_in_this_process_is_refused() -> None:
    module = "_xxsubinterpreters" if sys.version_info < (3, 13) else "_interpreters"
    script = f"import {module}\ntry: {module}.create()\nexcept Exception: pass\n"
    assert python(f"{HEAD}{script}print(*told(refusals()))").stdout.startswith("refused: another interpreter")


def test_a_socket_made_before_the_guard_reaches_nobody() -> None:
    script = f"import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n{HEAD}"
    for attempt in ("s.connect(('127.0.0.1', 9))", "s.sendto(b'x', ('127.0.0.1', 9))", "s.bind(('', 0))"):
        assert "OfflineError" in python(script + attempt).stderr


def test_sockets_of_this_machine_own_processes_and_questions_about_it_are_fine(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, platform, socket, subprocess, sys\n"
        "a, b = socket.socketpair(); a.send(b'x'); assert b.recv(1) == b'x'\n"
        f"s = socket.socket(socket.AF_UNIX); s.bind({str(tmp_path / 's')!r}); s.close()\n"
        "asyncio.run(asyncio.sleep(0))\n"
        "assert os.environ['HF_HUB_OFFLINE'] == '1'\n"
        "platform.processor()\n"
        "subprocess.run([sys.executable, '-P', '-m', 'digest', '--version'], check=True)\n"
        "subprocess.run([sys.executable, '-P', '-m', 'pip', 'download', '--no-index'], capture_output=True)\n"
        "import multiprocessing; multiprocessing.get_context('spawn').RLock()  # as tqdm makes\n"
        "assert not refusals()\n"
    )
    done = python(HEAD + script)
    assert done.returncode == 0, done.stderr


def test_a_refusal_that_a_library_swallows_is_remembered_with_its_stack(tmp_path: Path) -> None:
    helpful = "import socket\ndef count():\n    try: socket.socket()\n    except Exception: pass\n"
    (tmp_path / "helpful.py").write_text(helpful, "utf-8")
    script = f"import sys; sys.path.append({str(tmp_path)!r}); import helpful\n"
    script += "def work(): helpful.count()\nwork()\n"
    done = python(f"{HEAD}{script}print(*told(refusals()), sep='\\n')")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "refused: a socket",
        f"  asked by {tmp_path}/helpful.py:3 in count",
        "  from <string>:3 in work",
        "  from <string>:4 in <module>",
    ]


@pytest.mark.parametrize(
    ("arguments", "environment", "config", "asked"),
    [
        ([], {}, "", False),
        (["--offline"], {}, "", True),
        (["--top", "3", "--offline", "feedback"], {}, "", True),
        (["--offline=yes"], {}, "", True),
        (["--config", "c.toml"], {}, "offline = true", True),
        (["--config=c.toml"], {}, "offline = true", True),
        (["--config", "c.toml"], {}, "offline = false", False),
        (["--config", "c.toml"], {}, "offline = 1", False),
        (["--config", "c.toml"], {}, "offline = true [", False),
        (["--config", "c.toml"], {}, "[keywords]\noffline = true", False),
        (["--config", "none.toml"], {}, "offline = true", False),
        (["--config"], {}, "offline = true", False),
        ([], {"DIGEST_CONFIG": "c.toml"}, "offline = true", True),
        (["--config", "other.toml"], {"DIGEST_CONFIG": "c.toml"}, "offline = true", False),
    ],
)
def test_a_run_is_offline_before_anything_is_imported(
    arguments: Sequence[str],
    environment: dict[str, str],
    config: str,
    asked: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.toml").write_text(config, "utf-8")
    assert is_asked_for(arguments, {"XDG_CONFIG_HOME": str(tmp_path / "none"), **environment}) is asked


@pytest.mark.parametrize("where", [{}, {"XDG_CONFIG_HOME": "xdg"}])
def test_the_default_config_is_looked_for_where_the_program_finds_it(
    where: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    environment = {"HOME": str(tmp_path), **{name: str(tmp_path / at) for name, at in where.items()}}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    path = default_config_path()
    assert path.is_relative_to(tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text("offline = true", "utf-8")
    assert is_asked_for([], environment)


def test_nothing_but_the_standard_library_is_imported_before_the_guard() -> None:
    script = (
        "import sys\nbefore = set(sys.modules)\nimport digest.startup\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(new - sys.stdlib_module_names))"
    )
    assert python(script).stdout.split() == ["digest"]


@pytest.mark.parametrize("how", ["flag", "config"])
def test_a_dependency_that_phones_home_while_it_is_imported_is_caught(tmp_path: Path, how: str) -> None:
    path = plant(tmp_path / "planted", "rich")  # which the command line is made with
    (tmp_path / "c.toml").write_text("offline = true", "utf-8")
    arguments: list[str | Path] = ["--offline"] if how == "flag" else ["--config", tmp_path / "c.toml"]
    done = digest(*arguments, "interests", PYTHONPATH=path, XDG_DATA_HOME=tmp_path)
    assert "refused: getaddrinfo 192.0.2.1" in done.stderr
    assert f"asked by {tmp_path}/planted/rich.py:4 in <module>" in done.stderr
    assert "\ndigest:   from " in done.stderr
    online = digest("--version", PYTHONPATH=path.replace("planted", "absent"))
    assert "refused" not in online.stderr


def test_the_guards_show_themselves() -> None:
    done = digest("offline")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.count(": refused\n") == 3
    assert "NOT REFUSED" not in done.stdout
    assert ("network is unreachable" in done.stdout) is namespaces_work()


def test_a_guard_that_does_not_hold_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from digest import cli_offline

    monkeypatch.setattr(offline, "close", lambda: "tests stay where they are")
    monkeypatch.setattr(cli_offline, "_NOWHERE", ("256.0.0.1", 80))  # an address that cannot be
    monkeypatch.setattr("socket.getaddrinfo", lambda *_: [])
    result = CliRunner().invoke(cli_offline.app)
    assert result.output.count("NOT REFUSED") == 3
    assert "tests stay where they are" in result.output
    assert isinstance(result.exception, Exception)


@needs_namespace
def test_in_an_empty_namespace_not_even_c_code_reaches_anybody(tmp_path: Path) -> None:
    script = f"""
import os, sqlite3
from pathlib import Path
from digest import namespace
from digest.cli_offline import _connect_from_c
before = os.getuid(), os.getgid()
assert namespace.enter() is None and namespace.is_empty() and namespace.enter() is None
assert _connect_from_c() == "network is unreachable"
assert (os.getuid(), os.getgid()) == before
file = Path({str(tmp_path / "file")!r})
file.write_text("x"); assert (file.stat().st_uid, file.stat().st_gid) == before
sqlite3.connect(file.with_name("db")).executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (x)")
Path("/proc/self/status").read_bytes(), os.listdir("/proc/self/fd")
"""
    done = python(script)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "file").stat().st_uid == os.getuid()


@needs_namespace
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_somebody_without_privileges_gets_none(tmp_path: Path) -> None:
    script = f"""
import codecs, ctypes, os
from pathlib import Path
from digest import namespace
codecs.lookup("ascii")  # the library may lie where only root reads
file = Path({str(tmp_path / "file")!r})
os.setgroups([]); os.setgid(12345); os.setuid(12345)
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as a process is that was started so
reason = namespace.enter()
assert reason is None, reason
assert (os.getuid(), os.getgid()) == (12345, 12345)
file.write_text("x"); file.chmod(0o400)
try:
    file.write_text("y")
except PermissionError:
    print("refused")
"""
    tmp_path.chmod(0o777)
    for folder in tmp_path.parents[:2]:
        folder.chmod(0o755)
    done = python(script)
    assert done.stdout == "refused\n", done.stderr


def test_where_no_namespace_is_permitted_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1").touch()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(namespace, "is_empty", lambda: False)
    monkeypatch.setattr(namespace, "_THREADS", tmp_path)
    monkeypatch.setattr(namespace, "_in_another_process", lambda: "operation not permitted")
    assert namespace.enter() == "operation not permitted"
    (tmp_path / "2").touch()
    assert namespace.enter() == "threads were running already"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert namespace.enter() == "only Linux has them"


def test_the_models_process_is_guarded_in_every_run(tiny_gguf: Path, tmp_path: Path) -> None:
    path = plant(tmp_path / "planted", "jinja2")
    script = f"""
from pathlib import Path
from digest import offline
from digest.summarize.language_model import Job, Request
from digest.summarize.prompts import load_template
from digest.resources import resource
from digest.summarize.worker import WorkerModel
worker = WorkerModel(Path({str(tiny_gguf)!r}), threads=1)
template = load_template("en", folders=[resource("prompts")])
list(worker.generate(Request(template, (Job("0", "T", ("S.",)),), context=2048)))
print(*offline.told(offline.refusals()), sep="\\n")
print(Path(f"/proc/{{worker._child.process.pid}}/net/dev").read_text())
worker.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "refused: getaddrinfo 192.0.2.1" in done.stdout, done.stderr
    assert "planted/jinja2.py:4" in done.stdout
    if namespaces_work():
        assert "eth" not in done.stdout
        assert "lo:" in done.stdout


@pytest.mark.parametrize(
    ("interfaces", "empty"),
    [(["lo"], True), (["lo", "sit0", "tunl0"], True), (["lo", "eth0"], False), (["tun0"], False)],
)
def test_tunnels_of_the_kernels_own_lead_nowhere(
    interfaces: list[str], empty: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["Inter-|", " face |", *(f"{name:>6}: 0 0" for name in interfaces)]
    (tmp_path / "dev").write_text("\n".join(lines), "ascii")
    monkeypatch.setattr(namespace, "_INTERFACES", tmp_path / "dev")
    assert namespace.is_empty() is empty
