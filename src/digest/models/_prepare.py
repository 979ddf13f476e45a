"""Requantize a model into the form that this CPU reads fastest, and measure what that brings.

llama.cpp does both in child processes: its abort or its appetite for memory ends the child alone.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec

from digest.errors import ModelError
from digest.files import sync_folder
from digest.gguf import inspect_gguf
from digest.models._known import cache_folder, sha256_of, workspace
from digest.threads import available_threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PREPARED_AS = "Q8_0"
_QUANTIZATION = re.compile(r"(?:I?Q|TQ|F|BF|MXFP)\d+(?:_[A-Z0-9]+)*", re.ASCII)
_SUFFIX = re.compile(rf"[.-]{_QUANTIZATION.pattern}$", re.ASCII | re.IGNORECASE)
_LONGEST_CAUSE = 200


class Speed(msgspec.Struct, frozen=True):
    """How fast a model is on this machine's CPU, in tokens per second.

    Attributes:
        prompt_tps: When it reads a prompt, 512 tokens at once.
        generate_tps: When it writes, one token after the other.
    """

    prompt_tps: float
    generate_tps: float


def prepared_path(source: Path, quantization: str = PREPARED_AS) -> Path:
    """Return where the requantized form of `source` is kept.

    Raises:
        ModelError: The source cannot be read.
    """
    stem = _SUFFIX.sub("", source.stem)
    return cache_folder() / "prepared" / f"{stem}.{sha256_of(source)[:12]}.{quantization}.gguf"


def prepare(source: Path, *, quantization: str = PREPARED_AS, say: Callable[[str], None]) -> Path:
    """Requantize a GGUF with llama.cpp, unless that was done before or it is of that type already.

    Args:
        source: A GGUF that is a language model.
        quantization: llama.cpp's name of the type, such as Q8_0 or Q4_K_M.
        say: Told what is being done.

    Returns:
        The requantized file in the cache, or `source`.

    Raises:
        ModelError: The file is no language model, there is no room, or llama.cpp fails.
    """
    quantization = quantization.upper()
    if not _QUANTIZATION.fullmatch(quantization):
        raise ModelError(f"{quantization!r} is no quantization", "name one such as Q8_0 or Q4_0")
    info = inspect_gguf(source)
    if info.quantization == quantization:
        say(f"{source.name} is {quantization} already")
        return source
    target = prepared_path(source, quantization)
    if target.is_file():
        return target
    say(f"requantizing {source.name} from {info.quantization} to {quantization}")
    needed = info.size * (_bits(quantization) + 1) // _bits(info.quantization)
    with workspace(target.parent, needed=needed) as temporary:
        unfinished = temporary / target.name
        arguments = [str(source), str(unfinished), quantization]
        _run("digest.quantize", arguments, f"requantize {source.name} to {quantization}")
        inspect_gguf(unfinished)
        unfinished.rename(target)
    sync_folder(target.parent)
    return target


def _bits(quantization: str) -> int:
    """Return about how many bits a weight takes, scales not counted; of an unknown type few."""
    digits = re.search(r"\d+", quantization)
    return int(digits[0]) if digits else 2


def measure(path: Path) -> Speed:
    """Measure a model on this machine's CPU.

    Raises:
        ModelError: The file is no language model, or llama.cpp cannot run it.
    """
    inspect_gguf(path)
    output = _run("digest.measure", [str(path), str(available_threads())], f"measure {path.name}")
    try:
        return msgspec.json.decode(output, type=Speed)
    except msgspec.MsgspecError:
        raise ModelError(f"llama.cpp could not measure {path.name} (no answer)", "try again") from None


def _run(module: str, arguments: list[str], purpose: str) -> str:
    """Run one of our modules as a process; return what it wrote to stdout."""
    # -P: a folder called digest or llama_cpp in the working folder is not ours.
    command = [sys.executable, "-P", "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode == 0:
        return done.stdout
    if done.returncode < 0:
        cause = f"its process was ended by signal {-done.returncode}"
        if done.returncode == -signal.SIGKILL:
            cause += ", perhaps for want of memory"
    else:
        cause = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
    printable = "".join(letter if letter.isprintable() else " " for letter in cause)[:_LONGEST_CAUSE]
    raise ModelError(f"llama.cpp could not {purpose} ({printable})", "use the model as it is")
