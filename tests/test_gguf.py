from __future__ import annotations

from pathlib import Path

import gguf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import ModelError
from digest.gguf import inspect_gguf
from tiny_model import write_tiny_model


def test_a_whole_file_is_described(tiny_gguf: Path) -> None:
    info = inspect_gguf(tiny_gguf)
    assert (info.name, info.architecture, info.quantization) == ("tiny", "llama", "F32")
    assert info.size == info.expected_size == tiny_gguf.stat().st_size
    assert (info.has_chat_template, info.context_length, info.split_count) == (True, 2048, 1)
    assert info.parameters == sum(int(tensor.n_elements) for tensor in gguf.GGUFReader(tiny_gguf).tensors)


@pytest.mark.parametrize("share", [0.0001, 0.001, 0.01, 0.1, 0.5, 0.99])
def test_a_file_that_is_cut_off_anywhere_is_found(tmp_path: Path, tiny_gguf: Path, share: float) -> None:
    data = tiny_gguf.read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelError, match="cut off") as caught:
        inspect_gguf(path)
    assert "cut.gguf" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS pointer"),
        (b"PK\3\4 zip", "zip archive"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"<html>", "web page"),
        (b"tjgg" + b"\0" * 40, "not a GGUF"),
        (b"\x08\0\0\0\0\0\0\0{}", "safetensors"),
        (b"GGUF\x00\x00\x00\x03" + b"\0" * 40, "big-endian"),
        (b"GGUF\x01\x00\x00\x00" + b"\0" * 40, "version 1"),
        (b"GGUF", "cut off"),
    ],
)
def test_what_is_no_model_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=words) as caught:
        inspect_gguf(path)
    assert "m.gguf" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_there_or_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        inspect_gguf(tmp_path / "none.gguf")
    with pytest.raises(ModelError, match="is a folder"):
        inspect_gguf(tmp_path)


@pytest.mark.parametrize("architecture", ["bert", "nomic-bert", "t5encoder"])
def test_an_embedding_model_is_told(tmp_path: Path, architecture: str) -> None:
    path = write_tiny_model(tmp_path / "e.gguf", architecture=architecture)
    with pytest.raises(ModelError, match="embedding model"):
        inspect_gguf(path)


def test_a_projector_is_told(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "p.gguf", "clip")
    writer.add_type("mmproj")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ModelError, match="only a part"):
        inspect_gguf(tmp_path / "p.gguf")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(st.integers(0, 7000), st.binary(min_size=1, max_size=16))
def test_a_damaged_header_is_an_answer_or_one_line(
    tmp_path: Path, tiny_gguf: Path, place: int, noise: bytes
) -> None:
    data = bytearray(tiny_gguf.read_bytes())
    data[place : place + len(noise)] = noise
    path = tmp_path / "noise.gguf"
    path.write_bytes(bytes(data))
    try:
        inspect_gguf(path)
    except ModelError as error:
        assert "\n" not in str(error)  # noqa: PT017 - any other exception is the failure
