"""One frozen `Config`: read from a TOML file, the environment and flags, validated once."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from digest.errors import UsageError
from digest.interest_config import Interest, check, entries, normalize, resolve_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORMATS", "Config", "Interest", "default_archive_path", "default_config_path", "load_config"]

FORMATS = ("md", "json", "html")


class KeywordOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How keywords are shown.

    Attributes:
        style: `terms` are short, as authors give them; `phrases` long, as indexers do.
        count: Most keywords for a paper.
        always: Shown whenever they stand in a paper.
        never: Not shown.
        synonyms: The form to show, by the variant that may stand in a paper.
    """

    style: Literal["terms", "phrases"] = "terms"
    count: int = 6
    always: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    synonyms: dict[str, str] = {}


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a run depends on beside its feeds.

    Attributes:
        local_model: Path of a GGUF, or a name from the manifest; None means extractive summaries.
        embedder: Folder of a sentence-transformers model, or a name from the manifest.
        feeds: Files, folders, `-`, or http(s) addresses.
        categories: arXiv categories, asked for as one combined feed.
        bundles: Courier bundles, or folders of them.
        keywords: How they are shown.
        top: How many papers are summarized.
        min_score: Papers below are left out, 0..100.
        diversity: 0 takes the best, 1 only looks for what is new; None means 0.3 from 20 papers on, else 0.
        explore: How many of the papers shown come from outside the reader's interests.
        language: Of the summaries: `en`, `zh`, or the English name of another language.
        out: Folder for the digest files.
        formats: Which files are written.
        archive: The SQLite file; None means the XDG data folder.
        prompts: A folder whose prompts override the program's own.
        revisions: Show replaced papers too.
        holidays: More days on which arXiv announces nothing, beside those that the program knows.
        date: Of the digest; None means the day of the newest announcement.
        parallel: Sequences that the model writes at once; 0 means chosen by the program.
        threads: For the model; 0 means all cores that this process may use.
        gpu_layers: Layers of the model on the GPU; None means all if the build can, else 0.
        context: Most tokens a paper's prompt and summary may take.
        temperature: 0 writes what the model finds likeliest.
        seed: For a temperature above 0.
        memory: For papers in flight, beside the weights, such as `2G`; None means a share of what is free.
        kv_type: Of the KV cache: f16, or q8_0 for half the memory.
        prefer: Whose one sentence is shown when the model's is true: best, model or extract.
        budget: Time for the summaries, such as `20m`; what would not be finished by then is extracted.
        offline: Refuse everything that would open a socket.
    """

    local_model: str | None = None
    embedder: str | None = None
    feeds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    bundles: tuple[Path, ...] = ()
    interests: tuple[Interest, ...] = ()
    avoid: tuple[Interest, ...] = ()
    keywords: KeywordOptions = KeywordOptions()
    top: int = 10
    min_score: int = 0
    diversity: float | None = None
    explore: int = 0
    language: str = "en"
    out: Path = Path("digests")
    formats: tuple[str, ...] = ("md", "json")
    archive: Path | None = None
    prompts: Path | None = None
    revisions: bool = False
    holidays: tuple[dt.date, ...] = ()
    date: dt.date | None = None
    parallel: int = 0
    threads: int = 0
    gpu_layers: int | None = None
    context: int = 8192
    temperature: float = 0.0
    seed: int = 0
    memory: str | None = None
    kv_type: Literal["f32", "f16", "q8_0", "q4_0"] = "f16"
    prefer: Literal["best", "model", "extract"] = "best"
    budget: str | None = None
    offline: bool = False

    @property
    def archive_path(self) -> Path:
        """Where the archive is."""
        return self.archive or default_archive_path()

    @property
    def memory_bytes(self) -> int | None:
        """`memory` as a number."""
        return None if self.memory is None else int(_measure(self.memory, _BYTES, "memory"))

    @property
    def budget_s(self) -> float | None:
        """`budget` in seconds."""
        return None if self.budget is None else _measure(self.budget, _SECONDS, "budget")


_BYTES = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def _measure(text: str, units: Mapping[str, int], name: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]?)(?:i?b)?", text.strip().lower())
    if match is None or match[2] not in units or float(match[1]) == 0:
        examples = "20m or 90s" if units is _SECONDS else "2G or 500M"
        raise UsageError(f"{name} is {text!r}", f"give something like {examples}")
    return float(match[1]) * units[match[2]]


_PATHS = ("out", "archive", "prompts")
_SOURCES = ("feeds", "categories", "bundles")
_MOST_PARALLEL = 64
_LONGEST_LANGUAGE_NAME = 40
_MOST_KEYWORDS = 20


def default_config_path() -> Path:
    """Return where the config is looked for when none is named."""
    from platformdirs import user_config_path

    return user_config_path("digest") / "config.toml"


def default_archive_path() -> Path:
    """Return where the archive is when none is named."""
    from platformdirs import user_data_path

    return user_data_path("digest") / "digest.sqlite"


def load_config(flags: Mapping[str, Any], path: Path | None = None) -> Config:
    """Read the config file and lay the flags over it.

    Args:
        flags: What the command line or the environment gave; None and empty values mean "not given".
        path: The file; None means the default one, which may be missing.

    Raises:
        UsageError: The file is missing, is not TOML, or has a key or a value that cannot be.
    """
    values = _read(path) if path else _read_default()
    given = {key: value for key, value in flags.items() if value not in (None, (), [], "")}
    if given.keys() & set(_SOURCES):  # what is read today replaces what is read every day
        values = {key: value for key, value in values.items() if key not in _SOURCES}
    where = str(path or default_config_path()) if values else "the command line"
    merged = normalize({**values, **given})
    _reject_unknown(merged, where)
    try:
        config = msgspec.convert(merged, Config, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        raise UsageError(f"{where}: {_plain(str(error))}", "see `digest --help` for what it may be") from None
    _validate(config)
    return config


def _read_default() -> dict[str, Any]:
    path = default_config_path()
    return _read(path) if path.is_file() else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"the config {path} does not exist", "name another one with --config") from None
    except OSError as error:
        raise UsageError(f"the config {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise UsageError(f"the config {path} is not UTF-8 text", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"the config {path} is not valid TOML: {error}", "mend that line") from None
    # Paths in a file are meant from where the file is, not from where the reader happens to be.
    for key in (*_PATHS, "local_model", "embedder"):
        if isinstance(value := values.get(key), str) and (key in _PATHS or _is_path(value)):
            values[key] = str(path.parent / Path(value).expanduser())
    if isinstance(feeds := values.get("feeds"), list):
        values["feeds"] = [_feed_from(path.parent, feed) for feed in feeds]
    if isinstance(bundles := values.get("bundles"), list):
        values["bundles"] = [_feed_from(path.parent, bundle) for bundle in bundles]
    values = normalize(values)
    resolve_paths(values, path.parent)
    return values


def _is_path(name: str) -> bool:
    return "/" in name or os.sep in name or name.endswith(".gguf")


def _feed_from(folder: Path, feed: object) -> object:
    if not isinstance(feed, str) or feed == "-" or re.match(r"[a-z]+://", feed):
        return feed
    return str(folder / Path(feed).expanduser())


def _decode_path(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str | Path):
        return Path(value).expanduser()
    raise NotImplementedError


def _reject_unknown(values: Mapping[str, Any], where: str) -> None:
    tables: list[tuple[str, Mapping[str, Any], type[msgspec.Struct]]] = [("", values, Config)]
    tables += [(f"[[{kind}]] ", table, Interest) for kind, table in entries(values)]
    if isinstance(options := values.get("keywords"), dict):
        tables.append(("[keywords] ", options, KeywordOptions))
    for prefix, table, kind in tables:
        known = kind.__struct_fields__
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                todo = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
                raise UsageError(f"{where}: unknown key {prefix}{key!r}", todo)


def _plain(message: str) -> str:
    """Turn msgspec's words into a reader's: "Expected `int`, got `str` - at `$.top`"."""
    match = re.fullmatch(r"(.*?) - at `\$\.?(.*)`", message)
    return f"{match[2]}: {match[1]}".replace("`", "'") if match else message.replace("`", "'")


def _validate(config: Config) -> None:
    rules = [
        (config.top >= 1, f"top is {config.top}", "give 1 or more"),
        (0 <= config.min_score <= 100, f"min_score is {config.min_score}", "give 0 to 100"),  # noqa: PLR2004
        (
            config.diversity is None or 0 <= config.diversity <= 1,
            f"diversity is {config.diversity}",
            "give 0 to 1",
        ),
        (
            0 <= config.explore <= config.top,
            f"explore is {config.explore} of {config.top} papers",
            "give 0 to what top says",
        ),
        (0 <= config.parallel <= _MOST_PARALLEL, f"parallel is {config.parallel}", "give 1 to 64"),
        (config.threads >= 0, f"threads is {config.threads}", "give 1 or more"),
        (config.context >= 512, f"context is {config.context}", "give 512 tokens or more"),  # noqa: PLR2004
        (0 <= config.temperature <= 2, f"temperature is {config.temperature}", "give 0 to 2"),  # noqa: PLR2004
        (
            bool(re.fullmatch(r"\w[\w \-()]*", config.language))
            and len(config.language) <= _LONGEST_LANGUAGE_NAME,
            f"language is {config.language!r}",
            "give en, zh, or the name of a language",
        ),
    ]
    rules += [
        (not (unknown := set(config.formats) - set(FORMATS)), f"unknown format {', '.join(sorted(unknown))}",
         f"choose from {', '.join(FORMATS)}"),
    ]  # fmt: skip
    for interest in (*config.interests, *config.avoid):
        check(interest)
    rules += _keyword_rules(config.keywords)
    _ = config.memory_bytes, config.budget_s  # raise, if they are not measures
    for holds, what, todo in rules:
        if not holds:
            raise UsageError(what, todo)


def _keyword_rules(options: KeywordOptions) -> list[tuple[bool, str, str]]:
    both = {term.casefold() for term in options.always} & {term.casefold() for term in options.never}
    words = [*options.always, *options.never, *options.synonyms, *options.synonyms.values()]
    return [
        (1 <= options.count <= _MOST_KEYWORDS, f"[keywords] count is {options.count}", "give 1 to 20"),
        (
            not both,
            f"[keywords] {', '.join(sorted(both))!r} is in `always` and in `never`",
            "take it out of one",
        ),
        (all(word.strip() for word in words), "[keywords] has an empty term", "take it out"),
    ]
