from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from builders import MOTHS, field, make_digest, sample_digest, scored
from digest.paper import FeedReport, FieldLabel, Receipt, Summary
from digest.render.markdown import render_markdown, slug
from digest.text.clean import clean_text
from digest.text.markdown import escape, link
from golden import check_golden

READER = MarkdownIt("gfm-like", {"linkify": False})
MARKUP = st.lists(
    st.sampled_from([*"ab1 .-+=*_~`#>|[](){}<>!&;:/\\$@^\"'\n", "www.", "http://", "&amp;", "&#35;", "é"])
).map("".join)


def shown(markdown: str) -> tuple[str, set[str]]:
    """What a reader sees of one paragraph, and which kinds of markup are in it."""
    tokens = READER.parse(markdown)
    kinds = {token.type for token in tokens} - {"paragraph_open", "paragraph_close", "inline"}
    text = ""
    for token in tokens:
        for child in token.children or ():
            if child.type in ("text", "text_special"):
                text += child.content
            else:
                kinds.add(child.type)
    return text, kinds


@given(st.one_of(MARKUP, st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "))))
def test_escaped_text_is_shown_as_it_is_and_is_no_markup(text: str) -> None:
    assert shown(escape(text)) == (clean_text(text), set())


@pytest.mark.parametrize(
    "text",
    [
        "A plain title: it's fine (really), 50% of 3-4 + x = y!",
        "GPT-4 and C++ and F1/F2, e.g. #1",
        "F_1 of snake_case, p < 0.05",
    ],
)
def test_plain_text_stays_readable_in_the_file(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "see https://evil.example now",
        "www.evil.example",
        "me@evil.example",
        "见https://evil.example",
        "1http://evil.example",
        "_http://evil.example",
        "_www.evil.example",
        "a:http://evil.example",
    ],
)
def test_addresses_in_text_do_not_become_links(text: str) -> None:
    escaped = escape(text)
    assert READER.renderInline(escaped) == html.escape(text)
    assert not re.search(r"https?://|www\.|\w@\w", escaped)


def test_a_link_survives_its_address() -> None:
    made = link("a", "https://x.org/a b(c)<d>")
    (href,) = re.findall(r'href="([^"]*)"', READER.render(made))
    assert href == "https://x.org/a%20b%28c%29%3Cd%3E"
    assert link("a", "") == "a"


@pytest.mark.parametrize(
    ("name", "changes"),
    [("en.md", {}), ("zh.md", {"language": "zh"}), ("en-extractive.md", {"model": None}),
     ("zh-extractive.md", {"model": None, "language": "zh"})],
)  # fmt: skip
def test_the_layout_is_the_golden_one(name: str, changes: dict[str, object]) -> None:
    check_golden(name, render_markdown(sample_digest(**changes)))


def test_links_of_the_contents_lead_to_their_sections() -> None:
    markdown = render_markdown(sample_digest())
    anchors = {slug(heading) for heading in re.findall(r"^## (.*)$", markdown, re.MULTILINE)}
    targets = re.findall(r"^- \[.*\]\(#(.*)\) \(", markdown, re.MULTILINE)
    assert targets == ["cscv", "cscl"]
    assert set(targets) <= anchors


def test_sections_come_in_the_order_of_their_best_paper() -> None:
    other = replace(MOTHS, categories=("cs.LG",))
    digest = make_digest(scored(other, 1), scored(MOTHS, 2), scored(other, 3))
    headings = re.findall(r"^## (?:\[(\d)|(cs\.\w+))", render_markdown(digest), re.MULTILINE)
    assert ["".join(pair) for pair in headings] == ["cs.LG", "1", "3", "cs.CV", "2"]


@pytest.mark.parametrize(
    ("ids", "categories", "title"),
    [
        (["2600.00001"], ("cs.AI",), "arXiv AI 论文日报"),
        (["2600.00001"], ("math.CO",), "arXiv 论文日报"),
        (["2600.00001", "10.1101/x"], ("cs.AI",), "论文日报"),
    ],
)
def test_the_title_is_true_of_the_papers(ids: list[str], categories: tuple[str, ...], title: str) -> None:
    papers = [scored(replace(MOTHS, id=name, categories=categories)) for name in ids]
    assert render_markdown(make_digest(*papers, language="zh")).startswith(f"# {title} | 2026-02-02\n")


def test_a_day_without_papers_says_so() -> None:
    assert "Nothing to show today." in render_markdown(make_digest())
    assert "今天没有论文" in render_markdown(make_digest(language="zh"))


def test_nothing_hostile_is_live() -> None:
    page = READER.render(render_markdown(sample_digest()))
    assert "<script" not in page
    assert "<b>" not in page
    hrefs = re.findall(r'href="([^"]*)"', page)
    assert all(href.startswith(("https://arxiv.org/", "#")) for href in hrefs)


def test_a_receipt_is_only_text() -> None:
    bad = "<script>x</script> [a](javascript:b) <b>"
    receipt = Receipt(bad, 0.5, 0.1, 50, (bad,), bad, bad, bad)
    entry = replace(scored(), receipt=receipt, folded=(bad,))
    page = READER.render(render_markdown(make_digest(entry)))
    assert "<script" not in page
    assert "<b>" not in page
    assert 'href="javascript' not in page


def test_only_web_addresses_become_links() -> None:
    assert link("a", "javascript:alert(1)") == "a"
    entity = READER.render(link("a", "https://x.org/?a=1&lt;b=2"))
    assert 'href="https://x.org/?a=1&amp;lt;b=2"' in entity


def test_anchors_are_unique() -> None:
    twice = [scored(replace(MOTHS, categories=(name,)), rank) for rank, name in ((1, "cs.AI"), (2, "csAI"))]
    targets = re.findall(r"^- \[.*\]\(#(.*)\) \(", render_markdown(make_digest(*twice)), re.MULTILINE)
    assert targets == ["csai", "csai-1"]


@pytest.mark.parametrize("text", ["# x", "1. x", "- x", "> x", "+ x"])
def test_a_line_of_the_foot_is_only_a_line(text: str) -> None:
    page = READER.parse(render_markdown(make_digest(feeds=(FeedReport(text, "file", 1),), notes=(text,))))
    kinds = [token.type for token in page if token.type.endswith("_open")]
    assert kinds.count("heading_open") == 1
    assert kinds.count("blockquote_open") == 1
    assert kinds.count("bullet_list_open") == 1
    assert "ordered_list_open" not in kinds


def test_a_heading_keeps_its_closing_marks() -> None:
    page = READER.render(render_markdown(make_digest(scored(replace(MOTHS, title="Learning C #", url="")))))
    assert "<h2>1. Learning C #</h2>" in page


def test_what_the_abstract_does_not_support_is_said() -> None:
    odd = field("Odd, 99%.", grounded=False, flags=("number not in the abstract: 99",))
    page = render_markdown(make_digest(scored(summary=Summary(odd, odd, odd, odd))))
    assert "*(not supported by the abstract; number not in the abstract: 99)*" in page


def test_one_call_is_singular() -> None:
    assert render_markdown(make_digest(network_calls=1)).endswith("digest · 1 network call\n")


@given(st.one_of(MARKUP, st.text()))
def test_whatever_a_paper_says_its_report_has_only_our_links(text: str) -> None:
    paper = replace(MOTHS, title=text, authors=(text,), abstract=text, categories=(text, text))
    said = field(text)
    entry = scored(paper, summary=Summary(said, said, said, said), status="failed", error=text)
    digest = make_digest(entry, feeds=(FeedReport(text, "failed", 0, text),), notes=(text,))
    tokens = READER.parse(render_markdown(digest))
    inner = [child for token in tokens for child in token.children or ()]
    links = [child.attrs["href"] for child in inner if child.type == "link_open"]
    assert all(str(href).startswith("#") or href in (MOTHS.url, MOTHS.pdf_url) for href in links)
    assert not {child.type for child in inner} & {"html_inline", "image", "code_inline", "s_open"}
    after_em = [inner[at + 1].content for at, child in enumerate(inner) if child.type == "em_open"]
    assert all(content == "(the abstract has no sentence for this)" for content in after_em)
    assert not {token.type for token in tokens} & {"html_block", "code_block", "fence", "table_open"}


@pytest.mark.parametrize("label", ["Limits", "*Limits*"])
def test_a_readers_own_field_stands_behind_the_four(label: str) -> None:
    entry = scored()
    assert entry.summary is not None
    more = replace(entry.summary, extra=(("limits", field("Only 27 lamps.")),))
    digest = make_digest(replace(entry, summary=more))
    digest = replace(digest, labels=(*digest.labels, FieldLabel("limits", label)))
    page = render_markdown(digest)
    shown = label.replace("*", r"\*")
    assert (
        page.index("**Conclusion**") < page.index(f"**{shown}**: Only 27 lamps.") < page.index("**Keywords**")
    )
