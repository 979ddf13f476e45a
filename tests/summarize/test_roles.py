from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summarize.role_cues import CUES, cues, in_context, shifted
from digest.summarize.role_features import POSITIONS, positions, sentence_features, tokenize
from digest.summarize.roles import (
    ROLES,
    WEIGHTS,
    label_roles,
    label_sentences,
    role_model,
    role_probabilities,
)

TEXTS = st.lists(
    st.one_of(st.text(max_size=60), st.sampled_from(["We propose X.", "Results show 5%.", "结果很好。", ""])),
    max_size=8,
)

ABSTRACTS = [
    [
        ("background", "Moth populations are falling, but counting moths at night is still done by hand."),
        ("background", "Existing detectors fail on small, blurred shapes."),
        ("objective", "The aim of this study is to investigate whether moths can be counted from video."),
        ("method", "We train a detector on 3,400 labelled clips from 27 lamps."),
        ("result", "The results show that it outperforms the best baseline by 13%."),
    ],
    [
        (
            "background",
            "Graph neural networks have become a popular tool for tide prediction in recent years.",
        ),
        ("background", "However, they are slow on large harbours."),
        ("method", "We propose a sparse message passing scheme that skips still water."),
        ("result", "The results show that it is significantly faster than other methods on five harbours."),
        ("other", "Code is available at https://example.org/tides."),
    ],
    [
        ("background", "Bread has been baked for thousands of years."),
        ("objective", "This paper aims to examine how the age of sourdough affects its taste."),
        (
            "method",
            "A survey was conducted with 120 participants, and the data were analyzed using regression.",
        ),
        ("result", "The findings indicate that older sourdough was significantly preferred."),
        ("result", "These results suggest that bakers should keep their sourdough."),
    ],
]


@pytest.mark.parametrize("abstract", ABSTRACTS)
def test_roles_follow_what_sentences_do(abstract: list[tuple[str, str]]) -> None:
    labelled = label_roles(" ".join(text for _, text in abstract))
    assert [(sentence.role, sentence.text) for sentence in labelled] == abstract


@pytest.mark.parametrize(
    "sentence",
    [
        "Code is available at https://example.org/x.",
        "Our code and models will be made publicly available.",
        "The dataset is released at www.example.org.",
        "The results can be seen at https://example.org.",
        "Project page: https://example.org/y",
    ],
)
def test_where_something_can_be_had_is_no_result(sentence: str) -> None:
    assert label_sentences(["We propose X.", "The results show that X is better.", sentence])[2] == "other"


def test_an_offer_beside_a_finding_keeps_the_finding() -> None:
    sentence = (
        "Experiments show that the released models are consistently better than all of the older ones on "
        "each of the twelve tasks, by 4.5 points on average and by up to 9 points, and code is available."
    )
    assert label_sentences(["We propose X.", sentence])[1] == "result"


def test_neighbours_count() -> None:
    alone = role_probabilities(["It has three layers."])[0]
    after = role_probabilities(["In this paper, we propose a new network.", "It has three layers."])[1]
    assert after[ROLES.index("method")] > alone[ROLES.index("method")] + 0.1


@given(TEXTS)
def test_probabilities_are_probabilities_and_stay_the_same(texts: list[str]) -> None:
    rows = role_probabilities(texts)
    assert rows.shape == (len(texts), len(ROLES))
    assert rows.dtype == np.float32
    assert np.all(rows >= 0)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(rows, role_probabilities(texts))
    assert len(label_sentences(texts)) == len(texts)


@pytest.mark.parametrize(
    "abstract",
    [
        "",
        " ",
        "One.",
        "我们提出了一种方法。结果表明它更好。",
        "\ud800 lone.",
        "a" * 100_000,
        "We show it. " * 2000,
    ],
    ids=["empty", "space", "one", "chinese", "surrogate", "long word", "many sentences"],
)
def test_any_text_is_labelled(abstract: str) -> None:
    sentences = label_roles(abstract)
    assert "".join("".join(s.text for s in sentences).split()) == "".join(abstract.split())
    assert all(sentence.role in ROLES for sentence in sentences)


