"""Invented papers and digests."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from digest.paper import (
    FIELD_NAMES,
    Digest,
    EmbedderInfo,
    FeedReport,
    Field,
    FieldLabel,
    Keyword,
    ModelInfo,
    Paper,
    Receipt,
    ScoredPaper,
    Sentence,
    Summary,
)

LABELS = {
    "en": ("In one sentence", "Motivation", "Method", "Conclusion"),
    "zh": ("一句话总结", "研究动机", "核心方法", "主要结论"),
}

MOTHS = Paper(
    id="2600.00001",
    version=1,
    title="LanternNet: Counting Moths at Street Lamps",
    authors=("Ada Lindqvist", "Kofi Mensah", "Li Wei", "Nora Hall"),
    abstract="Counting moths is hard. We propose LanternNet. Its error is 6.1%.",
    categories=("cs.CV", "q-bio.QM"),
    published=dt.date(2026, 2, 2),
    announce_type="new",
    url="https://arxiv.org/abs/2600.00001v1",
    pdf_url="https://arxiv.org/pdf/2600.00001v1",
    source="sample.xml",
)
OWLS = replace(
    MOTHS,
    id="2600.00002",
    title="Do Owls Read? *A* <b>Survey</b> [of](http://evil.example) `code` & $5",
    authors=("Sam Ito",),
    abstract="# Owls read. 1. They _do_ [link](javascript:alert(1)) <script>x</script> www.evil.example.",
    categories=("cs.CL",),
    url="https://arxiv.org/abs/2600.00002v1",
    pdf_url="",
)


def field(text: str, origin: str = "model", **values: object) -> Field:
    return Field(text, origin, **values)  # type: ignore[arg-type]


def scored(paper: Paper = MOTHS, rank: int = 1, **changes: object) -> ScoredPaper:
    base = ScoredPaper(
        paper=paper,
        rank=rank,
        score=86,
        receipt=Receipt("moths", 0.61234, 0.0, 97, ("moths", "street")),
        keywords=(Keyword("moth counting", 0.712345), Keyword("LanternNet", 0.5)),
        sentences=(
            Sentence("Counting moths is hard.", "background"),
            Sentence("We propose LanternNet.", "objective"),
            Sentence("Its error is 6.1%.", "result"),
        ),
        summary=Summary(
            field("LanternNet counts moths.", evidence=(1,)),
            field("Counting moths is hard.", "extract", evidence=(0,), flags=("the model wrote nothing",)),
            field("", "extract", flags=("the abstract has no sentence for this",)),
            field("The error is 6.1%.", evidence=(2,)),
        ),
        status="summarized",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def make_digest(*papers: ScoredPaper, **changes: object) -> Digest:
    base = Digest(
        date=dt.date(2026, 2, 2),
        language="en",
        generated_at=dt.datetime(2026, 2, 2, 6, 30, tzinfo=dt.UTC),
        model=ModelInfo("tiny", "ab" * 32, "Q8_0"),
        embedder=EmbedderInfo("all-minilm-l6-v2", 384),
        feeds=(
            FeedReport("sample.xml", "file", 13),
            FeedReport("bad.xml", "failed", 0, "bad.xml is empty"),
            FeedReport("https://x.example/*", "quiet", 0, None, "nothing new since *Monday*"),
        ),
        labels=tuple(map(FieldLabel, FIELD_NAMES, LABELS[str(changes.get("language", "en"))])),
        papers=papers,
        considered=13,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def sample_digest(**changes: object) -> Digest:
    """Three papers: well summarized, hostile, and failed without an abstract."""
    failed = scored(
        replace(MOTHS, id="hep-th/9901001", title="无摘要", authors=(), abstract="", categories=("cs.CV",)),
        rank=3,
        score=12,
        sentences=(),
        summary=Summary(*[field("", "extract", flags=("the feed has no abstract",))] * 4),
        keywords=(),
        status="failed",
        error="the model's process died: it was ended by SIGABRT",
    )
    liked = Receipt("moths", 0.3, 0.125, 61, (), "2600.00009", "Owls *at* Night", "street lamps")
    owls = scored(
        OWLS, rank=2, score=55, receipt=liked, folded=("2600.00003",), changes="“6.1%” → “[4.0%](x)”"
    )
    return make_digest(scored(), owls, replace(failed, explored=True), **changes)
