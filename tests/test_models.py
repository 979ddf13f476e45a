from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import msgspec
import pytest

from digest import offline
from digest.errors import ModelError, OfflineError
from digest.gguf import inspect_gguf
from digest.models import (
    KnownFile,
    KnownModel,
    Source,
    find_embedder,
    find_language_model,
    get,
    load_manifest,
    measure,
    prepare,
    prepared_path,
    problems,
    sha256_of,
)
from digest.models._get import _copy_checked
from tiny_model import write_tiny_model

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
        description="Fake",
        licence="CC0",
        parameters=7,
        origin="nowhere",
        source=Source("fake-model", "1.0"),
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
    manifest = {model.name: model for model in load_manifest()}
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
    path = get(known(), wheels=wheel(tmp_path / "w"), say=said.append)
    assert path == cache / "fake"
    assert [p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()] == ["sub/w.bin"]
    assert problems(known(), thorough=True) == []
    assert len(said) == 1
    get(known(), wheels=tmp_path / "nowhere", say=said.append)  # it is here: nothing is asked for
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
        get(known(), wheels=wheel(tmp_path / "w", content, member), say=lambda _: None)
    assert [path.name for path in cache.iterdir()] == []


class Endless(io.BytesIO):
    given = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert self.given < 10 << 20, "it would be read for ever"
        self.given += size
        return b"\0" * size


def test_a_bomb_is_left_soon_after_the_size_that_it_should_have() -> None:
    out = io.BytesIO()
    with pytest.raises(ModelError, match="more than 7,000 bytes, expected 7,000"):
        _copy_checked(known(), known().files[0], Endless(), out)
    assert len(out.getvalue()) <= 1 << 20


def test_a_wheel_that_does_not_come_is_told_in_one_line(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="pip could not download fake-model") as caught:
        get(known(), wheels=tmp_path / "empty", say=lambda _: None)
    assert "\n" not in str(caught.value)
    assert list(cache.iterdir()) == []


def test_under_offline_a_model_comes_from_a_folder_only(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline, "is_forbidden", lambda: True)
    with pytest.raises(OfflineError, match="--wheels FOLDER"):
        get(known(), say=lambda _: None)
    assert get(known(), wheels=wheel(tmp_path / "w"), say=lambda _: None) == cache / "fake"


def test_a_damaged_model_is_found_and_mended(cache: Path, tmp_path: Path) -> None:
    wheels = wheel(tmp_path / "w")
    get(known(), wheels=wheels, say=lambda _: None)
    path = cache / "fake" / "sub" / "w.bin"
    path.write_bytes(WEIGHTS[:-1] + b"?")
    assert "sha256" in problems(known(), thorough=True)[0]
    path.write_bytes(b"short")
    assert "5 bytes instead of 7,000" in problems(known(), thorough=False)[0]
    get(known(), wheels=wheels, say=lambda _: None)
    assert problems(known(), thorough=True) == []
    path.unlink()
    assert problems(known(), thorough=False)[0].endswith("is missing")


def test_a_get_that_is_killed_leaves_no_half_model(cache: Path, tmp_path: Path) -> None:
    wheels = wheel(tmp_path / "w")
    script = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "import digest.models as models; import digest.models._get as inner\n"
        "from pathlib import Path; from test_models import known\n"
        "inner._copy_checked = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "models.get(known(), wheels=Path(sys.argv[2]), say=print)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, Path(__file__).parent, wheels], check=False, capture_output=True
    )
    assert done.returncode == -signal.SIGKILL
    assert not (cache / "fake").exists()
    get(known(), wheels=wheels, say=lambda _: None)
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
    prepared = prepare(tiny_gguf, say=said.append)
    assert inspect_gguf(prepared).quantization == "Q8_0"
    assert prepare(tiny_gguf, say=said.append) == prepared
    assert len(said) == 1
    assert prepare(prepared, say=said.append) == prepared
    assert said[1] == f"{prepared.name} is Q8_0 already"
    assert prepare(tiny_gguf, quantization="q4_0", say=said.append).name.endswith(".Q4_0.gguf")
    with pytest.raises(ModelError, match="no quantization called Q9_9"):
        prepare(tiny_gguf, quantization="Q9_9", say=said.append)
    with pytest.raises(ModelError, match="is no quantization"):
        prepare(tiny_gguf, quantization="../x", say=said.append)
    assert len(list(prepared.parent.iterdir())) == 2


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct"),
        ("qwen2.5-7b-instruct-q4_k_m.gguf", "qwen2.5-7b-instruct"),
        ("phi.IQ2_XXS.gguf", "phi"),
        ("llama.BF16.gguf", "llama"),
        ("qwen2.5.gguf", "qwen2.5"),
        ("t5.gguf", "t5"),
    ],
)
def test_a_prepared_file_is_called_after_its_source(tmp_path: Path, name: str, stem: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    hashed = hashlib.sha256(b"x").hexdigest()[:12]
    assert prepared_path(tmp_path / name).name == f"{stem}.{hashed}.Q8_0.gguf"


@pytest.mark.usefixtures("cache")
def test_a_model_that_llama_cpp_cannot_use_is_told_in_one_line(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "odd.gguf", architecture="unheard-of")
    for attempt in (lambda: prepare(path, say=print), lambda: measure(path)):
        with pytest.raises(ModelError, match="unheard-of") as caught:
            attempt()
        assert "\n" not in str(caught.value)
    assert list(prepared_path(path).parent.iterdir()) == []


def test_a_child_that_is_killed_is_told(tiny_gguf: Path, tmp_path: Path, cache: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from digest.models import prepare; from digest.errors import ModelError\n"
        "try: prepare(Path(sys.argv[1]), say=print)\n"
        "except ModelError as error: print(error)\n"
    )
    (tmp_path / "llama_cpp").mkdir()  # found first, and ends its process
    (tmp_path / "llama_cpp" / "__init__.py").write_text(
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tiny_gguf],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])},
        check=True,
        capture_output=True,
        text=True,
    )
    assert "ended by signal 9, perhaps for want of memory" in done.stdout
    assert list((cache / "prepared").iterdir()) == []


