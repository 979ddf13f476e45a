"""Requantize a GGUF: `python -m digest.quantize SOURCE TARGET TYPE`, a process of its own for `models`."""

from __future__ import annotations

import ctypes
import sys

from digest import offline
from digest.threads import available_threads

_LOG_ERROR = 4  # GGML_LOG_LEVEL_ERROR in ggml.h


def main() -> None:
    """Write TARGET, or end with a status that is not 0 and llama.cpp's first error."""
    from llama_cpp import llama_cpp

    source, target, name = sys.argv[1:]
    kind = getattr(
        llama_cpp, f"LLAMA_FTYPE_MOSTLY_{name}", getattr(llama_cpp, f"LLAMA_FTYPE_ALL_{name}", None)
    )
    if kind is None:
        sys.exit(f"llama.cpp has no quantization called {name}")
    errors: list[str] = []

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def keep(level: int, text: bytes, _data: object) -> None:
        if level == _LOG_ERROR:
            errors.append(text.decode("utf-8", "replace").strip())

    llama_cpp.llama_log_set(keep, ctypes.c_void_p(0))
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = kind
    params.nthread = available_threads()
    params.allow_requantize = True
    if llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(params)) != 0:
        sys.exit((errors or ["it does not say why"])[0])  # the others follow from the first


if __name__ == "__main__":
    offline.close()  # a model needs nobody
    main()
