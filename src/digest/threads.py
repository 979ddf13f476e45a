"""How many threads this process may really use."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def available_threads(quota_file: Path = _CGROUP_QUOTA) -> int:
    """Return how many threads may run at once: affinity mask and cgroup quota, not the core count.

    Args:
        quota_file: cgroup v2's `cpu.max`: quota and period in microseconds, or `max`.
    """
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = quota_file.read_text("ascii").split()
        if quota != "max":
            threads = min(threads, max(1, int(quota) // int(period)))
    except (OSError, ValueError, ZeroDivisionError):
        pass  # no such quota on this system
    return threads
