"""The program as a person runs it: a real process, real models, real files."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digest.resources import resource

SAMPLE = resource("examples") / "sample.atom.xml"
CONFIG = resource("examples") / "config.toml"
MODEL = "smollm2-135m-instruct"


class Shell:
    """A folder with its own archive, config and output."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = folder / "archive.sqlite"
        self.out = folder / "out"
        self.environment = {
            **os.environ,
            "XDG_CONFIG_HOME": str(folder / "config"),
            "DIGEST_ARCHIVE": str(self.archive),
            "DIGEST_OUT": str(self.out),
            "COLUMNS": "80",
        }

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "digest", *arguments],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        with self.start(*arguments) as process:
            out, err = process.communicate(stdin)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def digest(self, date: str = "2026-02-02") -> dict[str, object]:
        content: dict[str, object] = json.loads((self.out / f"{date}.json").read_text("utf-8"))
        return content


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(scope="session")
def warm_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that knows the sample's vectors, so that tests need not load torch again."""
    shell = Shell(tmp_path_factory.mktemp("warm"))
    done = shell.run("--feed", SAMPLE, "--top", "99", "--revisions", "--quiet")
    assert done.returncode == 0, done.stderr
    done = shell.run("--feed", SAMPLE, "--config", CONFIG, "--top", "99", "--revisions", "--quiet")
    assert done.returncode == 0, done.stderr
    return shell.archive


@pytest.fixture
def warm(shell: Shell, warm_archive: Path) -> Shell:
    shutil.copy(warm_archive, shell.archive)
    return shell


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines()
    assert "Traceback" not in done.stderr
    assert lines[-1].startswith("digest: ")
    return lines[-1]


# --- without any model -------------------------------------------------------------------------------


def test_help_names_every_option_once_and_version_is_said(shell: Shell) -> None:
    done = shell.run("--help")
    assert done.returncode == 0
    for option in ("--local-model", "--feed", "--category", "--interest", "--top", "--language", "--out"):
        assert done.stdout.count(f"{option} ") >= 1
    assert re.fullmatch(r"digest \d+\.\d+\.\d+\n", shell.run("--version").stdout)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--no-such-flag"], 2, "no-such-flag"),
        (["--top", "many"], 2, "--top"),
        (["--top", "0"], 2, "top is 0"),
        (["--format", "pdf"], 2, "unknown format pdf"),
        (["--date", "soon"], 2, "date"),
        (["--config", "nowhere.toml"], 2, "nowhere.toml does not exist"),
        (["no-such-command"], 2, "no-such-command"),
    ],
)
def test_what_cannot_be_asked_for_is_a_usage_error(
    shell: Shell, arguments: list[str], status: int, words: str
) -> None:
    done = shell.run(*arguments)
    assert done.returncode == status
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_config_with_an_unknown_key_says_which_and_what_was_meant(shell: Shell) -> None:
    (shell.folder / "c.toml").write_text("langauge = 'zh'\n")
    done = shell.run("--config", "c.toml")
    assert done.returncode == 2
    assert "unknown key 'langauge': did you mean 'language'?" in one_line(done)


def test_an_output_folder_that_cannot_be_made_is_told_before_the_work(shell: Shell) -> None:
    (shell.folder / "file").write_text("")
    done = shell.run("--feed", SAMPLE, "--out", shell.folder / "file" / "out")
    assert done.returncode == 1
    assert "cannot be written" in one_line(done)
    assert not shell.archive.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_folder_without_permission_is_told(shell: Shell) -> None:
    shell.out.mkdir(mode=0o500)
    done = shell.run("--feed", SAMPLE)
    assert done.returncode == 1
    assert "not writable" in one_line(done)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "does not exist"), (b"", "is empty"), (b"PK\3\4 words", "zip"), (b"<html><body>", "web page")],
)
def test_a_model_that_is_none_is_told_before_the_work(
    shell: Shell, content: bytes | None, words: str
) -> None:
    path = shell.folder / "m.gguf"
    if content is not None:
        path.write_bytes(content)
    done = shell.run("--feed", SAMPLE, "--local-model", path)
    assert done.returncode == 1
    assert words in one_line(done)
    assert "m.gguf" in one_line(done)


