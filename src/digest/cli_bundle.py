"""`digest fetch` and `digest bundle`: the courier's way to a machine that has no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli_options import ConfigOption
from digest.errors import BundleError, OfflineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.config import Config
    from digest.feeds.bundle import Bundle, Failure
    from digest.feeds.health import Batch
    from digest.feeds.response import FeedResponse

_LONGEST_WORDS = 500  # characters
_WIDTH_OF_FILES = 200  # columns, where no terminal says how many it has

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})
bundle_app = typer.Typer(
    help="Verify, list and install what a courier brought.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(bundle_app, name="bundle")

BundleFile = Annotated[Path, typer.Argument(metavar="FILE", help="A file that `digest fetch` wrote.")]


@app.command("fetch")
def fetch(
    context: typer.Context,
    bundle: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it: /media/usb/a.zip.")],
    feed: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help="An http(s) address (default: the config's). Repeatable."),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="An arXiv category (default: the config's). Repeatable."),
    ] = None,
    with_models: Annotated[
        bool, typer.Option("--with-models", help="Carry the embedder and the language model too.")
    ] = False,
    with_wheels: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Carry the Python wheels of a folder, which `pip wheel` filled."),
    ] = None,
    local_model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Which language model: a GGUF file or a name (default: the config's, or all known ones).",
        ),
    ] = None,
    embedder: Annotated[
        str | None, typer.Option(metavar="FOLDER", help="Which embedder (default: as for the digest).")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Fetch feeds on a machine with a network, and put them into one file to carry to one without.

    The last line is the file's sha256 as `sha256sum -c` reads it: carry it another way.
    """
    import datetime as dt

    from digest import offline
    from digest.feeds.bundle import write_bundle
    from digest.models import models_to_carry

    settings = _settings(context, config, feed, category, local_model, embedder)
    if settings.offline:
        raise OfflineError("digest fetch needs the network", "leave --offline out, here and in the config")
    offline.silence_hubs()
    models = []
    if with_models:
        models = models_to_carry(local_model=settings.local_model, embedder=settings.embedder)
    wheels = _wheels_in(with_wheels) if with_wheels else []
    responses, failures = _fetch_all(settings)
    manifest = write_bundle(
        bundle,
        responses,
        made_at=dt.datetime.now(dt.UTC).replace(microsecond=0),
        failures=failures,
        models=models,
        wheels=wheels,
    )
    _say(f"{bundle}: {_contents(manifest.members)}, {bundle.stat().st_size / 1e6:.1f} MB")
    typer.echo(f"{_sha256(bundle)}  {bundle}")


@bundle_app.command("verify")
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
            _say(str(error))
            refused.append(str(path))
        else:
            made = f"made {opened.made_at:%Y-%m-%d %H:%M} UTC by {opened.manifest.program}"
            typer.echo(f"{path}: as its manifest says: {_contents(opened.manifest.members)}, {made}")
            for failure in opened.manifest.failures:
                _say(f"{path} lacks a feed: {failure.url} {failure.error}")
            typer.echo(f"{_sha256(path)}  {path}")
    if refused:
        raise BundleError(f"refused: {', '.join(refused)}", "do not use it")


@bundle_app.command("list")
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


@bundle_app.command("install")
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
    for path in install(opened, say=_say):
        typer.echo(path)
    if wheels_to:
        _extract_wheels(opened, wheels_to)
        _say(f"now: python3 -m pip install --no-index --find-links {wheels_to} local-digest")
    elif opened.wheels:
        _say(f"it carries {_count(len(opened.wheels), 'wheel')} too: name a folder with --wheels-to")


def _settings(
    context: typer.Context,
    config: Path | None,
    feeds: list[str] | None,
    categories: list[str] | None,
    local_model: str | None,
    embedder: str | None,
) -> Config:
    from digest.config import load_config

    outer = context.obj or {}
    flags = {
        "feeds": feeds,
        "categories": categories,
        "local_model": local_model,
        "embedder": embedder or outer.get("embedder"),
        "offline": outer.get("offline"),
    }
    return load_config(flags, config or outer.get("config"))


