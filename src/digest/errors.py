"""What can go wrong, as a reader is told.

```
DigestError              one line: what, which object, what to do
├── UsageError           the command line or the config asks for something that cannot be (exit 2)
├── FeedError            a feed could not be read at all
├── BundleError          a courier bundle cannot be written, or is not as its manifest says
├── LibraryError         a file or folder of the reader's own papers or notes could not be read
├── ModelError           a language model or embedder is missing, broken or of the wrong kind
├── ArchiveError         the archive cannot be opened or written
├── OutputError          a digest file cannot be written
└── OfflineError         something asked for the network while it was forbidden
```
A failure that concerns one paper or one feed of many is never one of these: it is data, carried
by `ScoredPaper.error` and `FeedReport.error`.
"""


class DigestError(Exception):
    """An error that a reader sees as one line.

    Args:
        what: What happened, naming the object, without a full stop.
        todo: What to do about it, an imperative clause; may be empty.
    """

    exit_code = 1

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(what, todo)
        self.what = what
        self.todo = todo

    def __str__(self) -> str:
        return f"{self.what}: {self.todo}" if self.todo else self.what


class UsageError(DigestError):
    """The command line or the config asks for something that cannot be."""

    exit_code = 2


class FeedError(DigestError):
    """A feed could not be read at all."""


class BundleError(DigestError):
    """A courier bundle cannot be written, or is not as its manifest says."""


class LibraryError(DigestError):
    """A file or folder of the reader's own papers or notes could not be read."""


class ModelError(DigestError):
    """A language model or an embedder is missing, broken, or of the wrong kind."""


class ArchiveError(DigestError):
    """The archive cannot be opened or written."""


class OutputError(DigestError):
    """A digest file cannot be written."""


class OfflineError(DigestError):
    """Something asked for the network while it was forbidden."""
