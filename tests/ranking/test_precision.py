from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import torch

from digest.ranking.precision import Measured, cpu_name, fastest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TEXTS = [f"text {n}" for n in range(40)]


class Clock:
    now = 0.0


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.ranking.precision.time.perf_counter", lambda: Clock.now)


class Model:
    """Embeds anything as one of two directions; slow in one of the precisions, and not quite right in one."""

    def __init__(self, *, slow: str, wrong: float = 0.0) -> None:
        self.precision = "float32"
        self.slow = slow
        self.wrong = wrong
        self.calls: list[int] = []

    def bfloat16(self) -> Model:
        self.precision = "bfloat16"
        return self

    def encode(self, texts: Sequence[str], **_: object) -> Any:  # noqa: ANN401
        self.calls.append(len(texts))
        Clock.now += 2.0 if self.precision == self.slow else 1.0
        angle = torch.tensor(self.wrong if self.precision == "bfloat16" else 0.0)
        return torch.stack([torch.cos(angle), torch.sin(angle)]).repeat(len(texts), 1)


@pytest.mark.parametrize(
    ("slow", "wrong", "chosen"),
    [("float32", 0.0, "bfloat16"), ("bfloat16", 0.0, "float32"), ("float32", 0.2, "float32")],
)
def test_what_is_faster_and_right_is_chosen(tmp_path: Path, slow: str, wrong: float, chosen: str) -> None:
    assert fastest(Model(slow=slow, wrong=wrong), TEXTS, "e" * 64, tmp_path / "p.json").precision == chosen


def test_a_cpu_is_measured_once(tmp_path: Path) -> None:
    notes = tmp_path / "p.json"
    fastest(Model(slow="float32"), TEXTS, "e" * 64, notes)
    again = Model(slow="bfloat16")
    assert fastest(again, TEXTS, "e" * 64, notes).precision == "bfloat16"
    assert not again.calls
    other = Model(slow="bfloat16")
    assert fastest(other, TEXTS, "f" * 64, notes).precision == "float32"
    assert other.calls
    assert len(msgspec.json.decode(notes.read_bytes(), type=dict[str, Measured])) == 2


def test_notes_that_cannot_be_read_or_written_are_done_without(tmp_path: Path) -> None:
    notes = tmp_path / "p.json"
    notes.write_text("{ nonsense")
    assert fastest(Model(slow="float32"), TEXTS, "e" * 64, notes).precision == "bfloat16"
    assert b"nonsense" not in notes.read_bytes()
    missing = tmp_path / "no" / "p.json"
    assert fastest(Model(slow="float32"), TEXTS, "e" * 64, missing).precision == "bfloat16"


def test_the_cpu_has_some_name(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: Lantern 3000\n")
    assert cpu_name(tmp_path / "cpuinfo") == "Lantern 3000"
    assert cpu_name(tmp_path / "missing")