def _fetch_all(config: Config) -> tuple[list[FeedResponse], list[Failure]]:
    """Fetch what the config names, as a digest would; one that fails never stops the others."""
    import datetime as dt
    import sys

    from digest.archive import Archive
    from digest.feeds.bundle import Failure
    from digest.feeds.calendar import ArxivCalendar
    from digest.feeds.gather import Source, gather
    from digest.feeds.http import USER_AGENT, HttpClient, Pace, pace_folder
    from digest.feeds.read import without_login
    from digest.text.clean import clean_text

    addresses = _addresses(config)
    received: dict[str, FeedResponse] = {}
    with Archive(config.archive_path) as archive:
        client = HttpClient(user_agent=USER_AGENT, store=archive, pace=Pace(pace_folder()))

        def fetch_one(address: str) -> FeedResponse:
            response = received[without_login(address)] = client.get(address)
            _say(f"received {without_login(address)} ({len(response.body):,} bytes)")
            return response

        # Parsed as well: what is wrong with a feed can be mended here, and what arXiv leaves out of a
        # full one be asked for.
        tools = Source(
            stdin=sys.stdin.buffer,
            fetch=fetch_one,
            history=_NoHistory(),
            calendar=ArxivCalendar(config.holidays),
            now=dt.datetime.now(dt.UTC),
            warn=_say,
        )
        with client:
            reports = gather(addresses, tools).reports
    failures = [
        Failure(report.source, clean_text((report.error or "").removeprefix(report.source)[:_LONGEST_WORDS]))
        for report in reports
        if report.source not in received
    ]
    return list(received.values()), failures


class _NoHistory:
    """What feeds held before is the other machine's to know."""

    def batches(self, _source: str) -> Sequence[Batch]:
        return ()

    def add_batch(self, source: str, batch: Batch) -> None:
        pass


def _addresses(config: Config) -> list[str]:
    from digest.feeds.arxiv import arxiv_url
    from digest.feeds.read import is_url

    addresses = []
    for source in dict.fromkeys(config.feeds):
        if is_url(source):
            addresses.append(source)
        else:
            _say(f"{source} is not carried: it has no address; copy the file itself")
    if config.categories:
        addresses.append(arxiv_url(config.categories))
    if not addresses:
        raise UsageError(
            "no feed to fetch was named", "give --feed URL or --category cs.CL, or set `feeds` in the config"
        )
    return addresses


def _wheels_in(folder: Path) -> list[Path]:
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise BundleError(f"the folder of wheels {folder} cannot be read ({error.strerror})") from None
    wheels = [path for path in files if path.suffix == ".whl"]
    if not wheels:
        raise BundleError(f"the folder {folder} holds no wheel", f"run `pip wheel -w {folder} …` first")
    for path in files:
        if path not in wheels:
            _say(f"{path} is not carried: it is no wheel")
    if not any(path.name.startswith("local_digest-") for path in wheels):
        _say(f"{folder} holds no wheel of local-digest itself")
    return wheels


def _extract_wheels(bundle: Bundle, folder: Path) -> None:
    from digest.files import atomic_file, make_private_folder

    try:
        make_private_folder(folder)
        for member in bundle.wheels:
            with atomic_file(folder / member.name.removeprefix("wheels/")) as out:
                bundle.copy(member, out)
    except OSError as error:
        raise BundleError(f"{folder} cannot be written ({error.strerror})", "name another folder") from None


def _contents(members: Iterable[object]) -> str:
    """Say how much of each kind there is: `2 feeds, 11 model files`."""
    from collections import Counter

    from digest.feeds.bundle import FeedMember, ModelMember, WheelMember

    counts = Counter(type(member) for member in members)
    words = {FeedMember: "feed", ModelMember: "model file", WheelMember: "wheel"}
    return ", ".join(_count(counts[kind], word) for kind, word in words.items() if counts[kind]) or "nothing"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _sha256(path: Path) -> str:
    import hashlib

    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BundleError(f"the bundle {path} cannot be read ({error.strerror})") from None


def _say(text: str) -> None:
    typer.echo(text, err=True)
