"""The command line: the only place where the parts are put together."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from digest import __version__
from digest.cli_bundle import app as bundle_app
from digest.cli_export import app as export_app
from digest.cli_feedback import app as feedback_app
from digest.cli_feeds import app as feeds_app
from digest.cli_fetch import app as fetch_app
from digest.cli_forget import app as forget_app
from digest.cli_interests import app as interests_app
from digest.cli_models import app as models_app
from digest.cli_offline import app as offline_app
from digest.cli_options import open_embedder
from digest.cli_search import app as search_app
from digest.cli_show import app as show_app
from digest.errors import DigestError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from digest.config import Config
    from digest.paper import Digest
    from digest.pipeline import Parts
    from digest.progress import ConsoleReporter

app = typer.Typer(
    name="digest",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode=None,
)
app.add_typer(models_app, name="models")
app.add_typer(feeds_app, name="feeds")
app.add_typer(feedback_app)
app.add_typer(forget_app)
app.add_typer(interests_app)
app.add_typer(show_app)
app.add_typer(search_app)
app.add_typer(export_app)
app.add_typer(fetch_app)
app.add_typer(bundle_app, name="bundle")
app.add_typer(offline_app)

_INTERRUPTED = 130
_WHAT = "Input"
_HOW = "Summaries"
_WHERE = "Output"
_ELSE = "Other"


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"digest {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def digest(
    context: typer.Context,
    local_model: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            envvar="DIGEST_LOCAL_MODEL",
            help="A GGUF file, or a name from `digest models list`. Without it, summaries are extracted.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    feed: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE",
            help="A feed: a file, a folder, an http(s) address, or - for standard input. Repeatable.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="An arXiv category, such as cs.CL; several become one combined feed. Repeatable.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    bundle: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A bundle that `digest fetch` wrote on another machine, or a folder of them. Repeatable.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    interest: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT",
            help="What you want to read about, in words; replaces the config's interests. Repeatable.",
            rich_help_panel=_WHAT,
        ),
    ] = None,
    revisions: Annotated[
        bool | None,
        typer.Option("--revisions", help="Show replaced papers too.", rich_help_panel=_WHAT),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", help="How many papers to summarize (default 10).", rich_help_panel=_HOW),
    ] = None,
    min_score: Annotated[
        int | None,
        typer.Option(metavar="0..100", help="Leave out papers below this score.", rich_help_panel=_HOW),
    ] = None,
    diversity: Annotated[
        float | None,
        typer.Option(
            metavar="0..1",
            help="How much papers should differ from each other (default 0.3 from 20 papers on, else 0).",
            rich_help_panel=_HOW,
        ),
    ] = None,
    explore: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Show so many papers from outside your interests, marked as such.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            metavar="LANG",
            envvar="DIGEST_LANGUAGE",
            help="Language of the summaries: en (default), zh, or any language by its English name.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    embedder: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            envvar="DIGEST_EMBEDDER",
            help="A sentence-transformers folder, or a name from `digest models list`.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    prefer: Annotated[
        str | None,
        typer.Option(
            metavar="WHOSE",
            help="Whose one sentence is shown when the model's is true: best (default), model or extract.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    prompts: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            envvar="DIGEST_PROMPTS",
            help="A folder whose prompts override the program's own.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    parallel: Annotated[
        int | None,
        typer.Option(metavar="N", help="Papers the model writes at once.", rich_help_panel=_HOW),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Threads for the models (default: all this process may use).",
            rich_help_panel=_HOW,
        ),
    ] = None,
    gpu_layers: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Layers of the model on the GPU (default: all, if this build of llama.cpp has GPU support).",
            rich_help_panel=_HOW,
        ),
    ] = None,
    context_tokens: Annotated[
        int | None,
        typer.Option(
            "--context",
            metavar="TOKENS",
            help="Most tokens for one paper (default 8192).",
            rich_help_panel=_HOW,
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(metavar="T", help="0 (default) writes what is likeliest.", rich_help_panel=_HOW),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="For a temperature above 0.", rich_help_panel=_HOW)
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Time for the summaries, such as 20m; what won't be finished by then is extracted.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Memory for papers in flight, such as 2G (default: a share of what is free).",
            rich_help_panel=_HOW,
        ),
    ] = None,
    kv_type: Annotated[
        str | None,
        typer.Option(
            metavar="TYPE",
            help="Type of the KV cache: f16 (default), f32, or q8_0 for half the memory.",
            rich_help_panel=_HOW,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            envvar="DIGEST_OUT",
            help="Folder for the digest files (default: digests).",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="LIST",
            help="Files to write, of md, json and html (default md,json).",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="Date of the digest (default: of the newest announcement).",
            rich_help_panel=_WHERE,
        ),
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="Print no preview and no progress.", rich_help_panel=_WHERE),
    ] = False,
    archive: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="DIGEST_ARCHIVE",
            help="The archive (default: digest.sqlite in the XDG data folder).",
            rich_help_panel=_ELSE,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            envvar="DIGEST_CONFIG",
            help="The config (default: digest/config.toml in the XDG config folder).",
            rich_help_panel=_ELSE,
        ),
    ] = None,
    offline: Annotated[
        bool | None,
        typer.Option("--offline", help="Refuse everything that would open a socket.", rich_help_panel=_ELSE),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.", rich_help_panel=_ELSE)] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            help="Show the version.",
            rich_help_panel=_ELSE,
        ),
    ] = False,
) -> None:
    """Turn a day of research papers into something you can read in five minutes, on this machine alone.

    Papers come from RSS or Atom feeds, are ranked by your interests with a local embedder, and the best
    are summarized by a local GGUF model. The preview goes to the terminal; Markdown and JSON go to disk.

    \b
      digest --local-model qwen2.5-7b.gguf --category cs.CL --interest "retrieval for language models"
      digest --feed papers.xml --top 5 --language zh
    """
    del version
    context.obj = {
        "archive": archive,
        "config": config,
        "debug": debug,
        "embedder": embedder,
        "offline": offline,
    }
    if context.invoked_subcommand is not None:
        return
    from digest.config import load_config

    flags: dict[str, Any] = {
        "local_model": local_model,
        "feeds": feed,
        "categories": category,
        "bundles": bundle,
        "interests": [{"text": text} for text in interest or ()],
        "revisions": revisions,
        "top": top,
        "min_score": min_score,
        "diversity": diversity,
        "explore": explore,
        "language": language,
        "embedder": embedder,
        "prefer": prefer,
        "prompts": prompts,
        "parallel": parallel,
        "threads": threads,
        "gpu_layers": gpu_layers,
        "context": context_tokens,
        "temperature": temperature,
        "seed": seed,
        "memory": memory,
        "kv_type": kv_type,
        "budget": budget,
        "out": out,
        "formats": [name.strip() for name in formats.split(",")] if formats else None,
        "date": date,
        "archive": archive,
        "offline": offline,
    }
    _make(load_config(flags, config), quiet=quiet)


def _make(config: Config, *, quiet: bool) -> None:
    """Make one digest and show it."""
    from rich.console import Console

    from digest import offline, pipeline
    from digest.progress import ConsoleReporter
    from digest.render.terminal import render_preview

    if config.offline:
        offline.forbid_network()
    else:
        offline.silence_hubs()
    _check_writable(config.out)
    reporter = ConsoleReporter(Console(stderr=True), quiet=quiet)
    with _parts(config, reporter) as parts, reporter:
        result = pipeline.run(config, parts)
    console = Console()
    if not quiet:
        render_preview(result, console)
    written = _write(result, config)
    _close(result, written, console)


@contextlib.contextmanager
def _parts(config: Config, reporter: ConsoleReporter) -> Iterator[Parts]:
    """Put together what a run is made with, cheapest checks first, and take it apart again."""
    from digest.archive import Archive
    from digest.feeds.bundle import carried_feeds, read_bundles
    from digest.feeds.http import USER_AGENT, HttpClient, Pace, pace_folder
    from digest.gguf import inspect_gguf
    from digest.models import find_language_model, sha256_of
    from digest.paper import ModelInfo
    from digest.pipeline import Parts
    from digest.resources import resource
    from digest.summarize.prompts import load_template
    from digest.summarize.summarizer import Writer
    from digest.summarize.worker import WorkerModel
    from digest.threads import available_threads

    threads = config.threads or available_threads()
    writer = None
    folders = [*([config.prompts] if config.prompts else []), resource("prompts")]
    template = load_template(config.language, folders=folders)
    bundles = read_bundles(config.bundles)
    with contextlib.ExitStack() as stack:
        if config.local_model:
            path = find_language_model(config.local_model)
            gguf = inspect_gguf(path)
            model = WorkerModel(path, threads=threads, gpu_layers=config.gpu_layers)
            stack.callback(model.close)
            info = ModelInfo(_model_name(config.local_model), sha256_of(path), gguf.quantization)
            writer = Writer(
                model,
                info,
                config.language,
                parallel=config.parallel,
                context=config.context,
                temperature=config.temperature,
                seed=config.seed,
                memory=config.memory_bytes,
                kv_type=config.kv_type,
                budget_s=config.budget_s,
                prefer=config.prefer,
            )
        embedder = open_embedder(config)
        archive = stack.enter_context(
            Archive(
                config.archive_path,
                on_write_error=lambda error: reporter.warn(f"{error}; the run goes on without storing"),
            )
        )
        client = None
        if not config.offline:
            client = stack.enter_context(
                HttpClient(user_agent=USER_AGENT, store=archive, pace=Pace(pace_folder()))
            )
        yield Parts(
            archive=archive,
            embedder=embedder,
            template=template,
            writer=writer,
            fetch=client.get if client else None,
            network_calls=lambda: client.calls if client else 0,
            stdin=sys.stdin.buffer,
            reporter=reporter,
            carried=carried_feeds(bundles),
        )


def _model_name(named: str) -> str:
    """Return what outputs call the model: its manifest name, or the file's."""
    return Path(named).name.removesuffix(".gguf")


