"""The words that only the HTML page has, beside those that every renderer shares."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageLabels:
    """Words of the page; `{}` are filled in by the renderer, `{shown}` and `{total}` by the page itself."""

    lang: str
    skip: str
    find: str
    filter: str
    filter_hint: str
    sort: str
    by_score: str
    by_date: str
    by_category: str
    papers: str
    shown: str
    map: str
    map_about: str
    point: str
    by_model: str
    evidence: str
    evidence_about: str
    all_authors: str
    keys: tuple[tuple[str, str], ...]
    feeds: str
    about: str
    model: str
    no_model: str
    embedder: str
    feed_papers: str


ENGLISH = PageLabels(
    lang="en",
    skip="Skip to the papers",
    find="Find and sort",
    filter="Filter",
    filter_hint="title, author, keyword or category",
    sort="Sort by",
    by_score="score",
    by_date="date",
    by_category="category",
    papers="Papers",
    shown="{shown} of {total} shown",
    map="Map of the day",
    map_about="Papers with similar texts lie close together. Larger is a higher score.",
    point="{rank}. {title} ({category}, score {score})",
    by_model="written by the model",
    evidence="Sentence {}",
    evidence_about="Show the sentence of the abstract that carries this",
    all_authors="All authors",
    keys=(("j", "next"), ("k", "previous"), ("o", "open"), ("/", "filter")),
    feeds="Feeds",
    about="About this digest",
    model="Language model",
    no_model="none",
    embedder="Embedder",
    feed_papers="papers",
)

CHINESE = PageLabels(
    lang="zh",
    skip="跳到论文",
    find="筛选与排序",
    filter="筛选",
    filter_hint="标题、作者、关键词或分类",
    sort="排序",
    by_score="评分",
    by_date="日期",
    by_category="分类",
    papers="论文",
    shown="显示 {shown} / {total} 篇",
    map="今日地图",
    map_about="内容相近的论文彼此靠近；圆点越大，评分越高。",
    point="{rank}. {title}（{category}，评分 {score}）",
    by_model="由模型撰写",
    evidence="第 {} 句",
    evidence_about="显示摘要中作为依据的句子",
    all_authors="全部作者",
    keys=(("j", "下一篇"), ("k", "上一篇"), ("o", "打开"), ("/", "筛选")),
    feeds="来源",
    about="关于本日报",
    model="语言模型",
    no_model="无",
    embedder="嵌入模型",
    feed_papers="篇",
)


def page_labels_for(language: str) -> PageLabels:
    """Return the page's words for a digest's language."""
    return CHINESE if language == "zh" else ENGLISH
