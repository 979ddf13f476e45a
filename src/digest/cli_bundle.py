"""`digest bundle`: what a courier brought to a machine that has no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.feeds.bundle import Bundle

_WIDTH_OF_FILES = 200  # columns, where no terminal says how many it has

app = typer.Typer(
    help="Verify, list and install what a courier brought.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

BundleFile = Annotated[Path, typer.Argument(metavar="FILE", help="A file that `digest fetch` wrote.")]


@app.command("verify")
def verify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Or folders.")],
) -> None:
    """Check every byte of bundles against their manifests."""
    from digest.feeds.bundle import find_bundles, read_bundle

    refused = []
    for path in find_bundles(files):
        try:
            opened = read_bundle(path)
        except BundleError as error:
            say(str(error))
            refused.append(str(path))
        else:
            made = f"made {opened.made_at:%Y-%m-%d %H:%M} UTC by {opened.manifest.program}"
            typer.echo(f"{path}: as its manifest says: {contents(opened.manifest.members)}, {made}")
            for failure in opened.manifest.failures:
                say(f"{path} lacks a feed: {failure.url} {failure.error}")
            typer.echo(f"{sha256(path)}  {path}")
    if refused:
        raise BundleError(f"refused: {', '.join(refused)}", "do not use it")


@app.command("list")
def list_members(file: BundleFile) -> None:
    """Show what is in a bundle, after it was verified."""
    from rich.console import Console
    from rich.table import Table

    from digest.feeds.bundle import FeedMember, read_bundle

    opened = read_bundle(file)
    table = Table("kind", "name", box=None, pad_edge=False)
    table.add_column("size", justify="right")
    table.add_column("date")
    table.add_column("from", overflow="fold")
    for member in opened.manifest.members:
        kind = type(member).__name__.removesuffix("Member").lower()
        date, origin = "", ""
        if isinstance(member, FeedMember):
            date, origin = f"{member.fetched_at:%Y-%m-%d %H:%M}", member.url
        table.add_row(kind, member.name.partition("/")[2], f"{member.size:,}", date, origin)
    console = Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_FILES
    console.print(table)


@app.command("install")
def install_models(
    file: BundleFile,
    wheels_to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Put the wheels into this folder.")
    ] = None,
) -> None:
    """Put a bundle's models into the model cache, each checked, and its wheels where you say."""
    from digest.feeds.bundle import read_bundle
    from digest.models import install

    opened = read_bundle(file)
    if not opened.models and not opened.wheels:
        raise BundleError(f"the bundle {file} carries no models and no wheels", "make it --with-models")
    for path in install(opened, say=say):
        typer.echo(path)
    if wheels_to:
        _extract_wheels(opened, wheels_to)
        say(f"now: python3 -m pip install --no-index --find-links {wheels_to} local-digest")
    elif opened.wheels:
        say(f"it carries {_count(len(opened.wheels), 'wheel')} too: name a folder with --wheels-to")


def _extract_wheels(bundle: Bundle, folder: Path) -> None:
    from digest.files import atomic_file, make_private_folder

    try:
        make_private_folder(folder)
        for member in bundle.wheels:
            with atomic_file(folder / member.name.removeprefix("wheels/")) as out:
                bundle.copy(member, out)
    except OSError as error:
        raise BundleError(f"{folder} cannot be written ({error.strerror})", "name another folder") from None


def contents(members: Iterable[object]) -> str:
    """Say how much of each kind there is: `2 feeds, 11 model files`."""
    from collections import Counter

    from digest.feeds.bundle import FeedMember, ModelMember, WheelMember

    counts = Counter(type(member) for member in members)
    words = {FeedMember: "feed", ModelMember: "model file", WheelMember: "wheel"}
    return ", ".join(_count(counts[kind], word) for kind, word in words.items() if counts[kind]) or "nothing"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def sha256(path: Path) -> str:
    """Return a bundle's own sha256.

    Raises:
        BundleError: It cannot be read.
    """
    import hashlib

    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BundleError(f"the bundle {path} cannot be read ({error.strerror})") from None


def say(text: str) -> None:
    """Tell a person, not a program."""
    typer.echo(text, err=True)
