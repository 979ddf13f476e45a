"""`digest fetch`: what a courier takes along to a machine that has no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli_bundle import contents, say, sha256
from digest.cli_options import ConfigOption
from digest.errors import BundleError, OfflineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.config import Config
    from digest.feeds.bundle import Failure
    from digest.feeds.health import Batch
    from digest.feeds.response import FeedResponse

_LONGEST_WORDS = 500  # characters

app = typer.Typer(rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]})


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
    say(f"{bundle}: {contents(manifest.members)}, {bundle.stat().st_size / 1e6:.1f} MB")
    typer.echo(f"{sha256(bundle)}  {bundle}")


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
            say(f"received {without_login(address)} ({len(response.body):,} bytes)")
            return response

        # Parsed as well: what is wrong with a feed can be mended here, and what arXiv leaves out of a
        # full one be asked for.
        tools = Source(
            stdin=sys.stdin.buffer,
            fetch=fetch_one,
            history=_NoHistory(),
            calendar=ArxivCalendar(config.holidays),
            now=dt.datetime.now(dt.UTC),
            warn=say,
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
            say(f"{source} is not carried: it has no address; copy the file itself")
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
            say(f"{path} is not carried: it is no wheel")
    if not any(path.name.startswith("local_digest-") for path in wheels):
        say(f"{folder} holds no wheel of local-digest itself")
    return wheels
