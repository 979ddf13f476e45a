"""What cases are made of: papers of SciTLDR, and summaries written by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of SciTLDR."""

    id: str
    title: str
    sentences: tuple[str, ...]
    references: tuple[str, ...]

    @property
    def source(self) -> str:
        """Title and abstract."""
        return " ".join((self.title, *self.sentences))


class Case(NamedTuple):
    """A text that a model might have written for a paper, with what is true of it."""

    paper: str
    kind: str
    text: str
    language: str = "en"
    honest: bool = True
    field: str = ""
    cut: bool = False


class Written(NamedTuple):
    """A summary written by hand."""

    paper: str
    field: str
    language: str
    text: str


def read_papers(path: Path) -> list[Paper]:
    """Read a file in the form of SciTLDR: abstracts of two sentences and more."""
    records = map(json.loads, path.read_text("utf-8").splitlines())
    papers = [Paper(r["id"], r["title"], tuple(r["source"]), tuple(r.get("target", ()))) for r in records]
    return [paper for paper in papers if len(paper.sentences) > 1]


def read_written() -> list[Written]:
    """Read the summaries written by hand."""
    lines = (FOLDER / "written.tsv").read_text("utf-8").splitlines()
    return [Written(*line.split("\t")) for line in lines if line and not line.startswith("#")]


def read_pairs(name: str) -> list[tuple[str, str]]:
    """Read a table of two columns that travels with these cases."""
    lines = (FOLDER / f"{name}.tsv").read_text("utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(old, new) for old, new in pairs]


def is_chinese(text: str) -> bool:
    """Say whether a text has Chinese characters."""
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def is_usable(sentence: str) -> bool:
    """Say whether a "sentence" of the data is one: some are fragments."""
    words = len(sentence.split())
    return (
        7 <= words <= 60
        and sentence[0].isupper()
        and sentence.rstrip().endswith(".")
        and "http" not in sentence
    )
