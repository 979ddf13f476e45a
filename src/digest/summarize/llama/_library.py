"""llama.cpp's C interface, loaded once, and what it has to say."""

from __future__ import annotations

import ctypes
from collections import deque
from typing import Any

_KEPT_LOG_LINES = 40
_log: deque[str] = deque(maxlen=_KEPT_LOG_LINES)
_callbacks: list[object] = []  # ctypes callbacks must outlive their registration


def library() -> Any:  # noqa: ANN401 - a ctypes module
    """Import llama.cpp once, its log kept in memory instead of on the terminal."""
    from llama_cpp import llama_cpp

    if not _callbacks:

        @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
        def keep(_level: int, text: bytes, _data: ctypes.c_void_p) -> None:
            _log.append(text.decode("utf-8", "replace"))

        _callbacks.append(keep)
        llama_cpp.llama_log_set(keep, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
    return llama_cpp


def last_log_line() -> str:
    """Return llama.cpp's last words that tell something, for an error message."""
    lines = [line.strip() for line in "".join(_log).splitlines()]
    for word in ("error", "failed"):  # the line with "error" tells the cause, "failed" only that
        if telling := [line for line in lines if word in line.lower()]:
            return telling[-1][:300]
    return lines[-1][:300] if lines else ""


def supports_gpu_offload() -> bool:
    """Say whether this build of llama.cpp can put layers on a GPU."""
    return bool(library().llama_supports_gpu_offload())
