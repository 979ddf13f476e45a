from __future__ import annotations

import os
from pathlib import Path

import pytest

from digest.threads import available_threads


def test_the_affinity_mask_counts(tmp_path: Path) -> None:
    assert available_threads(tmp_path / "none") == len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("quota", "threads"),
    [("max 100000", None), ("100000 100000", 1), ("50000 100000", 1), ("9900000 100000", None),
     ("nonsense", None), ("1 0", None), ("", None)],
)  # fmt: skip
def test_the_quota_of_the_group_counts(tmp_path: Path, quota: str, threads: int | None) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert available_threads(tmp_path / "cpu.max") == (threads or len(os.sched_getaffinity(0)))
