"""Read a GGUF file's header without llama.cpp, so that a bad file is told before anything is loaded.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The file is hostile until read: every
length is checked against what is left of it, and arrays are skipped, never kept.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from digest.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_LONGEST_KEPT = 1 << 20
_MOST_ENTRIES = 1 << 20
_MOST_DIMENSIONS = 4

# Bytes and elements of one block of each tensor type (ggml's type numbers).
_BLOCKS = {
    0: (4, 1), 1: (2, 1), 2: (18, 32), 3: (20, 32), 6: (22, 32), 7: (24, 32), 8: (34, 32), 9: (36, 32),
    10: (84, 256), 11: (110, 256), 12: (144, 256), 13: (176, 256), 14: (210, 256), 15: (292, 256),
    16: (66, 256), 17: (74, 256), 18: (98, 256), 19: (50, 256), 20: (18, 32), 21: (110, 256), 22: (82, 256),
    23: (136, 256), 24: (1, 1), 25: (2, 1), 26: (4, 1), 27: (8, 1), 28: (8, 1), 29: (56, 256), 30: (2, 1),
    34: (54, 256), 35: (66, 256), 39: (17, 32),
}  # fmt: skip

_QUANTIZATIONS = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
    19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL",
    26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0",
    37: "TQ2_0", 38: "MXFP4",
}  # fmt: skip

# Architectures that only place texts in a vector space, or only read images.
_NO_WRITERS = frozenset(
    {"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert",
     "eurobert", "t5encoder", "gemma-embedding", "clip"}
)  # fmt: skip

_LOOKALIKES = (
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself", "get it with `git lfs pull`"),
    (b"PK\x03\x04", "a zip archive", "unpack it and name the .gguf inside"),
    (b"<!do", "a web page", "download the file itself"),
    (b"<htm", "a web page", "download the file itself"),
    (b"ggjt", "in llama.cpp's old format", "take the model's GGUF version"),
    (b"ggml", "in llama.cpp's old format", "take the model's GGUF version"),
)

Value = int | float | bool | str


@dataclass(frozen=True, slots=True)
class GgufInfo:
    """What a GGUF's header tells.

    Attributes:
        name: The model's own name, or an empty string.
        architecture: Such as `llama` or `qwen2`.
        quantization: Such as `Q4_K_M`, or `unknown`.
        size: Bytes of the whole file.
        expected_size: Bytes that its tensors need, never more than `size`.
        parameters: Elements of all its tensors; of a split model, of this part.
        has_chat_template: Whether it says how a conversation is written.
        context_length: Tokens that it was trained for; 0 if it does not say.
        split_count: Files that the model is split into; 1 if it is whole.
    """

    name: str
    architecture: str
    quantization: str
    size: int
    expected_size: int
    parameters: int
    has_chat_template: bool
    context_length: int
    split_count: int


class _CutOffError(Exception):
    """The header reaches past the end of the file."""


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file = file
        self.size = size

    def take(self, count: int) -> bytes:
        if count > self.size - self.file.tell():
            raise _CutOffError
        return self.file.read(count)

    def skip(self, count: int) -> None:
        if count > self.size - self.file.tell():
            raise _CutOffError
        self.file.seek(count, 1)

    def number(self, code: str) -> int:
        value: int = struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))[0]
        return value

    def text(self) -> str:
        length = self.number("Q")
        if length > _LONGEST_KEPT:
            raise _CutOffError
        return self.take(length).decode("utf-8", "replace")

    def value(self, kind: int) -> Value | None:
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        if kind == _STRING:
            return self.text()
        if kind != _ARRAY:
            raise _CutOffError
        inner, count = self.number("I"), self.number("Q")
        if inner in _SCALARS:
            self.skip(count * struct.calcsize(f"<{_SCALARS[inner]}"))
        elif inner == _STRING:
            if count * 8 > self.size:
                raise _CutOffError
            for _ in range(count):
                self.skip(self.number("Q"))
        else:
            raise _CutOffError
        return None


def inspect_gguf(path: Path) -> GgufInfo:
    """Read the header of a language model.

    Raises:
        ModelError: It is not there, not a GGUF, cut off, or not a model that writes text.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise ModelError(f"the model {path} is a folder", "name the .gguf file in it")
        with path.open("rb") as file:
            head = file.read(24)
            file.seek(0)
            return _inspect(path, _Reader(file, size), head)
    except FileNotFoundError:
        raise ModelError(
            f"the model {path} does not exist", "name a GGUF file, or one of `digest models list`"
        ) from None
    except OSError as error:
        raise ModelError(f"the model {path} cannot be read ({error.strerror})") from None


