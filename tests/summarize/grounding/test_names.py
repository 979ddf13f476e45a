from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.summarize.grounding.names import name_flags

SOURCE = (
    "LanternNet counts moths with graph neural networks and a variational auto-encoder. We "
    "compare with YOLOv8 "
    "and ResNet-50 on CIFAR-10 and 100, following Kingma, with Bayesian priors and 10Gbps links."
)


@pytest.mark.parametrize(
    "text",
    [
        "LanternNets count moths.",
        "The LanternNet-based counter beats ResNet 50.",
        "GNNs and a VAE count moths.",
        "It is tested on CIFAR-100.",
        "As Kingma did, Bayesian priors help.",
        "Experiments show that moths are counted.",
        "使用LanternNet和GNN统计飞蛾，优于YOLOv8。",
        "基于Bayesian先验，在CIFAR-10上测试。",
        "Links of 10 Gbps are used.",
    ],
)
def test_names_of_the_source_pass(text: str) -> None:
    assert name_flags(text, SOURCE) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("LanternNet beats YOLOv9.", "YOLOv9"),
        ("It beats ResNet-101.", "ResNet-101"),
        ("It counts like BERT.", "BERT"),
        ("We follow Hinton.", "Hinton"),
        ("AdaBoost counts moths.", "AdaBoost"),
        ("It is tested on CIFAR-1000.", "CIFAR-1000"),
        ("使用LanternNet和BERT统计飞蛾。", "BERT"),
        ("在imagenet上测试。", "imagenet"),
        ("The LSTM counts moths.", "LSTM"),
    ],
)
def test_names_that_it_lacks_are_named(text: str, name: str) -> None:
    assert name_flags(text, SOURCE) == [f"name not in the abstract: {name}"]


def test_the_part_of_a_name_is_another_name() -> None:
    assert name_flags("BERT is used.", "We use ALBERT and RoBERTa.")


@given(st.text(max_size=200))
def test_any_text_has_its_own_names(text: str) -> None:
    assert name_flags(text, text) == []


def test_an_acronym_needs_the_initials_of_words_in_a_row() -> None:
    assert name_flags("A VAE counts moths.", "A variational autoencoder counts moths.")
    assert not name_flags("A VAE counts moths.", SOURCE)


def test_a_sentence_of_many_names_is_no_title() -> None:
    source = "We test Claude Sonnet 4.6, Gemini 2.5 Pro and Kimi."
    assert name_flags("LanternNet tested with Claude Opus, Gemini Pro.", f"LanternNet {source}")
