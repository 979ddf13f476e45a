"""Golden files: `DIGEST_REGOLD=1 pytest tests/render` writes them anew; then read the diff."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "render" / "golden"


def check_golden(name: str, actual: str) -> None:
    path = FOLDER / name
    if os.environ.get("DIGEST_REGOLD"):
        path.write_text(actual, "utf-8")
    assert actual == path.read_text("utf-8")