def _inspect(path: Path, reader: _Reader, head: bytes) -> GgufInfo:
    if not head:
        raise ModelError(f"the model {path} is empty", "copy or download it again")
    if not head.startswith(_MAGIC):
        lower = head.lower()
        for start, what, todo in _LOOKALIKES:
            if lower.startswith(start.lower()):
                raise ModelError(f"the model {path} is {what}", todo)
        if head[8:9] == b"{":
            raise ModelError(f"the model {path} is a safetensors file", "take the model's GGUF version")
        raise ModelError(f"the model {path} is not a GGUF file", "take the model's GGUF version")
    try:
        values, end, parameters = _read_header(path, reader)
    except _CutOffError:
        raise ModelError(f"the model {path} is damaged or cut off", "copy or download it again") from None
    if end > reader.size:
        raise ModelError(
            f"the model {path} is cut off: {reader.size:,} of {end:,} bytes", "copy or download it again"
        )
    architecture = str(values.get("general.architecture", ""))
    embeds = architecture in _NO_WRITERS or values.get(f"{architecture}.pooling_type", 0) in (1, 2, 3, 4)
    if values.get("general.type") in ("mmproj", "adapter") or architecture == "clip":
        raise ModelError(f"the model {path} is only a part of one", "name the language model itself")
    if embeds:
        raise ModelError(
            f"the model {path} is an embedding model ({architecture!r}) and writes no text",
            "take an instruct model, for example Qwen2.5-7B-Instruct",
        )
    kind = values.get("general.file_type")
    quantization = _QUANTIZATIONS.get(kind, "unknown") if isinstance(kind, int) else "unknown"
    return GgufInfo(
        name=str(values.get("general.name", "")),
        architecture=architecture,
        quantization=quantization,
        size=reader.size,
        expected_size=end,
        parameters=parameters,
        has_chat_template="tokenizer.chat_template" in values,
        context_length=_count(values, f"{architecture}.context_length", 0),
        split_count=max(1, _count(values, "split.count", 1)),
    )


def _count(values: dict[str, Value], key: str, default: int) -> int:
    value = values.get(key)
    return value if isinstance(value, int) else default


def _read_header(path: Path, reader: _Reader) -> tuple[dict[str, Value], int, int]:
    """Return the scalar metadata, where the last tensor ends (bytes), and the elements of all tensors."""
    reader.take(len(_MAGIC))
    version = reader.number("I")
    if version.to_bytes(4, "little") in (b"\0\0\0\2", b"\0\0\0\3"):
        raise ModelError(f"the model {path} is a big-endian GGUF", "take the little-endian version")
    if version not in _VERSIONS:
        raise ModelError(
            f"the model {path} has GGUF version {version}", "this program reads 2 and 3, little-endian"
        )
    tensors, entries = reader.number("Q"), reader.number("Q")
    if tensors > _MOST_ENTRIES or entries > _MOST_ENTRIES:
        raise _CutOffError
    values: dict[str, Value] = {}
    for _ in range(entries):
        key = reader.text()
        value = reader.value(reader.number("I"))
        if value is not None:
            values[key] = value
    end = parameters = 0
    for _ in range(tensors):
        reader.text()
        dimensions = reader.number("I")
        if dimensions > _MOST_DIMENSIONS:
            raise _CutOffError
        elements = 1
        for _ in range(dimensions):
            elements *= reader.number("Q")
        parameters += elements
        size, block = _BLOCKS.get(reader.number("I"), (0, 1))  # of a new type only the start is known
        end = max(end, reader.number("Q") + -(-elements // block) * size)
    alignment = values.get("general.alignment", 32)
    alignment = alignment if isinstance(alignment, int) and 0 < alignment <= _LONGEST_KEPT else 32
    start = -(-reader.file.tell() // alignment) * alignment
    return values, start + end if tensors else reader.file.tell(), parameters
