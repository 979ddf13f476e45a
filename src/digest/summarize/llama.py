"""A thin, typed layer over llama.cpp's C interface: a model, and a context that decodes batches.

Runs in the child process only. No policy lives here: `engine` decides what is decoded when.
"""

from __future__ import annotations

import ctypes
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from digest.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

_KEPT_LOG_LINES = 40
_log: deque[str] = deque(maxlen=_KEPT_LOG_LINES)
_callbacks: list[object] = []  # ctypes callbacks must outlive their registration


def _library() -> Any:  # noqa: ANN401 - a ctypes module
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
    return bool(_library().llama_supports_gpu_offload())


class Model:
    """A GGUF model's weights and vocabulary.

    Args:
        path: A GGUF file (of a split model, the first part).
        gpu_layers: How many layers go to the GPU; negative means all.

    Raises:
        ModelError: llama.cpp refuses the file.
    """

    def __init__(self, path: Path, *, gpu_layers: int = 0) -> None:
        self._c = _library()
        params = self._c.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        self.handle = self._c.llama_model_load_from_file(str(path).encode(), params)
        if not self.handle:
            raise ModelError(
                f"llama.cpp cannot load {path.name} ({last_log_line()})",
                "check the file with `digest models verify`, or take a model that this llama.cpp knows",
            )
        self.vocab = self._c.llama_model_get_vocab(self.handle)
        self.vocabulary_size: int = self._c.llama_vocab_n_tokens(self.vocab)
        self._pieces: dict[int, bytes] = {}

    def close(self) -> None:
        """Free the weights."""
        if self.handle:
            self._c.llama_model_free(self.handle)
            self.handle = None

    def metadata(self, key: str) -> str | None:
        """Return one value of the GGUF's metadata, as text."""
        size = 1 << 12
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = self._c.llama_model_meta_val_str(self.handle, key.encode(), buffer, size)
            if length < 0:
                return None
            if length < size:
                return buffer.value.decode("utf-8", "replace")
            size = length + 1

    @property
    def trained_context(self) -> int:
        """Longest sequence that the model was trained on (tokens)."""
        return int(self._c.llama_model_n_ctx_train(self.handle))

    @property
    def layers(self) -> int:
        """Number of layers."""
        return int(self._c.llama_model_n_layer(self.handle))

    @property
    def kv_heads(self) -> int:
        """Number of heads whose keys and values are kept."""
        return int(self._c.llama_model_n_head_kv(self.handle))

    @property
    def head_size(self) -> int:
        """Length of one head's key."""
        named = self.metadata(f"{self.metadata('general.architecture')}.attention.key_length")
        if named and named.isdigit():
            return int(named)
        return int(self._c.llama_model_n_embd(self.handle) // max(1, self._c.llama_model_n_head(self.handle)))

    @property
    def chat_template(self) -> str | None:
        """The GGUF's own Jinja chat template."""
        template = self._c.llama_model_chat_template(self.handle, None)
        return template.decode("utf-8", "replace") if template else None

    @property
    def has_recurrent_state(self) -> bool:
        """Whether a part of a sequence's memory cannot be copied or taken back (Mamba, RWKV, hybrids)."""
        return bool(
            self._c.llama_model_is_recurrent(self.handle) or self._c.llama_model_is_hybrid(self.handle)
        )

    @property
    def can_write(self) -> bool:
        """Whether the model generates text at all."""
        return bool(self._c.llama_model_has_decoder(self.handle)) and not bool(
            self._c.llama_model_has_encoder(self.handle)
        )

    def tokenize(self, text: str, *, special: bool, begin: bool = False) -> list[int]:
        """Return the tokens of `text`.

        Args:
            text: Any text.
            special: Read control tokens such as `<|im_start|>` in `text` as such; never for text from
                outside.
            begin: Put the beginning-of-sequence token first, if the model wants one.
        """
        data = text.encode("utf-8", "replace")
        capacity = len(data) + 8
        while True:
            buffer = (self._c.llama_token * capacity)()
            count = self._c.llama_tokenize(self.vocab, data, len(data), buffer, capacity, begin, special)
            if count >= 0:
                return list(buffer[:count])
            capacity = -count

    def piece(self, token: int) -> bytes:
        """Return the bytes that `token` stands for; empty for control tokens. May be part of a character."""
        piece = self._pieces.get(token)
        if piece is None:
            buffer = ctypes.create_string_buffer(256)
            length = self._c.llama_token_to_piece(self.vocab, token, buffer, 256, 0, False)
            piece = buffer.raw[: max(length, 0)]
            self._pieces[token] = piece
        return piece

    def is_end(self, token: int) -> bool:
        """Say whether `token` ends a generation."""
        return bool(self._c.llama_vocab_is_eog(self.vocab, token))

    def is_control(self, token: int) -> bool:
        """Say whether `token` steers the model, such as the begin of a turn."""
        return bool(self._c.llama_vocab_is_control(self.vocab, token))

    def token_text(self, token: int) -> str:
        """Return the name of `token` in the vocabulary; empty for -1, which means that there is none."""
        text = self._c.llama_vocab_get_text(self.vocab, token) if token >= 0 else None
        return text.decode("utf-8", "replace") if text else ""

    def special_text(self, kind: Literal["bos", "eos"]) -> str:
        """Return the text of the token that begins or ends a sequence, empty when there is none."""
        return self.token_text(int(getattr(self._c, f"llama_vocab_{kind}")(self.vocab)))


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
    ) -> None:
        self._c = c = _library()
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
