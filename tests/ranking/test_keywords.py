from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.config import KeywordOptions
from digest.errors import UsageError
from digest.paper import Paper
from digest.ranking.acronyms import find_acronyms
from digest.ranking.background import background
from digest.ranking.candidates import find_candidates, find_chunks, key_of, tokenize
from digest.ranking.embed import embed_once
from digest.ranking.keywords import extract_keywords, find_phrases
from digest.ranking.vocabulary import Vocabulary, build_vocabulary, load_glossary
from digest.resources import resource
from fakes import FakeEmbedder, MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

    from digest.ranking.keywords import Style

STYLES: tuple[Style, ...] = ("terms", "phrases")


def paper(title: str, abstract: str) -> Paper:
    return Paper(
        id="1",
        version=1,
        title=title,
        authors=(),
        abstract=abstract,
        categories=(),
        published=dt.date(2026, 2, 2),
        announce_type="none",
        url="",
        pdf_url="",
        source="",
    )


MOTHS = paper(
    "LanternNet: Counting Moths with Graph Attention",
    "In this paper, we propose LanternNet, a novel method that uses graph attention to count moths "
    "(Lepidoptera). Retrieval-augmented generation (RAG) explains each count, and RAG needs no labels. "
    "Experiments on 3,400 clips show that graph attention networks outperform state-of-the-art baselines. "
    "Bayesian priors from the Internet of Things (IoT) are sampled by Gibbs sampling.",
)


def keywords(
    *papers: Paper, count: int = 8, style: Style = "terms", vocabulary: Vocabulary | None = None
) -> list[list[str]]:
    embedder, store = FakeEmbedder(), MemoryStore()
    vectors = embed_once(embedder, store, [p.text for p in papers])
    found = extract_keywords(
        papers, vectors, embedder, store, count=count, style=style, vocabulary=vocabulary
    )
    return [[keyword.text for keyword in group] for group in found]


def chunks(text: str) -> list[str]:
    tokens = tokenize("", text)
    return [" ".join(token.text for token in tokens[a:b]) for a, b in find_chunks(tokens)]


def vocabulary(glossary: dict[str, str] | None = None, **options: object) -> Vocabulary:
    return build_vocabulary(KeywordOptions(**options), glossary or {})  # type: ignore[arg-type]


def test_candidates_are_phrases_of_the_text_and_their_parts() -> None:
    found = {candidate.key: candidate for candidate in find_candidates(tokenize(MOTHS.title, MOTHS.abstract))}
    assert {"lanternnet", "graph attention", "graph attention network", "lepidoptera"} <= set(found)
    attention = found["graph attention"]
    assert (len(attention.places), attention.whole) == (3, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We design antennas to transform radio signals.", ["antennas", "radio signals"]),
        ("The antenna design needs a Fourier transform.", ["antenna design", "Fourier transform"]),
        ("Features derived from the images", ["Features", "images"]),
        ("A feed by the seed bank", ["feed", "seed bank"]),
        ("We reconcile visual evidence.", ["visual evidence"]),
        ("Moore's law; the user's query", ["Moore's law", "query"]),
        ("See www.evil.example or github.com/a/b.", []),
        ("graph-based models – deep ones — remain", ["graph-based models", "deep"]),
    ],
)
def test_chunks_end_at_function_words_and_verbs(text: str, expected: list[str]) -> None:
    assert chunks(text) == expected


def test_what_says_nothing_is_no_candidate() -> None:
    found = {candidate.key for candidate in find_phrases(MOTHS)[1]}
    text = paper("", "A novel method, better results, deep neural, graph-based, 3,400, the paper.")
    assert not {"method", "baseline", "paper", "experiment", "3,400", "state-of-the-art baseline"} & found
    assert {candidate.key for candidate in find_phrases(text)[1]} == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("retrieval-augmented generation (RAG) is", {"RAG": "retrieval-augmented generation"}),
        ("under Test-Time Adaptation (TTA),", {"TTA": "Test-Time Adaptation"}),
        ("large language models (LLMs; see 2)", {"LLMs": "large language models"}),
        ("the Internet of Things (IoT)", {"IoT": "Internet of Things"}),
        ("moths (Lepidoptera) and a claim (see RAG) in Paris (2024)", {}),
        ("no such words (XQZ)", {}),
        ("(RAG) alone", {}),
    ],
)
def test_acronyms_are_found_with_their_long_forms(text: str, expected: dict[str, str]) -> None:
    assert find_acronyms(text) == expected


