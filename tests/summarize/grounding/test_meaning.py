"""What is denied, turned round, claimed or put in another place."""

from __future__ import annotations

import pytest

from digest.summarize.grounding import meaning_flags, unsupported
from digest.summarize.grounding.claims import claim_flags
from digest.text.sentences import split_sentences

TITLE = "LanternNet: Counting Moths"
SENTENCES = split_sentences(
    "Existing detectors do not converge on blurred video and lack good estimates of their uncertainty. "
    "We propose LanternNet, which follows each moth over 12 frames without labels from 27 lamps. "
    "LanternNet outperforms existing detectors and reduces the counting error from 19.8% to 6.1%. "
    "It increases the speed by more than 40% with 3,400 clips."
)


def flags(text: str) -> list[str]:
    return meaning_flags(text, TITLE, SENTENCES)


@pytest.mark.parametrize(
    "text",
    [
        *SENTENCES,
        "LanternNet beats existing detectors.",
        "Existing detectors are outperformed by LanternNet.",
        "The counting error is reduced to 6.1%, down from 19.8%.",
        "It needs no labels.",
        "Existing detectors rarely estimate their uncertainty well.",
        "LanternNet is more than 40% faster.",
        "LanternNet优于现有检测器，将计数误差从19.8%降至6.1%。",
        "该方法无需标注，在12帧中跟踪每只飞蛾。",
        "现有检测器在模糊视频上不收敛。",
    ],
)
def test_honest_words_pass(text: str) -> None:
    assert flags(text) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Existing detectors outperform LanternNet.", "comparison"),
        ("LanternNet is outperformed by existing detectors.", "comparison"),
        ("LanternNet underperforms existing detectors.", "comparison"),
        ("LanternNet increases the counting error.", "opposite"),
        ("It decreases the speed.", "opposite"),
        ("LanternNet does not follow each moth.", "says no"),
        ("LanternNet fails to follow each moth over 12 frames.", "says no"),
        ("Existing detectors converge on blurred video.", "leaves out"),
        ("We propose LanternNet, which follows each moth over 12 frames with labels.", "leaves out"),
        ("LanternNet reduces the counting error from 6.1% to 19.8%.", "something else"),
        ("LanternNet follows each moth over 27 frames.", "something else"),
        ("It increases the speed by less than 40%.", "opposite"),
        ("LanternNet不如现有检测器。", "comparison"),
        ("现有检测器优于LanternNet。", "comparison"),
        ("LanternNet被现有检测器超越。", "comparison"),
        ("LanternNet提高了计数误差。", "opposite"),
        ("将计数误差从6.1%降至19.8%。", "something else"),
        ("LanternNet没有跟踪飞蛾。", None),  # "follows" has no known Chinese word: left alone
    ],
)
def test_what_is_turned_round_is_found(text: str, word: str | None) -> None:
    found = flags(text)
    assert any(word in flag for flag in found) if word else True


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("The paper was published in the Journal of Moths.", "publication"),
        ("It was accepted at a top conference.", "publication"),
        ("The paper won the best paper award.", "award"),
        ("Code is available.", "release"),
        ("The authors release their code and models.", "release"),
        ("The work was funded by the National Science Foundation.", "funding"),
        ("Researchers at Google built it.", "affiliation"),
        ("论文发表于国际期刊。", "publication"),
        ("该工作荣获一等奖。", "award"),
        ("代码已开源。", "release"),
    ],
)
def test_claims_that_the_source_does_not_make_are_found(text: str, claim: str) -> None:
    source = " ".join((TITLE, *SENTENCES))
    assert f"claim not in the abstract: {claim}" in unsupported(text, source)


def test_claims_that_it_makes_pass() -> None:
    assert claim_flags("Code is available.", "We release our code.") == []
    assert claim_flags("代码已开源。", "Our code is publicly available.") == []


def test_a_source_supports_itself() -> None:
    source = " ".join((TITLE, *SENTENCES))
    assert unsupported(source, source) == []


TWO_SETS = split_sentences(
    "On MothSet-2, LanternNet reaches 82.4% and drops from 0.5 to 0.1, while time rises from 3 to 5. "
    "It needs 6.9 ± 3.0 s for each clip. On LampSet-1, it reaches 75%. Data mixing, not filtering, is key. "
    "Dark-heavy clips scale better than light-heavy ones. "
    "Degraded input does not substitute for cue decorrelation. Cue decorrelation must be maintained "
    "rather than done once."
)


@pytest.mark.parametrize(
    "text",
    [
        "LanternNet reaches 75% on LampSet-1.",
        "LanternNet reaches 82.4% on MothSet-2 and 75% on LampSet-1.",
        "LanternNet在MothSet-2上达到82.4%，在LampSet-1上达到75%。",
        "其值从0.5降至0.1。",
        "Data mixing is key rather than filtering.",
        "Dark-heavy clips scale better than light-heavy clips.",
    ],
)
def test_honest_words_on_two_sets_pass(text: str) -> None:
    assert meaning_flags(text, TITLE, TWO_SETS) == []


@pytest.mark.parametrize(
    "text",
    [
        "LanternNet reaches 75% on MothSet-2.",
        "On MothSet-2, it reaches 75%.",
        "LanternNet在MothSet-2上达到75%。",
        "Data filtering, not mixing, is key.",
        "Light-heavy clips scale better than dark-heavy ones.",
        "Degraded input can substitute for cue decorrelation.",
        "Cue decorrelation need not be maintained.",
    ],
)
def test_faults_on_two_sets_are_seen(text: str) -> None:
    assert meaning_flags(text, TITLE, TWO_SETS) != []


def test_a_deviation_has_the_unit_of_both_numbers() -> None:
    assert unsupported("It needs 6.9 seconds.", " ".join(TWO_SETS)) == []


def test_a_prize_needs_more_than_a_competition() -> None:
    source = "We present LanternNet for the 2026 moth competition."
    assert claim_flags("LanternNet won the 2026 moth competition.", source) != []