def test_marginals_are_those_of_all_labellings() -> None:
    model = role_model()
    sentences = ["Bees are few.", "We count them.", "There are 7."]
    k = len(ROLES)
    scores = model.scores(sentences)
    total = np.zeros((3, k))
    for labels in np.ndindex(k, k, k):
        path = model.first[labels[0]] + sum(scores[i, labels[i]] for i in range(3))
        path += model.follows[labels[0], labels[1]] + model.follows[labels[1], labels[2]]
        for i in range(3):
            total[i, labels[i]] += np.exp(path)
    np.testing.assert_allclose(
        model.first_stage(sentences), total / total.sum(axis=1, keepdims=True), atol=1e-4
    )


def test_the_weights_are_small_and_need_no_pickle() -> None:
    assert WEIGHTS.stat().st_size < 1_500_000
    with np.load(WEIGHTS, allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)
        keys = file["keys"]
    assert np.all(np.diff(keys.astype(np.int64)) > 0)
    assert WEIGHTS.with_suffix(".md").is_file()


def test_tokens_hide_numbers_and_links() -> None:
    assert tokenize("We gain 3.5% (see https://a.b/c).") == ["we", "gain", "0", "%", "(", "see", "URL"]


def test_shapes_keep_function_words_and_endings() -> None:
    words = frozenset({"we", "the"})
    one = sentence_features(tokenize("We trained the tool"), words)["shapes"]
    other = sentence_features(tokenize("We tested the tool"), words)["shapes"]
    assert set(one) == set(other)
    assert set(one) != set(sentence_features(tokenize("We test the tool"), words)["shapes"])


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_positions_are_told_from_both_ends(count: int) -> None:
    rows = positions(count)
    assert rows.shape == (count, POSITIONS)
    assert rows[0, 0] == rows[-1, 6] == 1
    assert np.all(rows[:, :30].sum(axis=1) == 4)


def test_rows_are_shifted_without_coming_round() -> None:
    rows = np.arange(1, 5, dtype=np.float32)[:, None]
    assert shifted(rows, 0)[:, 0].tolist() == [1, 2, 3, 4]
    assert shifted(rows, 1)[:, 0].tolist() == [2, 3, 4, 0]
    assert shifted(rows, -2)[:, 0].tolist() == [0, 0, 1, 2]
    assert not shifted(rows, 4).any()
    assert not shifted(rows, -9).any()


def test_cues_are_seen_around() -> None:
    own = np.array([[0], [1], [0], [0]], np.float32)
    before, after = in_context(own)[:, 5], in_context(own)[:, 6]
    assert before.tolist() == [0, 0, 1, 1]
    assert after.tolist() == [1, 0, 0, 0]


def test_cues_are_turns_of_phrase() -> None:
    same = cues(["We then propose a lamp.", "WE ALSO PRESENT A MOTH."])
    assert same.shape == (2, CUES)
    assert same[:, 0].tolist() == [1, 1]
    assert not cues(["Moths sleep."]).any()
    assert cues([]).shape == (0, CUES)


def test_both_stages_count() -> None:
    model = role_model()
    sentences = [text for _, text in ABSTRACTS[0]]
    first = model.first_stage(sentences) * model.stress
    both = role_probabilities(sentences)
    assert np.abs(both - first / first.sum(axis=1, keepdims=True)).max() > 0.02


def test_a_sentence_votes_for_itself_and_for_those_beside_it() -> None:
    model = role_model()
    sentences = ["In this paper, we propose a lamp.", "Results show 5%.", "It is new."]
    votes = [model._votes(sentence) for sentence in sentences]
    wanted = positions(3) @ model.place
    wanted[0] += votes[0][0] + votes[1][2]
    wanted[1] += votes[1][0] + votes[0][1] + votes[2][2]
    wanted[2] += votes[2][0] + votes[1][1]
    np.testing.assert_allclose(model.scores(sentences), wanted, atol=1e-5)
