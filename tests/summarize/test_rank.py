from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.paper import Sentence
from digest.summarize.rank import WEIGHTS, Ranker, document_of, repeats_title, score, shipped
from digest.summarize.roles import label_roles
from digest.summarize.salience import Document, Network, grams, tokens

TITLE = "LanternNet: Counting Moths at Lamps from Video"
ABSTRACT = (
    "Moth populations are falling, but counting moths at night still means a person with a notebook. "
    "Existing detectors fail on small, blurred shapes. "
    "We present LanternNet, a detector that counts moths at lamps from video. "
    "We train it on 3,400 labelled clips from 27 lamps. "
    "LanternNet counts with a mean error of 6.1%, against 19.8% for the best baseline."
)
SENTENCES = label_roles(ABSTRACT)
hostile = st.text(max_size=80) | st.text(
    st.sampled_from("moth lamp WE propose. $()[]飞蛾\x00\u202e"), max_size=80
)


def test_what_says_what_is_proposed_is_better_than_what_does_not() -> None:
    proposal, setting, detail = score([SENTENCES[i].text for i in (2, 0, 3)], TITLE, SENTENCES)
    assert proposal > max(setting, detail) + 0.05


def test_a_text_that_no_sentence_holds_competes() -> None:
    texts = [
        "LanternNet counts moths at lamps from video with a third of the error.",
        "Bread rises faster in warm kitchens.",
        SENTENCES[0].text,
    ]
    reworded, foreign, setting = score(texts, TITLE, SENTENCES)
    assert reworded > setting > foreign


def test_scores_do_not_depend_on_company() -> None:
    texts = [sentence.text for sentence in SENTENCES]
    alone = [score([text], TITLE, SENTENCES)[0] for text in texts]
    assert score(texts, TITLE, SENTENCES) == pytest.approx(alone, abs=1e-5)


def test_scores_estimate_rouge() -> None:
    found = score([sentence.text for sentence in SENTENCES], TITLE, SENTENCES)
    assert found.dtype == np.float32
    assert ((found > -0.2) & (found < 0.8)).all()


@given(st.lists(hostile, max_size=4), hostile, st.lists(hostile, max_size=5))
def test_any_text_gets_a_finite_score(texts: list[str], title: str, abstract: list[str]) -> None:
    found = score(texts, title, [Sentence(text, "other") for text in abstract])
    assert found.shape == (len(texts),)
    assert np.isfinite(found).all()


def test_a_chinese_abstract_is_ranked_by_its_characters() -> None:
    sentences = label_roles("飞蛾正在减少。我们提出灯网，一种从视频中数飞蛾的方法。误差为6%。")
    found = score([sentence.text for sentence in sentences], "灯网：从视频中数飞蛾", sentences)
    assert found.shape == (3,)
    assert np.isfinite(found).all()
    assert found.argmax() == 1


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (TITLE, True),
        ("LanternNet, counting moths at lamps from videos.", True),
        ("We present LanternNet, which counts moths at lamps from video by night.", False),
        ("", False),
    ],
)
def test_the_title_again_is_noticed(text: str, *, same: bool) -> None:
    assert repeats_title(text, TITLE) is same
    assert not repeats_title(text, "")


def test_the_weights_are_small_and_plain() -> None:
    assert WEIGHTS.stat().st_size < 1_500_000
    with np.load(WEIGHTS, allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)


def test_weights_survive_being_written(tmp_path: Path) -> None:
    path = tmp_path / "weights" / "ranker.npz"
    shipped().save(path)
    document = document_of(TITLE, SENTENCES)
    texts = [sentence.text for sentence in SENTENCES]
    again = Ranker.load(path)
    assert again.score(texts, document) == pytest.approx(shipped().score(texts, document), abs=1e-6)


def test_a_network_is_one_hidden_layer_beside_a_direct_way() -> None:
    one = np.ones(1, np.float32)
    network = Network(one, 2 * one, np.array([[3.0, -3.0]], np.float32), np.zeros(2, np.float32),
                      np.array([1.0, 10.0], np.float32), 100 * one, np.float32(0.5))  # fmt: skip
    # (5 - 1) / 2 = 2: relu(6) + 10 relu(-6) + 200 + 0.5; (-3 - 1) / 2 = -2: 10 relu(6) - 200 + 0.5
    assert network(np.array([[5.0], [-3.0]], np.float32)).tolist() == [206.5, -139.5]


def test_chances_follow_title_and_place() -> None:
    words, pairs = shipped().salience(document_of(TITLE, SENTENCES))
    assert words["moth",] > words["notebook",]
    assert words["lanternnet",] > words["populat" if ("populat",) in words else "population",]
    assert set(pairs) == {pair for s in SENTENCES for pair in grams(tokens(s.text), 2)}
    assert all(0 < chance < 1 for chance in (*words.values(), *pairs.values()))


def test_features_of_words_are_what_they_say() -> None:
    roles = np.eye(5, dtype=np.float32)[[0, 3]]
    document = Document("Moth lamps", ["A moth flies.", "The moth moth lamp works."], roles)
    names, rows = document.features(1, {("moth",): 0.7})
    at = dict(zip((name[0] for name in names), rows, strict=True))
    moth, fly = at["moth"], at[tokens("flies")[0]]
    assert (moth[0], fly[0]) == (1, 0)  # in the title
    assert (moth[5], fly[5]) == (pytest.approx(0.7), 0)  # known odds
    assert moth[9] == pytest.approx(np.log1p(3))  # how often
    assert (moth[10], fly[10]) == (1, 0.5)  # share of sentences
    assert (moth[11], moth[12], fly[12]) == (0, 1, 0)  # first and last
    assert moth[13:18].tolist() == [1, 0, 0, 1, 0]  # roles
    assert fly[13:18].tolist() == [1, 0, 0, 0, 0]
    assert moth[19] == pytest.approx(1 / 5)  # how early
    assert moth[21] == pytest.approx(2 / 3)  # beside the title's words
