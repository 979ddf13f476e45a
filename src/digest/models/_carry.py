"""Models in a courier bundle: which files travel, and how they come into the cache of another machine."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from digest.errors import ModelError
from digest.feeds.bundle import MODEL_SUFFIXES, Bundle, CarriedFile, ModelMember
from digest.files import make_private_folder, sync_folder
from digest.gguf import inspect_gguf
from digest.models._find import find_embedder, find_language_model
from digest.models._known import KnownModel, cache_folder, hash_again, load_manifest, problems, workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CARRIED = "carried"
"""The folder of the cache for models that the manifest does not know."""


def models_to_carry(*, local_model: str | None, embedder: str | None) -> list[CarriedFile]:
    """Return the files that a digest on another machine needs.

    Args:
        local_model: A path or a manifest name; None means all language models of the manifest that are
            on this machine. Requantized forms stay behind: they were made for this CPU.
        embedder: A folder or a manifest name; None means the default one.

    Raises:
        ModelError: One is missing or damaged.
    """
    known = {model.path: model for model in load_manifest()}
    place = find_embedder(embedder)
    carried = _files_of(known[place]) if place in known else _files_in(place)
    if local_model is None:
        for model in known.values():
            if model.kind == "language" and not problems(model, thorough=False):
                carried += _files_of(model)
        return carried
    path = find_language_model(local_model, original=True)
    inspect_gguf(path)
    return carried + (_files_of(known[path]) if path in known else [CarriedFile(path, path.name)])


def install(bundle: Bundle, *, say: Callable[[str], None]) -> list[Path]:
    """Put a bundle's models into the cache, each whole or not at all.

    A model with a name of the manifest must be, file by file, the one that the manifest names. Any other
    is checked for what could run code, and kept beside those.

    Args:
        bundle: A verified one.
        say: Told what is being done.

    Returns:
        What `--local-model` and `--embedder` take.

    Raises:
        BundleError: The bundle has changed since it was verified.
        ModelError: A model is not what its name says, or cannot be stored.
    """
    by_model: dict[str, list[ModelMember]] = {}
    for member in bundle.models:
        by_model.setdefault(PurePosixPath(member.name).parts[1], []).append(member)
    manifest = {model.name: model for model in load_manifest()}
    for name, members in by_model.items():
        if name in manifest:
            _compare(manifest[name], members)
    return [
        _install(bundle, members, name, manifest.get(name), say=say) for name, members in by_model.items()
    ]


def _files_of(model: KnownModel) -> list[CarriedFile]:
    return [CarriedFile(model.folder / file.name, f"{model.name}/{file.name}") for file in model.files]


def _files_in(folder: Path) -> list[CarriedFile]:
    """Return an embedder's files; what could run code, and other programs' weights, stay behind."""
    name = folder.resolve().name
    return [
        CarriedFile(path, f"{name}/{path.relative_to(folder).as_posix()}")
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in MODEL_SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _compare(model: KnownModel, members: Sequence[ModelMember]) -> None:
    expected = {f"models/{model.name}/{file.name}": (file.size, file.sha256) for file in model.files}
    found = {member.name: (member.size, member.sha256) for member in members}
    for name in expected.keys() | found.keys():
        if expected.get(name) != found.get(name):
            raise ModelError(
                f"the bundle's {model.name} is not the model that the manifest names ({name} differs)",
                "do not use it; if it is a model of yours, carry it under another name",
            )


def _install(
    bundle: Bundle,
    members: Sequence[ModelMember],
    name: str,
    known: KnownModel | None,
    *,
    say: Callable[[str], None],
) -> Path:
    parent = cache_folder() if known else cache_folder() / _CARRIED
    target = parent / name
    paths = {member: parent.joinpath(*PurePosixPath(member.name).parts[1:]) for member in members}
    if all(_is_here(path, member) for member, path in paths.items()):
        return known.path if known else target
    say(f"installing {name} ({sum(member.size for member in members) / 1e6:.0f} MB)")
    with workspace(parent, needed=sum(member.size for member in members)) as temporary:
        for member, path in paths.items():
            _copy(bundle, member, temporary / "new" / path.relative_to(parent))
        unpacked = temporary / "new" / name
        if not known:
            _refuse_code(unpacked)
        if target.exists():
            target.rename(temporary / "old")
        unpacked.rename(target)
    sync_folder(parent)
    return known.path if known else target


def _is_here(path: Path, member: ModelMember) -> bool:
    with contextlib.suppress(OSError):
        return path.is_file() and path.stat().st_size == member.size and hash_again(path) == member.sha256
    return False


def _copy(bundle: Bundle, member: ModelMember, target: Path) -> None:
    make_private_folder(target.parent)
    with target.open("xb") as out:
        bundle.copy(member, out)
        out.flush()
        os.fsync(out.fileno())


def _refuse_code(path: Path) -> None:
    if path.is_dir():
        find_embedder(str(path))
    elif path.suffix.lower() == ".gguf":
        inspect_gguf(path)
    else:
        raise ModelError(f"the bundle's {path.name} is no model", "carry a GGUF file or an embedder's folder")
