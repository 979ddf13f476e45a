"""The first thing that a run does: close the network, where asked, before anything else is imported.

Only the standard library is used here.
"""

from __future__ import annotations

import itertools
import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from digest import offline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_OPTION = "--offline"
_CONFIG = "--config"
_no_namespace: list[str] = []


def close_network(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Install the network guard when the command line or the config says `offline`; enter a namespace too.

    Args:
        arguments: The command line without the program's name.
        environment: Its environment variables.
    """
    if is_asked_for(arguments, environment):
        _no_namespace[:] = filter(None, [offline.close()])


def why_no_namespace() -> str | None:
    """Say why this process, though it is offline, is in no network namespace of its own."""
    return _no_namespace[0] if _no_namespace else None


def is_asked_for(arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Say whether a run is to be offline."""
    if any(word.partition("=")[0] == _OPTION for word in arguments):
        return True
    return any(map(_is_offline_by, _configs(arguments, environment)))


def _configs(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield where the config may be: one that is named, else where `config.default_config_path` looks."""
    named = [word.partition("=")[2] for word in arguments if word.startswith(f"{_CONFIG}=")]
    named += [after for word, after in itertools.pairwise(arguments) if word == _CONFIG]
    if named or (named := [environment.get("DIGEST_CONFIG", "")])[0]:
        yield from map(Path, named)
        return
    if folder := environment.get("XDG_CONFIG_HOME", "").strip():
        yield Path(folder) / "digest" / "config.toml"
    home = Path(environment.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - raises nothing
    if sys.platform == "darwin":
        yield home / "Library" / "Application Support" / "digest" / "config.toml"
    elif not folder:
        yield home / ".config" / "digest" / "config.toml"


def _is_offline_by(path: Path) -> bool:
    """Read one word of a config; one that cannot be read is reported later, by who reads all of it."""
    try:
        return tomllib.loads(path.expanduser().read_text("utf-8")).get("offline") is True
    except (OSError, ValueError, RecursionError, RuntimeError):
        return False