@pytest.mark.parametrize("style", STYLES)
def test_an_acronym_stands_behind_its_long_form_and_not_alone(style: Style) -> None:
    (found,) = keywords(MOTHS, count=20, style=style)
    assert "retrieval-augmented generation (RAG)" in found
    assert "Internet of Things (IoT)" in found
    assert not {"RAG", "IoT", "retrieval-augmented generation"} & set(found)


def test_casing_is_readable() -> None:
    (found,) = keywords(MOTHS, count=20)
    assert {"graph attention", "LanternNet"} <= set(found)
    text = paper(
        "DEEP GRAPH NETWORKS and Bayesian Inference", "Variational inference wins. Kieni Forest grows."
    )
    (shown,) = keywords(text, count=20, style="phrases")
    assert {"Bayesian inference", "variational inference", "deep graph networks"} <= set(shown)
    assert any("Kieni" in phrase for phrase in shown)


def test_styles_differ_in_length() -> None:
    chunk = "Spiking graph attention networks."
    text = paper("", f"{chunk} {chunk}")
    terms, phrases = (keywords(text, style=style, count=1)[0] for style in STYLES)
    assert phrases == ["spiking graph attention networks"]
    assert len(terms[0].split()) < 4


@pytest.mark.parametrize("style", STYLES)
def test_a_part_that_never_stands_alone_gives_way_to_other_keywords(style: Style) -> None:
    text = paper("", "Graph attention networks like moth lamps; graph attention networks, moth lamps.")
    (found,) = keywords(text, style=style, count=2)
    assert set(found) == {"graph attention networks", "moth lamps"}


@pytest.mark.parametrize("style", STYLES)
def test_keywords_are_few_weighted_and_sorted(style: Style) -> None:
    embedder, store = FakeEmbedder(), MemoryStore()
    vectors = embed_once(embedder, store, [MOTHS.text])
    (found,) = extract_keywords([MOTHS], vectors, embedder, store, count=3, style=style)
    assert len(found) == 3
    weights = [keyword.weight for keyword in found]
    assert weights == sorted(weights, reverse=True)
    assert all(0 <= weight <= 1 for weight in weights)


def test_few_candidates_are_embedded_and_each_only_once() -> None:
    embedder, store = FakeEmbedder(), MemoryStore()
    long = paper("", ". ".join(f"Moth{i} counting lamp{i}" for i in range(100)))
    vectors = embed_once(embedder, store, [long.text])
    embedder.embedded.clear()
    first = extract_keywords([long, long], np.repeat(vectors, 2, axis=0), embedder, store)
    assert len(embedder.embedded) == len(set(embedder.embedded)) <= 12
    embedder.embedded.clear()
    assert extract_keywords([long, long], np.repeat(vectors, 2, axis=0), embedder, store) == first
    assert embedder.embedded == []


def test_a_paper_without_words_has_no_keywords() -> None:
    assert keywords(paper("", ""), MOTHS)[0] == []


def test_never_takes_away_a_term_in_any_form_and_its_acronym() -> None:
    (found,) = keywords(MOTHS, count=20, vocabulary=vocabulary(never=("Graph Attentions", "RAG", "moth")))
    text = " ".join(found).lower()
    assert "rag" not in re.findall(r"\w+", text)
    assert not {"graph attention", "moths", "retrieval-augmented generation"} & set(found)


def test_always_shows_what_stands_in_the_text_first() -> None:
    words = vocabulary(always=("Gibbs samplings", "clip", "owl", "IT"))
    (found,) = keywords(MOTHS, count=2, vocabulary=words)
    assert found[:2] == ["Gibbs samplings", "clip"]
    assert len(found) <= 4
    assert not {"owl", "IT"} & set(found)  # "it" is no "IT"


def test_synonyms_replace_a_variant_and_join_with_what_they_replace() -> None:
    words = vocabulary(
        synonyms={"graph attention": "GAT", "graph attention networks": "GAT"}, always=("GAT",)
    )
    (found,) = keywords(MOTHS, count=20, vocabulary=words)
    assert found.count("GAT") == 1
    assert found[0] == "GAT"  # it is always wanted, and a variant stands in the text
    (short,) = keywords(MOTHS, count=20, vocabulary=vocabulary(synonyms={"RAG": "grounded generation"}))
    assert "grounded generation" in short
    assert not any("RAG" in phrase for phrase in short)