def _check_writable(folder: Path) -> None:
    """Find out before the work, not after it, that the digest cannot be written."""
    from digest.files import make_private_folder

    try:
        make_private_folder(folder)
    except OSError as error:
        raise _cannot_write(folder, error) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"the folder {folder} is not writable", "name another with --out")


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written ({error.strerror})", "name another folder with --out")


def _write(result: Digest, config: Config) -> list[Path]:
    """Write the files asked for; each is replaced whole or left as it was."""
    from digest.files import write_atomic
    from digest.render.html import render_html
    from digest.render.json import render_json
    from digest.render.markdown import render_markdown

    renderers = {
        "md": lambda: render_markdown(result).encode(),
        "json": lambda: render_json(result),
        "html": lambda: render_html(result).encode(),
    }
    written = []
    for name in dict.fromkeys(config.formats):
        path = config.out / f"{result.date.isoformat()}.{name}"
        try:
            write_atomic(path, renderers[name]())
        except OSError as error:
            raise _cannot_write(path, error) from None
        written.append(path)
    return written


def _close(result: Digest, written: list[Path], console: Console) -> None:
    """Say in one line where the digest is."""
    from rich.text import Text

    where = " and ".join(str(path) for path in written)
    count = f"{len(result.papers)} of {result.considered} papers"
    calls = f"{result.network_calls} network call{'' if result.network_calls == 1 else 's'}"
    console.print(Text(f"{count} · {where} · {calls}{_guards()}"), soft_wrap=True)


