"""Write a GGUF of any shape with random weights and the default model's tokenizer.

    python -m bench.synthetic_model OUT.gguf [--layers 28 --width 1536 --heads 12 --kv-heads 2]

Random weights run at the speed of real ones; what they write is noise.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import gguf
import numpy as np
import numpy.typing as npt

from digest.models import find_language_model

_BLOCK, _BLOCK_BYTES = 32, 18  # of Q4_0: a scale in fp16 and 32 numbers of 4 bits
_TOKENIZER = "tokenizer."


def _q4_0(random: np.random.Generator, rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """Return random Q4_0 data, (rows, bytes of a row), weights of about unit gain."""
    blocks = rows * columns // _BLOCK
    data = random.integers(0, 256, (blocks, _BLOCK_BYTES), dtype=np.uint8)
    # A 4-bit number is uniform in -8..7, so its deviation is 4.6.
    scale = np.float16(1 / (4.6 * np.sqrt(columns)))
    data[:, :2] = np.frombuffer(scale.tobytes(), np.uint8)
    return data.reshape(rows, columns // _BLOCK * _BLOCK_BYTES)


def write_model(
    path: Path, *, layers: int, width: int, heads: int, kv_heads: int, feed_forward: int, context: int = 8192
) -> None:
    """Write the model; every number is of the llama architecture."""
    source = gguf.GGUFReader(find_language_model("smollm2-135m-instruct"))
    random = np.random.default_rng(0)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("synthetic")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_0)
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(feed_forward)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    tokens = 0
    for name, field in source.fields.items():
        if not name.startswith(_TOKENIZER):
            continue
        value = field.contents()
        if isinstance(value, list):
            writer.add_array(name, value)
            tokens = len(value) if name.endswith(".tokens") else tokens
        else:
            writer.add_key_value(name, value, field.types[0])

    def matrix(name: str, rows: int, columns: int) -> None:
        writer.add_tensor(name, _q4_0(random, rows, columns), raw_dtype=gguf.GGMLQuantizationType.Q4_0)

    def norm(name: str) -> None:
        writer.add_tensor(name, np.ones(width, np.float32))

    kv_width = width // heads * kv_heads
    matrix("token_embd.weight", tokens, width)
    norm("output_norm.weight")
    for layer in range(layers):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm.weight")
        matrix(f"{block}.attn_q.weight", width, width)
        matrix(f"{block}.attn_k.weight", kv_width, width)
        matrix(f"{block}.attn_v.weight", kv_width, width)
        matrix(f"{block}.attn_output.weight", width, width)
        norm(f"{block}.ffn_norm.weight")
        matrix(f"{block}.ffn_gate.weight", feed_forward, width)
        matrix(f"{block}.ffn_up.weight", feed_forward, width)
        matrix(f"{block}.ffn_down.weight", width, feed_forward)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Write the file that was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    for name, default in (
        ("layers", 28),
        ("width", 1536),
        ("heads", 12),
        ("kv-heads", 2),
        ("feed-forward", 8960),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = vars(parser.parse_args())
    write_model(options.pop("out"), **options)


if __name__ == "__main__":
    main()
