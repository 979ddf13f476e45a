from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import MOTHS, OWLS, field, make_digest, sample_digest, scored
from digest.paper import (
    Digest,
    EmbedderInfo,
    FeedReport,
    FieldLabel,
    Keyword,
    ModelInfo,
    Receipt,
    Sentence,
    Summary,
)
from digest.render.html import render_html
from digest.text.clean import clean_text
from golden import check_golden

VOID = {"meta", "link", "input"}


class Reader(HTMLParser):
    """What a page is made of: its elements with their attributes, and the text in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.structure: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.structure.append(" ".join([tag, *(name for name, _ in attrs)]))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.structure.append(" ".join([tag, *(name for name, _ in attrs)]))
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.structure.append(f"comment {data}")


def placed(**changes: object) -> Digest:
    """The sample digest on a map."""
    digest = sample_digest(**changes)
    positions = ((0.0, 0.5), (1.0, 1.0), (0.25, 0.0))
    papers = [replace(p, position=xy) for p, xy in zip(digest.papers, positions, strict=True)]
    return replace(digest, papers=tuple(papers))


@pytest.mark.parametrize(
    ("name", "changes"),
    [("en.html", {}), ("zh.html", {"language": "zh"}), ("en-extractive.html", {"model": None})],
)
def test_the_layout_is_the_golden_one(name: str, changes: dict[str, object]) -> None:
    page = render_html(placed(**changes))
    body = re.sub(r"<(style|script)>.*?</\1>", r"<\1>…</\1>", page, flags=re.DOTALL)
    check_golden(name, re.sub(r"sha256-[\w+/=]{44}", "sha256-…", body))


def test_the_policy_allows_our_style_and_script_and_nothing_else() -> None:
    page = render_html(placed())
    (policy,) = [v for _, name, v in Reader(page).attributes if name == "content" and "default-src" in v]
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        hashed = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert allowed.pop(directive) == f"'sha256-{hashed}'"
    assert allowed == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def everywhere(text: str) -> Digest:
    """A digest with `text` in every place where a text can stand."""
    paper = replace(
        MOTHS,
        title=text,
        title_source=f"{text} $x^{{{text}}}$",
        authors=(text,) * 5,
        abstract=f"{text} One. Two.",
        abstract_source=text,
        categories=(text, text),
        url=text,
        pdf_url=f"https://x.org/{text}",
        source=text,
    )
    said = field(text, evidence=(0,), grounded=False, flags=(text,))
    entry = scored(
        paper,
        summary=Summary(said, said, said, said, extra=((text, said),)),
        keywords=(Keyword(text, 0.5),),
        sentences=(Sentence("One.", "result"),),
        receipt=Receipt(text, 0.5, 0.1, 50, (text,), text, text, text),
        status="failed",
        error=text,
        folded=(text,),
        changes=text,
        position=(0.5, 0.5),
    )
    return make_digest(
        entry,
        model=ModelInfo(text, "ab" * 32, text),
        embedder=EmbedderInfo(text, 3),
        feeds=(FeedReport(text, "failed", 0, text, text),),
        labels=(FieldLabel("tldr", text),),
        notes=(text,),
    )


TAGS = [
    "<script>alert(1)</script>",
    '" onload="x',
    "{{ 7*7 }}",
    "{% raw %}",
    "<!--",
    "]]>",
    "</title>",
    "</style>",
]
OTHERS = ["&lt;", "&#60;", "javascript:x", "https://evil.example/", "é", "\u202e"]
HOSTILE = st.lists(st.sampled_from([*"ab1 <>&\"'`=/\\{}%#$;:", *TAGS, *OTHERS])).map(
    lambda parts: f"x{''.join(parts)}x"
)


@given(HOSTILE)
@settings(max_examples=60, deadline=None)
def test_whatever_a_text_says_the_page_is_built_the_same(text: str) -> None:
    page = Reader(render_html(everywhere(text)))
    benign = Reader(render_html(everywhere("benign")))
    assert page.structure == benign.structure
    assert not page.open
    # Everything that can be seen of it is the text itself.
    shown = clean_text(text)
    assert clean_text("".join(page.texts)).count(shown) >= clean_text("".join(benign.texts)).count("benign")


@given(HOSTILE)
@settings(max_examples=40, deadline=None)
def test_only_links_that_a_reader_may_follow_leave_the_page(text: str) -> None:
    for tag, name, value in Reader(render_html(everywhere(text))).attributes:
        assert not name.startswith("on")
        assert name not in ("style", "src", "srcset", "action", "background", "xlink:href")
        if name == "href" and (tag, value) != ("link", "data:,"):
            assert tag == "a"
            assert re.match(r"https?://|#[\w-]+$", value)


def test_no_script_runs_from_a_formula() -> None:
    bad = r"A $\href{javascript:x}{y}^2$ and $\style{color:red}{z}^2$ and $\text{<script>}_1$"
    page = Reader(render_html(make_digest(scored(replace(MOTHS, title="A", title_source=bad)))))
    assert "math" not in {line.split()[0] for line in page.structure}


def test_a_formula_is_mathml_with_its_source_beside_it() -> None:
    paper = replace(MOTHS, title="On x^2 in n^(1/6)", title_source=r"On $x^2$ in $n^{1/6}$")
    page = render_html(make_digest(scored(paper)))
    assert (
        '<math display="inline" alttext="x^2"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>' in page
    )
    unreadable = replace(MOTHS, title=r"On foo_x", title_source=r"On $\foo_x$")
    assert r'<span class="tex" title="\foo_x">foo_x</span>' in render_html(make_digest(scored(unreadable)))


def test_an_evidence_sentence_with_a_formula_is_still_one_sentence() -> None:
    paper = replace(MOTHS, abstract="A is x^2. B is y.", abstract_source="A is $x^2$. B is $y$.")
    sentences = (Sentence("A is x^2.", "result"), Sentence("B is y.", "result"))
    page = render_html(make_digest(scored(paper, sentences=sentences)))
    assert re.search(r'<span data-sentence="0">A is <math.*?</math>\.</span> <span data-sentence="1">B', page)


def test_who_wrote_a_field_is_seen_and_said() -> None:
    odd = field("Odd, 99%.", grounded=False, flags=("number not in the abstract: 99",))
    own = Summary(field("Ours."), field("Theirs.", "extract"), field("", "extract"), odd)
    page = render_html(make_digest(scored(summary=own)))
    found = re.findall(r'<div class="field (\w+)".*?<span class="said">(.*?)</span>', page, re.DOTALL)
    assert found == [
        ("model", "written by the model"),
        ("extract", "extracted from the abstract"),
        ("empty", "the abstract has no sentence for this"),
        ("unsupported", "not supported by the abstract; number not in the abstract: 99"),
    ]


def test_what_holds_for_all_fields_is_said_once() -> None:
    page = render_html(make_digest(scored(summary=Summary(*[field("Ours.")] * 4))))
    assert page.count("written by the model") == 1


def test_points_lead_to_their_cards_and_lie_where_the_papers_are() -> None:
    page = render_html(placed())
    points = re.findall(r'<a href="#(paper-\d)".*?cx="([\d.]+)" cy="([\d.]+)"', page)
    assert points == [
        ("paper-3", "27.00", "71.00"),
        ("paper-2", "96.00", "4.00"),
        ("paper-1", "4.00", "37.50"),
    ]
    assert all(f'<article id="{name}"' in page for name, _, _ in points)


def test_without_positions_there_is_no_map() -> None:
    assert "map-title" not in render_html(sample_digest())


def test_a_day_without_papers_says_so() -> None:
    page = Reader(render_html(make_digest()))
    assert "Nothing to show today." in page.texts
    assert "0 network calls" in page.texts


def test_a_paper_without_category_is_shown_as_other() -> None:
    page = render_html(make_digest(scored(replace(OWLS, categories=()))))
    assert '<span class="categories">Other</span>' in page


def test_the_style_and_script_stay_inside_their_elements() -> None:
    page = render_html(placed())
    assert page.count("</style") == page.count("</script") == 1
    assert "url(" not in page
    assert "@import" not in page
