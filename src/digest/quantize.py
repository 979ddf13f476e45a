"""Requantize a GGUF: `python -m digest.quantize SOURCE TARGET TYPE`, a process of its own for `models`."""

from __future__ import annotations

import ctypes
import sys

from digest.threads import available_threads


def main() -> None:
    """Write TARGET, or end with a status that is not 0."""
    from llama_cpp import llama_cpp

    source, target, name = sys.argv[1:]
    kind = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{name}", None)
    if kind is None:
        sys.exit(f"llama.cpp has no quantization called {name}")
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = kind
    params.nthread = available_threads()
    params.allow_requantize = True
    sys.exit(llama_cpp.llama_model_quantize(source.encode(), target.encode(), ctypes.byref(params)) != 0)


if __name__ == "__main__":
    main()
