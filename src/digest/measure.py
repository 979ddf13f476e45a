"""Measure a GGUF: `python -m digest.measure MODEL THREADS`, a process of its own for `models`."""

from __future__ import annotations

import ctypes
import json
import statistics
import sys
import time
from typing import Any

from digest import offline

_PROMPT = 512
_WRITTEN = 32
_ROUNDS = 3
_LOG_ERROR = 4  # GGML_LOG_LEVEL_ERROR in ggml.h


def main() -> None:
    """Print `{"prompt_tps": …, "generate_tps": …}`, or end with a status that is not 0."""
    from llama_cpp import llama_cpp

    path, threads = sys.argv[1], int(sys.argv[2])
    errors: list[str] = []

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
    def keep(level: int, text: bytes, _data: object) -> None:
        if level == _LOG_ERROR:
            errors.append(text.decode("utf-8", "replace").strip())

    llama_cpp.llama_log_set(keep, ctypes.c_void_p(0))
    llama_cpp.llama_backend_init()
    model_params = llama_cpp.llama_model_default_params()
    model_params.n_gpu_layers = 0
    model = llama_cpp.llama_model_load_from_file(path.encode(), model_params)
    if not model:
        sys.exit((errors or ["it cannot be loaded"])[0])  # the others follow from the first
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = _PROMPT + _WRITTEN
    params.n_batch = params.n_ubatch = _PROMPT
    params.n_threads = params.n_threads_batch = threads
    context = llama_cpp.llama_init_from_model(model, params)
    if not context:
        sys.exit("there is no memory for its context")
    # Which tokens these are changes nothing about the time.
    size = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
    tokens = (llama_cpp.llama_token * _PROMPT)(*(7919 * i % size for i in range(_PROMPT)))
    _seconds(llama_cpp, context, tokens)  # the first pass reads the file and warms the caches
    prompt_s = statistics.median(_seconds(llama_cpp, context, tokens) for _ in range(_ROUNDS))
    one = (llama_cpp.llama_token * 1)(tokens[0])
    started = time.perf_counter()
    for _ in range(_WRITTEN):
        _decode(llama_cpp, context, one)
    written_s = time.perf_counter() - started
    sys.stdout.write(json.dumps({"prompt_tps": _PROMPT / prompt_s, "generate_tps": _WRITTEN / written_s}))


def _seconds(c: Any, context: Any, tokens: Any) -> float:  # noqa: ANN401 - ctypes
    """Return how long the tokens take from an empty context."""
    c.llama_memory_clear(c.llama_get_memory(context), True)
    started = time.perf_counter()
    _decode(c, context, tokens)
    return time.perf_counter() - started


def _decode(c: Any, context: Any, tokens: Any) -> None:  # noqa: ANN401 - ctypes
    status = c.llama_decode(context, c.llama_batch_get_one(tokens, len(tokens)))
    if status != 0:
        sys.exit(f"decoding failed with status {status}")
    c.llama_synchronize(context)


if __name__ == "__main__":
    offline.close()  # a model needs nobody
    main()
