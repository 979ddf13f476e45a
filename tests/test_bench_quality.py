"""The last line of the quality bench is for programs: its keys stay as they are."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from bench import black_box, extract, grounding, quality, roles

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

KEYS = (
    "extract_r1 extract_r2 extract_rl shown_r1 role_micro role_macro caught_facts caught_all false_alarms "
    "ungrounded"
)


def test_the_last_line_has_these_keys_in_this_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shown = black_box.Shown(44.0, 22.0, 36.0, 1, {}, ["a tldr: 5"], Counter())
    monkeypatch.setattr(black_box, "measure", lambda *_, **__: {"extract": shown})
    monkeypatch.setattr(
        roles, "evaluate", lambda _: type("Scores", (), {"micro": 1.0, "macro": 1.0, "ms_per_sentence": 1.0})
    )
    monkeypatch.setattr(extract, "evaluate", lambda _: extract.Rouge(44.0, 22.0, 36.0, 1.0))
    monkeypatch.setattr(grounding, "evaluate", lambda *_, **__: grounding.GroundingTable(()))
    monkeypatch.setattr(grounding, "default_meaning", lambda: np.zeros)
    monkeypatch.setattr(quality, "measure_ranking", lambda *_: {})
    monkeypatch.setattr(sys, "argv", ["quality", "--data", str(tmp_path), "--no-model"])
    quality.main()
    name, *pairs = capsys.readouterr().out.splitlines()[-1].split(" ")
    assert name == "QUALITY"
    assert " ".join(pair.split("=")[0] for pair in pairs) == KEYS
    assert pairs[-1] == "ungrounded=1"
