"""Change lists in the config file; comments and order stay as their owner wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from digest.errors import OutputError, UsageError
from digest.files import make_private_folder, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tomlkit import TOMLDocument


def add_to_list(path: Path, key: str, values: list[str]) -> list[str]:
    """Add strings to a list at the config's top level; the file is made when it is missing.

    Returns:
        Those that were not there before.

    Raises:
        UsageError: The file cannot be read, or the key is no list.
        OutputError: It cannot be written.
    """
    added: list[str] = []

    def add(known: list[str]) -> list[str]:
        added.extend(value for value in dict.fromkeys(values) if value not in known)
        return added

    _change(path, key, add=add)
    return added


def remove_from_list(path: Path, key: str, value: str) -> bool:
    """Remove a string from a list at the config's top level; return whether it was there.

    Raises:
        UsageError: The file cannot be read, or the key is no list.
        OutputError: It cannot be written.
    """
    if not path.is_file():
        return False
    removed: list[str] = []

    def remove(known: list[str]) -> list[str]:
        removed.extend(each for each in known if each == value)
        return removed

    _change(path, key, remove=remove)
    return bool(removed)


def _change(
    path: Path,
    key: str,
    *,
    add: Callable[[list[str]], list[str]] | None = None,
    remove: Callable[[list[str]], list[str]] | None = None,
) -> None:
    import tomlkit

    document = _read(path)
    values = document.get(key)
    if values is None:
        values = tomlkit.array()
    if not isinstance(values, tomlkit.items.Array):
        raise UsageError(f"the config {path}: {key} is not a list", f'write {key} = ["…"]')
    known = [str(value) for value in values]
    for value in remove(known) if remove else ():
        values.remove(value)
    new = add(known) if add else []
    for value in new:
        values.append(value)
    if new:
        values.multiline(multiline=True)
    if len(values) == len(known):
        return
    if key not in document:
        _insert(document, key, values)
    text = tomlkit.dumps(document)
    tomlkit.parse(text)  # what is written must be readable again
    try:
        whole = path.resolve()  # a link, as to a folder of one's dotfiles, stays one
        make_private_folder(whole.parent)
        write_atomic(whole, text.encode())
    except OSError as error:
        raise OutputError(f"the config {path} cannot be written ({error.strerror})") from None


def _read(path: Path) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(path.read_text("utf-8")) if path.is_file() else tomlkit.document()
    except OSError as error:
        raise UsageError(f"the config {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UsageError(f"the config {path} is not UTF-8 text", "save it as UTF-8") from None
    except TOMLKitError as error:
        raise UsageError(f"the config {path} is not valid TOML: {error}", "mend that line") from None


def _insert(document: TOMLDocument, key: str, values: object) -> None:
    """Put a new key before the first table, where TOML wants what belongs to no table."""
    from tomlkit.items import AoT, Table

    following = [name for name, item in document.items() if isinstance(item, AoT | Table)]
    tables = [(name, document.pop(name)) for name in following]
    document.add(key, cast("list[str]", values))
    for name, table in tables:
        document.add(name, table)
