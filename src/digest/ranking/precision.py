"""Choose the precision that this CPU embeds in, by measuring it once.

CPUs that multiply bfloat16 matrices in hardware embed nearly twice as fast in it, others more slowly; which
kind a CPU is cannot be told from its name.
"""

from __future__ import annotations

import contextlib
import copy
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from digest.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

_SAMPLE = 16
_ROUNDS = 2
_CLEARLY_FASTER = 1.2
_LEAST_COSINE = 0.997
"""Between the vectors of both precisions: what moves them further is not worth the time."""

_CPUINFO = Path("/proc/cpuinfo")


class Measured(msgspec.Struct, frozen=True):
    """What came of measuring one embedder on one CPU.

    Attributes:
        speedup: Seconds in float32 for each in bfloat16.
        cosine: The least between the vectors of one text.
    """

    speedup: float
    cosine: float

    @property
    def bfloat16(self) -> bool:
        """Whether bfloat16 is to be used."""
        return self.speedup >= _CLEARLY_FASTER and self.cosine >= _LEAST_COSINE


def fastest(model: Any, texts: Sequence[str], identity: str, notes: Path) -> Any:  # noqa: ANN401 - as it came
    """Return the model in the precision that is faster here.

    Args:
        model: A SentenceTransformer in float32.
        texts: Some of them are embedded to measure.
        identity: Of the embedder.
        notes: Remembers what was measured, by embedder, PyTorch and CPU; one that cannot be read is made
            anew, one that cannot be written is done without.
    """
    import torch

    key = f"{identity[:12]} torch-{torch.__version__} {cpu_name()}"
    known = _read(notes)
    if key not in known:
        known[key] = measure(model, sorted(texts, key=len)[len(texts) // 2 :][:_SAMPLE])
        with contextlib.suppress(OSError):
            write_atomic(notes, msgspec.json.encode(known))
    return model.bfloat16() if known[key].bfloat16 else model


def measure(model: Any, texts: Sequence[str]) -> Measured:  # noqa: ANN401 - as it came
    """Embed texts in both precisions, some rounds each."""
    best = []
    vectors = []
    for candidate in (model, copy.deepcopy(model).bfloat16()):
        vectors.append(encode(candidate, texts))  # warms it up
        best.append(min(_seconds(candidate, texts) for _ in range(_ROUNDS)))
    return Measured(best[0] / best[1], float((vectors[0] * vectors[1]).sum(axis=1).min()))


def encode(model: Any, texts: Sequence[str]) -> npt.NDArray[np.float32]:  # noqa: ANN401 - as above
    """Return (n, d) float32, unit rows, of texts in one batch."""
    vectors = model.encode(
        texts,
        batch_size=len(texts),
        normalize_embeddings=True,
        show_progress_bar=False,
        convert_to_numpy=False,
        convert_to_tensor=True,
    )
    return np.asarray(vectors.float().cpu().numpy(), np.float32)


def _seconds(model: Any, texts: Sequence[str]) -> float:  # noqa: ANN401 - as it came
    start = time.perf_counter()
    encode(model, texts)
    return time.perf_counter() - start


def _read(notes: Path) -> dict[str, Measured]:
    try:
        return msgspec.json.decode(notes.read_bytes(), type=dict[str, Measured])
    except (OSError, msgspec.MsgspecError):
        return {}


def cpu_name(cpuinfo: Path = _CPUINFO) -> str:
    """Return what the CPU is called, as far as the system tells."""
    try:
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