@pytest.mark.usefixtures("cache")
def test_code_in_the_working_folder_is_not_run(
    tiny_gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("pip", "llama_cpp", "digest"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('this code was run')")
    monkeypatch.chdir(tmp_path)
    get(known(), wheels=wheel(tmp_path / "w"), say=print)
    assert prepare(tiny_gguf, say=print).is_file()


@pytest.mark.usefixtures("cache")
def test_a_model_is_measured(tiny_gguf: Path) -> None:
    speed = measure(tiny_gguf)
    assert speed.prompt_tps > 0
    assert speed.generate_tps > 0


@pytest.mark.usefixtures("cache")
def test_a_disk_without_room_is_told_before_anything_is_downloaded(tmp_path: Path) -> None:
    huge = KnownFile("fake/data/w.bin", "w.bin", 1 << 60, "0" * 64)
    with pytest.raises(ModelError, match="bytes free, and 2,305,843,009,213,693,952 are needed"):
        get(known(files=(huge,)), wheels=tmp_path / "not asked for", say=print)


@pytest.mark.usefixtures("cache")
def test_a_hostile_wheel_writes_nothing_outside(tmp_path: Path) -> None:
    folder = wheel(tmp_path / "w")
    (path,) = folder.iterdir()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../escaped", "x")
        archive.writestr(str(tmp_path / "escaped"), "x")
    get(known(), wheels=folder, say=print)
    assert not list(tmp_path.rglob("escaped"))
    with pytest.raises(ModelError, match="is not as the manifest says"):
        get(known(name="other"), wheels=damaged_wheel(tmp_path / "v"), say=print)


def damaged_wheel(folder: Path) -> Path:
    (path,) = wheel(folder).iterdir()
    data = bytearray(path.read_bytes())
    start = data.index(b"fake/data/w.bin") + len(b"fake/data/w.bin")
    data[start : start + 4] = b"\xff\xff\xff\xff"  # no deflate stream begins so
    path.write_bytes(bytes(data))
    return folder


def test_what_a_killed_process_left_is_removed_a_day_later(cache: Path, tmp_path: Path) -> None:
    old, young = cache / ".unfinished-old", cache / ".unfinished-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "part").write_bytes(b"x")
    os.utime(old, (0, 0))
    get(known(), wheels=wheel(tmp_path / "w"), say=print)
    assert not old.exists()
    assert young.exists()


def test_without_pip_the_reader_is_told_how_to_get_it(cache: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.modules['pip'] = None\n"
        "from test_models import known; from digest.models import get\n"
        "from digest.errors import ModelError\n"
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'pip' else find(name, *a)\n"
        "try: get(known(), say=print)\n"
        "except ModelError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, Path(__file__).parent], check=True, capture_output=True, text=True
    )
    assert "-m ensurepip" in done.stdout
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    ("modules", "words"),
    [
        ("{", "damaged modules.json"),
        ('[{"type": "os.path", "path": ""}]', "code of its own"),
        ('[{"type": "sentence_transformers.models.Dense", "path": "../x"}]', "outside its folder"),
        ('[{"type": "sentence_transformers.models.Dense", "path": "2_Dense"}]', "can run code"),
        ("[]", "sharded weights"),
    ],
)
def test_an_embedder_that_could_run_code_is_refused(tmp_path: Path, modules: str, words: str) -> None:
    (tmp_path / "modules.json").write_text(modules)
    (tmp_path / "2_Dense").mkdir()
    (tmp_path / "2_Dense" / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelError, match=words):
        find_embedder(str(tmp_path))


@pytest.mark.model
def test_the_default_embedder_loads_from_the_cache_alone() -> None:
    import numpy as np

    from digest.ranking.embed import SentenceTransformerEmbedder

    vectors = SentenceTransformerEmbedder(find_embedder(None), "test").embed(["a cat", "a kitten", "the tax"])
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


@pytest.mark.model
def test_the_default_models_are_here_whole_and_prepared() -> None:
    for model in load_manifest():
        assert get(model, say=print) == model.path
        assert problems(model, thorough=True) == []
    prepare(find_language_model("smollm2-135m-instruct", original=True), say=print)
    assert inspect_gguf(find_language_model("smollm2-135m-instruct")).quantization == "Q8_0"
