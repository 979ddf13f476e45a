from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from digest.feeds import _pace
from digest.feeds._pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1_770_000_000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def pace(self, folder: Path | None) -> Pace:
        return Pace(folder, sleep=self.sleep, now=lambda: self.now)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("keeps_files", [True, False])
def test_three_seconds_between_two_requests(tmp_path: Path, clock: Clock, keeps_files: bool) -> None:
    pace = clock.pace(tmp_path if keeps_files else None)
    with pace.turn("rss.arxiv.org"):
        clock.now += 10  # the request
    clock.now += 1
    with pace.turn("export.arxiv.org"):  # the same site
        pass
    with pace.turn("other.example"):
        pass
    clock.now += 3
    with pace.turn("arxiv.org"):
        pass
    assert clock.slept == [2.0]


def test_the_pause_is_kept_by_the_next_process(tmp_path: Path, clock: Clock) -> None:
    with clock.pace(tmp_path).turn("arxiv.org"):
        pass
    with clock.pace(tmp_path).turn("arxiv.org"):
        pass
    assert clock.slept == [3.0]


def test_the_pause_is_kept_after_a_failure(tmp_path: Path, clock: Clock) -> None:
    pace = clock.pace(tmp_path)
    with pytest.raises(OSError, match="x"), pace.turn("arxiv.org"):
        raise OSError("x")
    with pace.turn("arxiv.org"):
        pass
    assert clock.slept == [3.0]


@pytest.mark.parametrize("content", [b"", b"{", b'{"last": "soon"}', b"\xff" * 2000, b'{"last": 9e99}'])
def test_a_damaged_file_stops_nothing(tmp_path: Path, clock: Clock, content: bytes) -> None:
    (tmp_path / "arxiv.org.pace").write_bytes(content)
    pace = clock.pace(tmp_path)
    assert pace.rest_s("arxiv.org") == 0
    with pace.turn("arxiv.org"):
        pass
    assert sum(clock.slept) <= 3.0


def test_a_clock_that_was_set_back_costs_one_interval(tmp_path: Path, clock: Clock) -> None:
    with clock.pace(tmp_path).turn("arxiv.org"):
        pass
    clock.now -= 1_000_000
    with clock.pace(tmp_path).turn("arxiv.org"):
        pass
    assert clock.slept == [3.0]


def test_a_lock_that_is_never_given_back_does_not_block_for_ever(tmp_path: Path, clock: Clock) -> None:
    with clock.pace(tmp_path).turn("arxiv.org"), clock.pace(tmp_path).turn("arxiv.org"):
        pass
    assert sum(clock.slept) == pytest.approx(_pace.LONGEST_LOCK_S, abs=5)


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_bytes(b"")
    pace = clock.pace(tmp_path / "file" / "pace")
    for _ in range(2):
        with pace.turn("arxiv.org"):
            pass
    assert clock.slept == [3.0]


@pytest.mark.parametrize("host", ["../../evil", "a/b", "", "..", "x" * 500, "[::1]"])
def test_a_host_names_no_other_file(tmp_path: Path, clock: Clock, host: str) -> None:
    with clock.pace(tmp_path / "pace").turn(host):
        pass
    (only,) = tmp_path.rglob("*.pace")
    assert only.parent == tmp_path / "pace"
    assert only.stat().st_mode & 0o777 == 0o600


def _ask(folder: Path, log: Path, count: int) -> None:
    pace = Pace(folder, interval_s=0.02)
    for _ in range(count):
        with pace.turn("arxiv.org"):
            with log.open("a") as file:
                file.write(f"{time.time()} begins {os.getpid()}\n")
            time.sleep(0.005)
            with log.open("a") as file:
                file.write(f"{time.time()} ends {os.getpid()}\n")


def test_several_processes_take_turns(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    log = tmp_path / "log"
    processes = [context.Process(target=_ask, args=(tmp_path / "pace", log, 5)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    lines = [line.split() for line in log.read_text().splitlines()]
    assert len(lines) == 2 * 3 * 5
    assert len({line[2] for line in lines}) == 3
    for begin, end in zip(lines[::2], lines[1::2], strict=True):
        assert (begin[1], end[1], begin[2]) == ("begins", "ends", end[2])  # nobody came between
    for end, begin in zip(lines[1:-1:2], lines[2::2], strict=True):
        assert float(begin[0]) - float(end[0]) >= 0.019


def test_a_process_that_is_killed_leaves_no_lock(tmp_path: Path, clock: Clock) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_ask, args=(tmp_path, tmp_path / "log", 10_000))
    process.start()
    while not (tmp_path / "log").exists():
        time.sleep(0.01)
    process.kill()
    process.join(60)
    clock.now = time.time() + 10
    with clock.pace(tmp_path).turn("arxiv.org"):
        pass
    assert clock.slept == []
