"""What several commands take: the archive and the config, before the command's name or behind it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.archive import Archive
    from digest.config import Config
    from digest.ranking.embed import Embedder

# Without environment variables: the program's own options have read them, and lie behind these.
ArchiveOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The archive (default: as for the digest).")
]
ConfigOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The config (default: as for the digest).")
]


def config_of(context: typer.Context, archive: Path | None, config: Path | None) -> Config:
    """Read the config that a command means."""
    from digest.config import load_config

    outer = context.obj or {}
    flags = {
        "archive": archive or outer.get("archive"),
        "embedder": outer.get("embedder"),
        "offline": outer.get("offline"),
    }
    return load_config(flags, config or outer.get("config"))


@contextlib.contextmanager
def open_archive(config: Config) -> Iterator[Archive]:
    """Open an archive that is there.

    Raises:
        ArchiveError: There is none.
    """
    from digest.archive import Archive

    path = config.archive_path
    if not path.is_file():
        raise ArchiveError(f"the archive {path} does not exist", "make a digest first, or name another")
    with Archive(path) as archive:
        yield archive


def open_embedder(config: Config) -> Embedder:
    """Return the embedder that a config names; it is loaded when it is used.

    Raises:
        ModelError: There is none.
    """
    from digest.models import cache_folder, find_embedder, sha256_of
    from digest.ranking.embed import SentenceTransformerEmbedder
    from digest.threads import available_threads

    folder = find_embedder(config.embedder)
    return SentenceTransformerEmbedder(
        folder,
        sha256_of(folder / "model.safetensors"),
        threads=config.threads or available_threads(),
        precisions=cache_folder() / "precisions.json",
    )
