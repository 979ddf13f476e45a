"""What the reader told of their interests, as values: topics, examples, opinions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["like", "dislike", "hide"]


@dataclass(frozen=True, slots=True)
class Example:
    """A paper that stands for an interest.

    Attributes:
        id: As in the archive, or the reference manager's key; empty when it has none.
        text: Title and abstract, as `Paper.text` has them.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that the reader wants more of, or, as an avoidance, less of.

    At least one of text, examples, terms and categories is not empty.

    Attributes:
        name: How receipts call it.
        weight: Above 1 lifts, below 1 lowers what is partly about it; above 0.
        text: What it is about, in words.
        examples: Papers of this kind.
        terms: Words and phrases to favour.
        categories: Such as `cs.CL`.
    """

    name: str
    weight: float = 1.0
    text: str = ""
    examples: tuple[Example, ...] = ()
    terms: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the reader said of one paper; the last word on a paper counts.

    Attributes:
        paper_id: As in the archive.
        text: `Paper.text` of that paper.
        verdict: More like this, less like this, or only: not this one again.
        at: When, UTC.
        title: Of that paper.
    """

    paper_id: str
    text: str
    verdict: Verdict
    at: dt.datetime
    title: str = ""