def _guards() -> str:
    """Say what kept the network closed."""
    from digest import offline, startup

    if not offline.is_forbidden():
        return ""
    reason = startup.why_no_namespace()
    return f", guarded; no network namespace ({reason})" if reason else ", in an empty network namespace"


def main() -> None:
    """Run the command line; errors become one line and an exit status."""
    debug = "--debug" in sys.argv
    signal.signal(signal.SIGTERM, _on_terminate)
    try:
        # Typer turns Ctrl-C into an exit, and hands the status of an exit back instead of raising it.
        if app(standalone_mode=False) == _INTERRUPTED:
            raise KeyboardInterrupt  # noqa: TRY301 - the same end for both
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted: what was finished is in the archive; run the same command to go on", _INTERRUPTED)
    except DigestError as error:
        if debug:
            raise
        _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        _fail(f"{error.format_message().rstrip('.')}: see `digest --help`", error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has had enough (`digest | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(0)
    except Exception as error:
        if debug:
            raise
        words = f"{type(error).__name__}: {error}".split("\n")[0]
        _fail(f"unexpected {words}: this is a fault of digest; run again with --debug to see where", 1)


def _on_terminate(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _fail(message: str, status: int) -> NoReturn:
    print(f"digest: {message}", file=sys.stderr)  # noqa: T201 - the last word, when nothing else may work
    sys.exit(status)