# --- with the default models -------------------------------------------------------------------------


@pytest.mark.model
def test_a_first_run_makes_a_digest(shell: Shell) -> None:
    done = shell.run("--local-model", MODEL, "--feed", SAMPLE, "--config", CONFIG, "--top", "3")
    assert done.returncode == 0, done.stderr
    content = shell.digest()
    assert content["schema"] == 1
    assert content["network_calls"] == 0
    papers = content["papers"]
    assert isinstance(papers, list)
    assert len(papers) == 3
    assert all(paper["status"] in ("summarized", "extracted") for paper in papers)
    markdown = (shell.out / "2026-02-02.md").read_text("utf-8")
    for paper in papers:
        assert paper["id"] in markdown
        assert paper["summary"]["tldr"]["text"]
    assert "2026-02-02.md" in done.stdout.strip().splitlines()[-1]
    assert "\x1b" not in done.stdout + done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines()[:-1])

    again = shell.run("--local-model", MODEL, "--feed", SAMPLE, "--config", CONFIG, "--top", "3")
    assert again.returncode == 0
    assert shell.digest()["papers"] == papers
    assert again.stdout == done.stdout
    assert sorted(path.name for path in shell.out.iterdir()) == ["2026-02-02.json", "2026-02-02.md"]


@pytest.mark.model
def test_a_second_run_loads_no_model(warm: Shell) -> None:
    script = (
        "import sys; sys.argv = ['digest', *sys.argv[1:]]\n"
        "from digest.cli import main\n"
        "main()\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--feed", SAMPLE, "--quiet"],
        env=warm.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stderr.split())
    assert "digest.pipeline" in loaded
    assert not loaded & {"torch", "sentence_transformers", "transformers", "llama_cpp"}


@pytest.mark.model
def test_without_a_model_every_output_says_so(warm: Shell) -> None:
    done = warm.run("--feed", SAMPLE, "--top", "3")
    assert done.returncode == 0
    content = warm.digest()
    assert content["model"] is None
    assert "extract" in done.stdout
    assert "extract" in (warm.out / "2026-02-02.md").read_text("utf-8").lower()


@pytest.mark.model
def test_a_digest_in_chinese_has_the_chinese_layout(warm: Shell) -> None:
    done = warm.run("--feed", SAMPLE, "--top", "2", "--language", "zh", "--format", "md")
    assert done.returncode == 0
    assert [path.name for path in warm.out.iterdir()] == ["2026-02-02.md"]
    markdown = (warm.out / "2026-02-02.md").read_text("utf-8")
    assert "论文日报 | 2026-02-02" in markdown
    assert "**一句话总结**：" in markdown


@pytest.mark.model
def test_the_page_is_one_private_file_with_a_map(warm: Shell) -> None:
    done = warm.run("--feed", SAMPLE, "--top", "4", "--format", "html")
    assert done.returncode == 0, done.stderr
    (page,) = warm.out.iterdir()
    assert page.name == "2026-02-02.html"
    assert page.stat().st_mode & 0o777 == 0o600
    html = page.read_text("utf-8")
    assert html.count("<article ") == html.count('<a href="#paper-') == 4


@pytest.mark.model
def test_standard_input_is_a_feed(warm: Shell) -> None:
    done = warm.run("--feed", "-", "--quiet", stdin=SAMPLE.read_text("utf-8"))
    assert done.returncode == 0, done.stderr
    assert warm.digest()["papers"]


@pytest.mark.model
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<!doctype html><html><head><title>Hi</title></head><body>Hello</body></html>", "web page"),
        (b"just some words", "not"),
    ],
)
def test_a_feed_that_is_none_is_told(warm: Shell, content: bytes, words: str) -> None:
    (warm.folder / "f.xml").write_bytes(content)
    done = warm.run("--feed", "f.xml")
    assert done.returncode == 1
    assert words in one_line(done)
    both = warm.run("--feed", "f.xml", "--feed", SAMPLE)
    assert both.returncode == 0
    assert words in both.stderr
    assert warm.digest()["papers"]


