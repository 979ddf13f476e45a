"""The words of each output language. A language without words of its own gets the English ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.arxiv_id import ArxivId

if TYPE_CHECKING:
    from digest.paper import Digest, Field, ScoredPaper, Summary

_AI_CATEGORIES = frozenset(
    {"cs.AI", "cs.CL", "cs.CV", "cs.IR", "cs.LG", "cs.MA", "cs.NE", "cs.RO", "eess.AS", "stat.ML"}
)
AUTHORS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Labels:
    """Words and word orders; `{}` are filled in by the renderers.

    Attributes:
        aside: How a remark stands after a field, in Markdown.
        terse: Whether the written report shows a score without its receipt.
    """

    title: str
    title_arxiv: str
    title_arxiv_ai: str
    read: str
    count_model: str
    count_extract: str
    nothing: str
    contents: str
    count_section: str
    other_section: str
    authors: str
    unknown_authors: str
    more_authors: str
    categories: str
    published: str
    abstract: str
    no_abstract: str
    summary: str
    keywords: str
    score: str
    links: str
    page: str
    pdf: str
    extracted: str
    ungrounded: str
    failed: str
    feeds: str
    calls: str
    no_sentence: str
    nearest: str
    fit: str
    cosine: str
    penalty: str
    percentile: str
    words: str
    liked: str
    avoided: str
    explored: str
    folded: str
    changed: str
    colon: str
    space: str
    aside: str
    separator: str
    between_links: str
    terse: bool


ENGLISH = Labels(
    title="Research papers",
    title_arxiv="arXiv papers",
    title_arxiv_ai="arXiv AI papers",
    read="{papers} read",
    count_model="{papers}, summarized by {model} on this machine",
    count_extract="{papers}, summaries extracted from the abstracts (no language model was used)",
    nothing="Nothing to show today.",
    contents="Contents",
    count_section="{papers}",
    other_section="Other",
    authors="Authors",
    unknown_authors="not named",
    more_authors="{names} and {more} more",
    categories="Categories",
    published="Published",
    abstract="Abstract",
    no_abstract="The feed has no abstract for this paper.",
    summary="Summary",
    keywords="Keywords",
    score="Score",
    links="Links",
    page="Abstract page",
    pdf="PDF",
    extracted="extracted from the abstract",
    ungrounded="not supported by the abstract",
    failed="The model failed on this paper, so its summary is extracted: {error}",
    feeds="Feeds",
    calls="{calls}",
    no_sentence="the abstract has no sentence for this",
    nearest="nearest interest {}",
    fit="fit to {}",
    cosine="cosine {:.2f}",
    penalty="penalty {:.2f}",
    percentile="above {}% of recent papers",
    words="shared: {}",
    liked="like “{}”",
    avoided="for {}",
    explored="outside your interests",
    folded="nearly the same text: {}",
    changed="Changed in this version",
    colon=": ",
    space=" ",
    aside="*({})*",
    separator=", ",
    between_links=" | ",
    terse=False,
)

CHINESE = Labels(
    title="论文日报",
    title_arxiv="arXiv 论文日报",
    title_arxiv_ai="arXiv AI 论文日报",
    read="共读取 {count} 篇",
    count_model="共 {count} 篇论文，由AI自动总结",
    count_extract="共 {count} 篇论文，摘要句由程序自动抽取（未使用语言模型）",
    nothing="今天没有论文。",
    contents="目录",
    count_section="{count} 篇",
    other_section="其他",
    authors="作者",
    unknown_authors="未注明",
    more_authors="{names} 等 {total} 位作者",
    categories="分类",
    published="发布时间",
    abstract="论文摘要",
    no_abstract="该条目没有摘要。",
    summary="AI 总结",
    keywords="关键词",
    score="评分",
    links="论文链接",
    page="查看原文",
    pdf="下载PDF",
    extracted="摘自原文",
    ungrounded="原文中未找到依据",
    failed="模型未能总结这篇论文，以下为自动抽取：{error}",
    feeds="来源",
    calls="{count} 次网络请求",
    no_sentence="原文没有相应的句子",
    nearest="最接近的兴趣：{}",
    fit="与 {} 的契合度",
    cosine="余弦 {:.2f}",
    penalty="扣分 {:.2f}",
    percentile="高于近期 {}% 的论文",
    words="共同词：{}",
    liked="类似“{}”",
    avoided="因 {}",
    explored="兴趣之外",
    folded="文本几乎相同：{}",
    changed="本版改动",
    colon="：",
    space="",
    aside="（{}）",
    separator=", ",
    between_links=" | ",
    terse=True,
)


def labels_for(language: str) -> Labels:
    """Return the words for a digest's language."""
    return CHINESE if language == "zh" else ENGLISH


