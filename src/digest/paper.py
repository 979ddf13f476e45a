"""The values that travel from a feed to a page: papers, summaries, scores and the digest itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AnnounceType = Literal["new", "cross", "replace", "replace-cross", "none"]
"""How arXiv announced a paper; `none` for every other feed."""

Role = Literal["background", "objective", "method", "result", "other"]
"""What a sentence of an abstract does (the labels of CSAbstruct, Cohan et al. 2019)."""

Origin = Literal["model", "extract"]
Status = Literal["summarized", "extracted", "failed"]
FeedStatus = Literal["fresh", "stale", "quiet", "holiday", "failed", "file"]

FIELD_NAMES = ("tldr", "motivation", "method", "conclusion")
"""The fields that every `Summary` has, in the order in which every output shows them."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper, as a feed announced it, with its text made readable.

    Attributes:
        id: For arXiv the identifier without version, else the feed's own id.
        version: Counted from 1; feeds that have none mean 1.
        title: Readable text, one line.
        authors: Full names in the feed's order; empty when unknown.
        abstract: Readable text, one line; empty when the feed has none.
        categories: Primary category first; may be empty.
        published: The day of the announcement, UTC.
        announce_type: How arXiv announced it.
        url: The page of the abstract; http(s) or empty.
        pdf_url: The PDF; http(s) or empty.
        source: Where it came from: the feed's URL or file name.
        title_source: The title before TeX was made readable.
        abstract_source: The abstract before TeX was made readable.
        doi: Of the published paper, `10.…` in lower case; empty when unknown.
    """

    id: str
    version: int
    title: str
    authors: tuple[str, ...]
    abstract: str
    categories: tuple[str, ...]
    published: dt.date
    announce_type: AnnounceType
    url: str
    pdf_url: str
    source: str
    title_source: str = ""
    abstract_source: str = ""
    doi: str = ""

    @property
    def text(self) -> str:
        """What is embedded: title and abstract."""
        return f"{self.title}. {self.abstract}" if self.abstract else self.title

    @property
    def primary_category(self) -> str:
        """The first category, or an empty string."""
        return self.categories[0] if self.categories else ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an abstract and what it does there."""

    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword of a paper; `weight` is in 0..1, larger is more typical."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a summary.

    Attributes:
        text: One or two sentences; empty when there was nothing to say.
        origin: Who wrote it: the model, or the abstract itself.
        evidence: Indices of the abstract's sentences that carry it, ascending.
        grounded: Whether every checked fact of it stands in the source.
        flags: What was found: why the model's own text is not shown, or what a reader should know.
    """

    text: str
    origin: Origin
    evidence: tuple[int, ...] = ()
    grounded: bool = True
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """The four fields, and those that a reader's own prompt asks for beside them.

    Attributes:
        extra: Name and field, in the prompt's order.
    """

    tldr: Field
    motivation: Field
    method: Field
    conclusion: Field
    extra: tuple[tuple[str, Field], ...] = field(default=(), kw_only=True)

    @classmethod
    def of(cls, fields: Mapping[str, Field]) -> Summary:
        """Make a summary of its fields by name; the four must be among them."""
        extra = tuple((name, own) for name, own in fields.items() if name not in FIELD_NAMES)
        tldr, motivation, method, conclusion = (fields[name] for name in FIELD_NAMES)
        return cls(tldr, motivation, method, conclusion, extra=extra)

    def __iter__(self) -> Iterator[tuple[str, Field]]:
        for name in FIELD_NAMES:
            yield name, getattr(self, name)
        yield from self.extra


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why a paper has its score.

    Attributes:
        interest: Name of the nearest interest, or the category when there are no interests.
        cosine: Cosine similarity to the nearest part of it, -1..1.
        penalty: What was taken off the score for things to avoid, 1 being all of it.
        percentile: Share of recent papers with a lower score, 0..100.
        words: Words and terms that paper and interest share, the most telling first, lower case.
        liked: Id of the liked paper from which part of the score was learned; empty when none was.
        liked_title: Its title.
        avoided: What the penalty is for; empty without one.
    """

    interest: str
    cosine: float
    penalty: float
    percentile: int
    words: tuple[str, ...] = ()
    liked: str = ""
    liked_title: str = ""
    avoided: str = ""


@dataclass(frozen=True, slots=True)
class ScoredPaper:
    """A paper with everything that was found out about it.

    Attributes:
        rank: From 1.
        score: 0..100.
        sentences: The abstract's sentences; `Field.evidence` counts in them.
        summary: None only before summarization.
        status: Who wrote the summary; `failed` when the model could not.
        error: Why it failed, one line.
        explored: Shown to look beyond the reader's interests, not for its score.
        folded: Ids of papers with nearly the same text, which it stands for.
        changes: What is new in the abstract of a revised paper that the reader had liked.
        position: On a map of this digest's papers, 0..1 to the right and 0..1 upwards; None without one.
    """

    paper: Paper
    rank: int
    score: int
    receipt: Receipt
    keywords: tuple[Keyword, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    summary: Summary | None = None
    status: Status = "extracted"
    error: str | None = None
    explored: bool = False
    folded: tuple[str, ...] = ()
    changes: str = ""
    position: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What became of one feed (`feeds/health.py` tells the statuses).

    Attributes:
        error: What was wrong, also when papers could be kept.
        note: What the status means, and what was missed.
    """

    source: str
    status: FeedStatus
    papers: int
    error: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The language model behind a digest."""

    name: str
    sha256: str
    quantization: str


@dataclass(frozen=True, slots=True)
class EmbedderInfo:
    """The embedder behind a digest; `dimension` is the length of its vectors."""

    name: str
    dimension: int


@dataclass(frozen=True, slots=True)
class FieldLabel:
    """What a field of the summaries is called in a digest."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Digest:
    """One day's digest: all that any renderer shows.

    Attributes:
        date: The day of the newest announcement in it.
        language: As asked for: `en`, `zh`, or the name of another language.
        generated_at: UTC.
        model: None when every summary is extractive.
        labels: Of the summaries' fields, in their order.
        papers: In rank order.
        considered: How many papers were read and scored.
        scored_by: `interests`, or `category` when there were none.
        network_calls: How many requests left this machine for this digest.
    """

    date: dt.date
    language: str
    generated_at: dt.datetime
    model: ModelInfo | None
    embedder: EmbedderInfo
    feeds: tuple[FeedReport, ...]
    labels: tuple[FieldLabel, ...]
    papers: tuple[ScoredPaper, ...]
    considered: int
    scored_by: Literal["interests", "category"] = "interests"
    network_calls: int = 0
    notes: tuple[str, ...] = field(default=())
