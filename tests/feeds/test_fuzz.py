from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

INPUTS = int(os.environ.get("DIGEST_FUZZ", "1500"))
SEED = int(os.environ.get("DIGEST_FUZZ_SEED", "1"))


def test_no_mutation_of_a_feed_crashes_hangs_or_opens_anything(capsys: pytest.CaptureFixture[str]) -> None:
    script = Path(__file__).with_name("fuzz.py")
    done = subprocess.run(
        [sys.executable, script, str(INPUTS), str(SEED)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert result["inputs"] == INPUTS
    assert result["opened"] == []
    assert result["read"] > INPUTS // 4  # or the mutations are too wild to tell anything
    seconds, number, size = result["slowest"]
    with capsys.disabled():
        print(
            f"\nfuzzed the feed parser with {INPUTS} inputs (seed {SEED}): {result['read']} read,"
            f" others refused; the slowest (number {number}, {size / 1e3:.0f} kB) took {seconds:.2f} s of CPU"
        )