def plural(count: int, noun: str) -> str:
    """Return "1 paper", "2 papers"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def report_title(digest: Digest, labels: Labels) -> str:
    """Return the title that is true of these papers."""
    if not digest.papers or not all(ArxivId.parse(entry.paper.id) for entry in digest.papers):
        return labels.title
    categories = {category for entry in digest.papers for category in entry.paper.categories}
    return labels.title_arxiv_ai if categories & _AI_CATEGORIES else labels.title_arxiv


def who_wrote(digest: Digest, labels: Labels) -> str:
    """Say how many papers there are, and whether a model or the abstracts speak."""
    count = len(digest.papers)
    papers = plural(count, "paper")
    if digest.model is None:
        return labels.count_extract.format(papers=papers, count=count)
    return labels.count_model.format(papers=papers, count=count, model=digest.model.name)


def fields_of(digest: Digest, summary: Summary) -> list[tuple[str, Field]]:
    """Return the label and the content of each field of a summary."""
    named = {entry.name: entry.label for entry in digest.labels}
    return [(named.get(name, name), field) for name, field in summary]


def remarks(digest: Digest, field: Field, labels: Labels) -> list[str]:
    """Return what a reader must know about a field that has a text: who wrote it, and what is wrong."""
    said = [labels.extracted] if digest.model and field.origin == "extract" else []
    said += [] if field.grounded else [labels.ungrounded]
    # The flags of an extracted field tell why the model's words are not shown: JSON has them.
    return [*said, *(field.flags if field.origin == "model" else ())]


def network_calls(digest: Digest, labels: Labels) -> str:
    """Say how many requests left this machine."""
    count = digest.network_calls
    return labels.calls.format(count=count, calls=plural(count, "network call"))


def names(entry: ScoredPaper, labels: Labels) -> str:
    """Return the first authors and how many there are."""
    authors = entry.paper.authors
    if not authors:
        return labels.unknown_authors
    shown = labels.separator.join(authors[:AUTHORS_SHOWN])
    if len(authors) <= AUTHORS_SHOWN:
        return shown
    return labels.more_authors.format(names=shown, total=len(authors), more=len(authors) - AUTHORS_SHOWN)


def reason(digest: Digest, entry: ScoredPaper, labels: Labels) -> str:
    """Return the receipt in words."""
    receipt = entry.receipt
    kind = labels.nearest if digest.scored_by == "interests" else labels.fit
    parts = [labels.explored] if entry.explored else []
    parts += [kind.format(receipt.interest), labels.cosine.format(receipt.cosine)]
    if receipt.words:
        parts.append(labels.words.format(labels.separator.join(receipt.words)))
    if receipt.liked:
        parts.append(labels.liked.format(receipt.liked_title or receipt.liked))
    if receipt.penalty > 0:
        why = f" {labels.avoided.format(receipt.avoided)}" if receipt.avoided else ""
        parts.append(labels.penalty.format(receipt.penalty) + why)
    parts.append(labels.percentile.format(receipt.percentile))
    if entry.folded:
        parts.append(labels.folded.format(labels.separator.join(entry.folded)))
    return " · ".join(parts)
