"""arXiv's identifiers, new and old."""

from __future__ import annotations

import re
from dataclasses import dataclass

# https://info.arxiv.org/help/arxiv_identifier.html: YYMM.NNNN(N) since April 2007, before that
# archive(.SC)/YYMMNNN.
_ARXIV_ID = re.compile(
    r"""(?<![\w./-])
        (?P<id> [0-9]{4}\.[0-9]{4,5}
              | [a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/[0-9]{7} )
        (?:v(?P<version>[1-9][0-9]*))?
        (?![\w/]|\.[0-9])""",
    re.VERBOSE | re.ASCII,
)
_ARXIV_CONTEXT = re.compile(
    r"^\s*(?:oai:arXiv\.org:|arXiv:|https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, order=True)
class ArxivId:
    """An arXiv identifier, new (`2508.13426`) or old (`hep-th/9901001`), with its version if known."""

    id: str
    version: int | None = None

    @classmethod
    def parse(cls, text: str) -> ArxivId | None:
        """Read an identifier out of an OAI id, an `arXiv:` name, an arxiv.org link, or itself.

        Returns:
            None when `text` is none of these.
        """
        prefix = _ARXIV_CONTEXT.match(text)
        rest = text[prefix.end() :] if prefix else text.strip()
        rest = re.sub(r"\.pdf$|[?#].*$", "", rest.strip())
        match = _ARXIV_ID.fullmatch(rest)
        if match is None:
            return None
        version = match["version"]
        return cls(match["id"], int(version) if version else None)

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}v{self.version}"

    @property
    def url(self) -> str:
        """The abstract's page."""
        return f"https://arxiv.org/abs/{self}"

    @property
    def pdf_url(self) -> str:
        """The PDF."""
        return f"https://arxiv.org/pdf/{self}"
