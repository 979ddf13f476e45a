"""A GGUF of two layers with random f32 weights and a byte vocabulary, made in a blink."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gguf
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

CHATML = (
    "{% for message in messages %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
WIDTH, HEADS, KV_HEADS, LAYERS, FEED_FORWARD = 64, 4, 2, 2, 96


def byte_vocabulary() -> list[str]:
    """The 256 byte tokens in GPT-2's printable spelling, in byte order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spelling = {byte: chr(byte) for byte in printable}
    extra = 0
    for byte in range(256):
        if byte not in spelling:
            spelling[byte] = chr(256 + extra)
            extra += 1
    return [spelling[byte] for byte in range(256)]


def write_tiny_model(
    path: Path,
    *,
    seed: int = 0,
    chat_template: str | None = CHATML,
    context: int = 2048,
    architecture: str = "llama",
) -> Path:
    """Write the model to `path`; the same arguments give the same bytes."""
    random = np.random.default_rng(seed)
    # One merge, for llama.cpp refuses a vocabulary without any.
    tokens = [*byte_vocabulary(), "<|im_start|>", "<|im_end|>", "qz"]
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name("tiny")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.NORMAL]
    )
    writer.add_token_merges(["q z"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(257)
    writer.add_add_bos_token(False)
    if chat_template is not None:
        writer.add_chat_template(chat_template)

    def weight(name: str, *shape: int, scale: float = 0.25) -> None:
        writer.add_tensor(name, random.normal(0, scale, shape).astype(np.float32))

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(WIDTH, np.float32))

    kv_width = WIDTH // HEADS * KV_HEADS
    weight("token_embd.weight", len(tokens), WIDTH, scale=1.0)
    ones("output_norm.weight")
    weight("output.weight", len(tokens), WIDTH)
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        ones(f"{block}.attn_norm.weight")
        weight(f"{block}.attn_q.weight", WIDTH, WIDTH)
        weight(f"{block}.attn_k.weight", kv_width, WIDTH)
        weight(f"{block}.attn_v.weight", kv_width, WIDTH)
        weight(f"{block}.attn_output.weight", WIDTH, WIDTH)
        ones(f"{block}.ffn_norm.weight")
        weight(f"{block}.ffn_gate.weight", FEED_FORWARD, WIDTH)
        weight(f"{block}.ffn_up.weight", FEED_FORWARD, WIDTH)
        weight(f"{block}.ffn_down.weight", WIDTH, FEED_FORWARD)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
