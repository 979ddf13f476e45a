"""From what a reader names to what is loaded: paths and manifest names."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Literal

import msgspec

from digest.errors import ModelError
from digest.models._known import KnownModel, load_manifest, problems
from digest.models._prepare import prepared_path

DEFAULT_EMBEDDER = "all-minilm-l6-v2"


class _Module(msgspec.Struct):
    """A step of a sentence-transformers model: a class, and the folder with its weights."""

    type: str
    path: str = ""


def find_language_model(name: str, *, original: bool = False) -> Path:
    """Return the GGUF that a path or a manifest name means.

    Args:
        name: A path wins, if it exists or looks like one.
        original: Of a manifest name return the file as it came, even if there is a prepared form.

    Raises:
        ModelError: There is none.
    """
    path = Path(name).expanduser()
    if path.is_file() or path.suffix.lower() == ".gguf" or os.sep in name:
        return path  # whether it is any good, `inspect_gguf` says
    model = _known(name, "language")
    if not original and (prepared := prepared_path(model.path)).is_file():
        return prepared
    return model.path


def find_embedder(name: str | None) -> Path:
    """Return the folder that a path or a manifest name means; None means the default one.

    Raises:
        ModelError: There is none, it is damaged, or it holds what could run code.
    """
    path = Path(name or DEFAULT_EMBEDDER).expanduser()
    if not path.exists():
        if name and os.sep in name:
            raise ModelError(f"the embedder {path} does not exist", "name a sentence-transformers folder")
        path = _known(name or DEFAULT_EMBEDDER, "embedder").path
    if not (path / "modules.json").is_file():
        raise ModelError(
            f"the embedder {path} is not a sentence-transformers folder (no modules.json)", "name one that is"
        )
    _check_modules(path)
    if not (path / "model.safetensors").is_file():
        todo = "convert its weights; pickled ones can run code and are not loaded"
        if not list(path.glob("*.bin")):
            todo = "copy it again; sharded weights are not supported"
        raise ModelError(f"the embedder {path} has no model.safetensors", todo)
    return path


def _check_modules(folder: Path) -> None:
    """Refuse modules that name classes of other packages or keep pickled weights: both can run code."""
    try:
        modules = msgspec.json.decode((folder / "modules.json").read_bytes(), type=list[_Module])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        raise ModelError(f"the embedder {folder} has a damaged modules.json", "copy it again") from None
    for module in modules:
        if not module.type.startswith("sentence_transformers."):
            raise ModelError(
                f"the embedder {folder} asks for code of its own ({module.type!r})", "use another embedder"
            )
        place = folder / module.path
        if not place.resolve().is_relative_to(folder.resolve()):
            raise ModelError(
                f"the embedder {folder} reaches outside its folder ({module.path!r})", "use another embedder"
            )
        if list(place.glob("*.bin")) and not list(place.glob("*.safetensors")):
            raise ModelError(
                f"the embedder {folder} has no model.safetensors in {place}",
                "convert its weights; pickled ones can run code and are not loaded",
            )


def _known(name: str, kind: Literal["language", "embedder"]) -> KnownModel:
    models = {model.name: model for model in load_manifest() if model.kind == kind}
    if name not in models:
        near = difflib.get_close_matches(name, models, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(models)}; or name a path"
        raise ModelError(f"no {kind} model is called {name!r}", hint)
    model = models[name]
    if found := problems(model, thorough=False):
        if all(problem.endswith("is missing") for problem in found):
            raise ModelError(f"the model {name} is not on this machine", "run `digest models get`")
        raise ModelError(f"the model {name} is damaged ({found[0]})", "run `digest models get`")
    return model
