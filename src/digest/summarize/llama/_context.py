"""The memory of several sequences over one model, and the decoding of batches."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.errors import ModelError
from digest.summarize.llama._library import last_log_line, library

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.summarize.llama._model import Model


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive tokens of one sequence, to be decoded.

    Attributes:
        sequence: Its number, below `Context.sequences`.
        position: Of the first token.
        tokens: At least one.
        outputs: For how many of the last tokens logits are wanted, 0..len(tokens).
    """

    sequence: int
    position: int
    tokens: Sequence[int]
    outputs: int


def prefers_flash_attention(model: Model, kv_type: str) -> bool:
    """Say whether flash attention is the better way for this model and type of cache.

    llama.cpp's kernel for CPUs goes through the cache value by value for a sequence that has one token in
    the batch, which is what all do that write. Measured at 16 sequences: with heads of 64 less than half
    as fast as matrix products, with heads of 128 a tenth faster. GPUs have kernels of their own, and a
    quantized V cache cannot do without it.
    """
    return model.on_gpu or kv_type not in _PLAIN_TYPES or model.head_size >= _LARGE_HEAD


_PLAIN_TYPES = ("f32", "f16")
_LARGE_HEAD = 128


class Context:
    """The memory of several sequences over one model, and the decoding of batches.

    Args:
        model: Must outlive the context.
        size: Tokens of memory for each sequence.
        sequences: How many sequences there are.
        batch_size: Most tokens in one batch.
        outputs: Most logits rows that one batch may ask for.
        threads: Threads for computing.
        kv_type: Type of the KV cache: f32, f16, q8_0 or q4_0.
        flash_attention: Compute attention without storing its scores. None means as is best: where
            layers are on a GPU, and where a quantized cache needs it.

    Raises:
        ModelError: There is not enough memory.
    """

    def __init__(
        self,
        model: Model,
        *,
        size: int,
        sequences: int,
        batch_size: int,
        threads: int,
        outputs: int = 0,
        kv_type: str = "f16",
        flash_attention: bool | None = None,
    ) -> None:
        self._c = c = library()
        if flash_attention is None:
            flash_attention = prefers_flash_attention(model, kv_type)
        self.model = model
        self.size = size
        self.sequences = sequences
        self.batch_size = batch_size
        params = c.llama_context_default_params()
        # llama.cpp shares the context out evenly, in steps of 256, and takes no batch larger than it.
        size = -(-max(size, batch_size) // 256) * 256
        params.n_ctx = size * sequences
        params.n_batch = batch_size
        params.n_ubatch = batch_size
        params.n_seq_max = sequences
        # Room for the logits of every token of a batch would be hundreds of megabytes, never used.
        params.n_outputs_max = min(outputs, batch_size)
        params.type_k = params.type_v = getattr(c, f"GGML_TYPE_{kv_type.upper()}")
        params.n_threads = threads
        params.n_threads_batch = threads
        # A memory of its own for each sequence. In a common one every token attends, masked, to the cells
        # of all sequences: with eight papers in flight that made writing a third slower.
        params.kv_unified = False
        kind = "ENABLED" if flash_attention else "DISABLED"
        params.flash_attn_type = getattr(c, f"LLAMA_FLASH_ATTN_TYPE_{kind}")
        params.swa_full = True  # else a sequence could not be taken back to its prefix
        params.no_perf = True
        self.handle = c.llama_init_from_model(model.handle, params)
        if not self.handle:
            raise ModelError(
                f"no memory for {sequences} contexts of {size} tokens ({last_log_line()})",
                "give fewer sequences with `--parallel`, or a smaller model",
            )
        self._memory = c.llama_get_memory(self.handle)
        self._allocate_batch()

    def _allocate_batch(self) -> None:
        """Make the batch's arrays once; `decode` fills them by slices, not token by token."""
        c, n = self._c, self.batch_size
        self._token = np.zeros(n, np.int32)  # (batch,)
        self._position = np.zeros(n, np.int32)
        self._sequence = np.zeros(n, np.int32)
        self._wanted = np.zeros(n, np.int8)
        self._sequence_count = np.ones(n, np.int32)
        # llama.cpp wants, for each token, a pointer to its list of sequences: here of length one.
        addresses = self._sequence.ctypes.data + 4 * np.arange(n, dtype=np.uintp)
        self._sequence_lists = addresses
        self._batch = c.llama_batch(
            n_tokens=0,
            token=self._token.ctypes.data_as(ctypes.POINTER(c.llama_token)),
            embd=None,
            pos=self._position.ctypes.data_as(ctypes.POINTER(c.llama_pos)),
            n_seq_id=self._sequence_count.ctypes.data_as(ctypes.POINTER(ctypes.c_int32)),
            seq_id=ctypes.cast(
                self._sequence_lists.ctypes.data, ctypes.POINTER(ctypes.POINTER(c.llama_seq_id))
            ),
            logits=self._wanted.ctypes.data_as(ctypes.POINTER(ctypes.c_int8)),
        )

    def close(self) -> None:
        """Free the memory."""
        if self.handle:
            self._c.llama_free(self.handle)
            self.handle = None

    def decode(self, spans: Sequence[Span]) -> npt.NDArray[np.float32]:
        """Run the model over all spans in one batch.

        Args:
            spans: Together at most `batch_size` tokens.

        Returns:
            Logits, (outputs, vocabulary) float32, rows in the order of the spans; a view that the next
            call overwrites.

        Raises:
            ModelError: llama.cpp refused or failed.
        """
        start = 0
        outputs = 0
        for span in spans:
            end = start + len(span.tokens)
            self._token[start:end] = span.tokens
            self._position[start:end] = np.arange(span.position, span.position + len(span.tokens))
            self._sequence[start:end] = span.sequence
            self._wanted[start:end] = 0
            self._wanted[end - span.outputs : end] = 1
            outputs += span.outputs
            start = end
        self._batch.n_tokens = start
        status = self._c.llama_decode(self.handle, self._batch)
        if status != 0:
            raise ModelError(f"llama.cpp failed to decode a batch (status {status}, {last_log_line()})")
        if outputs == 0:
            return np.empty((0, self.model.vocabulary_size), np.float32)
        pointer = self._c.llama_get_logits(self.handle)
        return np.ctypeslib.as_array(pointer, shape=(outputs, self.model.vocabulary_size))

    def copy(self, source: int, target: int) -> None:
        """Give `target` all that `source` holds, without computing it again."""
        self._c.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def truncate(self, sequence: int, length: int) -> None:
        """Forget everything of `sequence` from position `length` on.

        Raises:
            ModelError: The model's memory cannot give back a part.
        """
        if not self._c.llama_memory_seq_rm(self._memory, sequence, length, -1):
            raise ModelError("this model's memory cannot be taken back in part")

    def clear(self) -> None:
        """Forget all sequences."""
        self._c.llama_memory_clear(self._memory, True)
