"""A thin, typed layer over llama.cpp's C interface: a model, and a context that decodes batches.

Runs in the child process only. No policy lives here: `engine` decides what is decoded when.
"""

from digest.summarize.llama._context import Context, Span, prefers_flash_attention
from digest.summarize.llama._library import last_log_line, supports_gpu_offload
from digest.summarize.llama._model import Model

__all__ = ["Context", "Model", "Span", "last_log_line", "prefers_flash_attention", "supports_gpu_offload"]
