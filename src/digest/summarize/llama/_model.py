"""A GGUF model: its weights, its vocabulary, and what it tells of itself."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Literal

from digest.errors import ModelError
from digest.summarize.llama._library import last_log_line, library

if TYPE_CHECKING:
    from pathlib import Path


class Model:
    """A GGUF model's weights and vocabulary.

    Args:
        path: A GGUF file (of a split model, the first part).
        gpu_layers: How many layers go to the GPU; negative means all.

    Raises:
        ModelError: llama.cpp refuses the file.
    """

    def __init__(self, path: Path, *, gpu_layers: int = 0) -> None:
        self._c = library()
        self.gpu_layers = gpu_layers
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

    @property
    def on_gpu(self) -> bool:
        """Whether any layer is on a GPU."""
        return self.gpu_layers != 0

    def where(self, threads: int) -> str:
        """Say, for a reader, what computes."""
        if self.on_gpu:
            return f"{'all' if self.gpu_layers < 0 else self.gpu_layers} layers on the GPU"
        return f"on the CPU with {threads} thread{'' if threads == 1 else 's'}"

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
    def heads(self) -> int:
        """Number of attention heads."""
        return int(self._c.llama_model_n_head(self.handle))

    @property
    def head_size(self) -> int:
        """Length of one head's key."""
        named = self.metadata(f"{self.metadata('general.architecture')}.attention.key_length")
        if named and named.isdigit():
            return int(named)
        return int(self._c.llama_model_n_embd(self.handle) // max(1, self.heads))

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
