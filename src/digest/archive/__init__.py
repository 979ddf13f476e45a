"""The archive: one SQLite file that remembers papers, vectors, summaries, runs, and what the reader said.

WAL mode, mode 0600, numbered migrations (`PRAGMA user_version`). Each write is its own transaction, so
what is finished survives an interruption at any moment.
"""

from digest.archive._archive import Archive
from digest.archive._catalogue import Filter
from digest.archive._forget import Forgotten, Selection
from digest.archive._schema import MIGRATIONS
from digest.archive._vectors import text_sha256

__all__ = ["MIGRATIONS", "Archive", "Filter", "Forgotten", "Selection", "text_sha256"]