@pytest.mark.model
def test_the_network_is_refused_under_offline(warm: Shell) -> None:
    done = warm.run("--offline", "--feed", "https://127.0.0.1:9/feed")
    assert done.returncode == 1
    assert "--offline" in one_line(done)
    assert warm.run("--offline", "--feed", SAMPLE).returncode == 0


@pytest.mark.model
def test_a_disk_that_is_full_leaves_the_old_digest(warm: Shell) -> None:
    assert warm.run("--feed", SAMPLE, "--top", "1").returncode == 0
    before = {path.name: path.read_bytes() for path in warm.out.iterdir()}
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "import digest.files\n"
        "write = digest.files.write_atomic\n"
        "def limited(path, data):\n"  # from here on every file is too large for the disk
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, -1))\n"
        "    try: write(path, data)\n"
        "    finally: resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))\n"
        "digest.files.write_atomic = limited\n"
        "from digest.cli import main; sys.argv = ['digest', *sys.argv[1:]]; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "--feed", SAMPLE, "--top", "9"],
        env=warm.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "cannot be written" in done.stderr.strip().splitlines()[-1]
    assert {path.name: path.read_bytes() for path in warm.out.iterdir()} == before


@pytest.mark.model
def test_a_reader_that_has_had_enough_is_no_error(warm: Shell) -> None:
    command = f"{sys.executable} -m digest --feed {SAMPLE} 2>err | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],  # noqa: S607
        env=warm.environment,
        cwd=warm.folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in (warm.folder / "err").read_text()


def summaries(shell: Shell) -> set[tuple[str, str]]:
    """Return the paper and the time of every summary in the archive."""
    with sqlite3.connect(shell.archive) as db:
        return set(db.execute("SELECT paper_id, created_at FROM summaries"))


def shell_status(process: subprocess.Popen[str]) -> int:
    """The exit status that a shell sees: 128 + N for a process that ended by signal N.

    Python ends itself by SIGINT, whatever status we asked for, when Ctrl-C met it inside an `eval`, as
    typer and dataclasses use it at import; so does the kernel before Python is up.
    """
    return 128 - process.returncode if process.returncode < 0 else process.returncode


@pytest.mark.model
@pytest.mark.parametrize("after_s", [0.2, 1.0, 2.5, 4.0])
def test_ctrl_c_at_any_moment_ends_with_130_and_an_intact_archive(warm: Shell, after_s: float) -> None:
    with warm.start("--local-model", MODEL, "--feed", SAMPLE, "--top", "14") as process:
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate()
    if process.returncode == 0:  # it was faster than we
        assert warm.digest()
        return
    assert shell_status(process) == 130, err
    assert "Traceback" not in err
    again = warm.run("--feed", SAMPLE, "--quiet")
    assert again.returncode == 0, again.stderr


@pytest.mark.model
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_the_model_writes_is_said_and_no_success(
    warm: Shell, number: signal.Signals
) -> None:
    with warm.start("--local-model", MODEL, "--feed", SAMPLE, "--top", "14") as process:
        while not summaries(warm) and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(number)
        _, err = process.communicate()
    assert shell_status(process) == 130
    assert err.strip().splitlines()[-1].startswith("digest: interrupted: what was finished is in the archive")
    assert not warm.out.exists() or not list(warm.out.iterdir())


@pytest.mark.model
def test_a_run_that_is_killed_goes_on_where_it_stopped(warm: Shell) -> None:
    with warm.start("--local-model", MODEL, "--feed", SAMPLE, "--top", "14") as process:
        while len(summaries(warm)) < 2 and process.poll() is None:
            time.sleep(0.05)
        process.kill()
        process.communicate()
    kept = summaries(warm)
    assert len(kept) >= 2
    done = warm.run("--local-model", MODEL, "--feed", SAMPLE, "--top", "14", "--debug")
    assert done.returncode == 0, done.stderr
    assert kept < summaries(warm)  # more than before, and nothing of before was written again