def test_a_glossary_translates_whole_terms_and_keeps_the_original_in_sight() -> None:
    glossary = {
        key_of("graph attention"): "图注意力",
        key_of("retrieval-augmented generation"): "检索增强生成",
    }
    (found,) = keywords(MOTHS, count=20, vocabulary=vocabulary(glossary))
    assert {"图注意力（graph attention）", "检索增强生成（RAG）", "LanternNet"} <= set(found)


def test_the_shipped_glossary_is_sound() -> None:
    terms = load_glossary("zh", folders=[resource("prompts")])
    assert terms[key_of("Large Language Models")] == "大语言模型"
    assert len(terms) > 150
    assert all(re.search(r"[\u4e00-\u9fff]", term) for term in terms.values())
    assert load_glossary("en", folders=[resource("prompts")]) == {}


def test_a_readers_glossary_adds_overrides_and_takes_away(tmp_path: Path) -> None:
    own = tmp_path / "zh"
    own.mkdir()
    path = own / "glossary.tsv"
    path.write_text("# mine\nmoth counting\t数蛾\nmachine learning\t机学\ndeep learning\t\n", "utf-8")
    terms = load_glossary("zh", folders=[tmp_path, resource("prompts")])
    assert (terms["moth counting"], terms["machine learning"]) == ("数蛾", "机学")
    assert "deep learning" not in terms
    assert "transfer learning" in terms
    path.write_text("moth counting 数蛾\n", "utf-8")
    with pytest.raises(UsageError, match="no tab in line 1"):
        load_glossary("zh", folders=[tmp_path])
    path.write_bytes(b"\xff\xfe\t\xff")
    with pytest.raises(UsageError, match="cannot be read"):
        load_glossary("zh", folders=[tmp_path])


def test_what_a_reader_writes_is_cleaned() -> None:
    words = vocabulary(always=("moths\x1b[31m",), synonyms={"clips": "c\u202elips"})
    assert words.always == ("moths",)
    assert set(words.synonyms.values()) == {"clips"}


def test_the_background_tells_nouns_from_their_halves_and_from_verbs() -> None:
    known = background()
    assert known.ends("networks") > 0.8
    assert known.ends("neural") < 0.3
    assert known.verb("choose") > 0.5
    assert known.verb("network") < 0.1
    assert known.rarity("learning") < known.rarity("attention") < known.rarity("moth") <= 1
    assert known.words["bayesian"].usual == "Bayesian"


@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(STYLES), st.integers(1, 5))
def test_keywords_of_any_text_stand_in_it_each_once_and_always_the_same(
    abstract: str, title: str, style: Style, count: int
) -> None:
    text = paper(title, abstract)
    (found,) = keywords(text, count=count, style=style)
    assert len(found) <= count
    assert len({key_of(phrase) for phrase in found}) == len(found)
    words = {token.lower for token in tokenize(title, abstract)}
    for phrase in found:
        assert all(token.lower in words for token in tokenize("", phrase) if token.is_word)
    assert keywords(text, count=count, style=style) == [found]


@given(
    st.lists(
        st.sampled_from(
            [
                "Deep",
                "graph",
                "networks",
                "(DGN)",
                "of",
                "the",
                "large-scale",
                "RAG",
                "retrieval-augmented",
                "generation",
                "(RAG)",
                "use",
                ",",
                ".",
                "we",
                "to",
                "Bayesian",
                "user's",
                "data",
                "()",
                "(((",
                "a/b/c",
                "3D",
                "3-D",
                "?",
            ]
        ),
        max_size=60,
    )
)
def test_keywords_of_any_words_stand_in_the_text(words: list[str]) -> None:
    text = " ".join(words)
    (found,) = keywords(paper("", text), count=20)
    for phrase in found:
        for part in re.fullmatch(r"(.*?)(?: \((.*)\))?", phrase).groups():  # type: ignore[union-attr]
            assert not part or part.lower().rstrip("s") in text.lower()


@given(st.text(alphabet="aA(. )-B", max_size=3000))
def test_acronyms_are_found_in_any_text_in_time(text: str) -> None:
    for short, long in find_acronyms(text).items():
        assert long in " ".join(text.split())
        assert short in text
