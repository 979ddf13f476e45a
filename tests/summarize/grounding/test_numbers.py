from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digest.summarize.grounding.numbers import number_flags, quantities

SOURCE = (
    "We train on 10,000 clips from three sites and cut the error by 5.38%, from 19.80% to 6.1%. "
    "LanternNet with 340M weights runs 1.5x faster than YOLOv8 and needs 2-5 times fewer labels in 3 hours. "
    "The bias falls to -0.7, two thirds of all moths are seen, and CIFAR-10 takes 8 GPUs."
)


def readings(text: str) -> list[tuple[str, str]]:
    return sorted(pair for quantity in quantities(text) for pair in quantity.readings)


@pytest.mark.parametrize(
    "text",
    [
        "5.38 %",
        "5.38%",
        "5.38 percent",
        "5.38 per cent",
        "５．３８％",
        r"5.38\%",
        "$5.38$%",
        "19.8%",
        "降低5.38%",
        "百分之五点三八",
        "1.5×",
        "1.5x",
        "1.5-fold",
        "1.5 times",
        "快1.5倍",
        "ten thousand clips",
        "10000 clips",
        "10k clips",
        "1万条",
        "3 sites",
        "三个地点",
        "2–5 times",
        "2 to 5 times",
        "two to five times",
        "2到5倍",
        "340 million weights",
        "3.4亿",
        "3小时",
        "-0.7",
        "−0.7",
        "负0.7",
        "三分之二",
        "2/3",
        "GPT-4 and ResNet-50 are names",
        "one of them, and the first",
        "一种方法，十分有效",
    ],
)
def test_a_number_of_the_source_passes_in_any_form(text: str) -> None:
    assert number_flags(text, SOURCE) == []


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("by 5.39%", "number not in the abstract: 5.39%"),
        ("by 53.8%", "number not in the abstract: 53.8%"),
        ("by 5 ms", "number with another unit in the abstract: 5 ms"),
        ("by 5.38 points", "number with another unit in the abstract: 5.38 points"),
        ("by 5.38个百分点", "number with another unit in the abstract: 5.38个百分点"),
        ("1.5% faster", "number with another unit in the abstract: 1.5%"),
        ("in 3 minutes", "number with another unit in the abstract: 3 minutes"),
        ("by -5.38%", "number with another sign in the abstract: -5.38%"),
        ("falls to 0.7", "number with another sign in the abstract: 0.7"),
        ("four sites", "number not in the abstract: four"),
        ("四个地点", "number not in the abstract: 四"),
        ("twenty thousand clips", "number not in the abstract: twenty thousand"),
        ("10 clips", None),  # CIFAR-10 is a name, no ten clips
        ("100万条", "number not in the abstract: 100万"),
        ("half of all", "number not in the abstract: half"),
        ("in 2018", "number not in the abstract: 2018"),
        ("340 weights", "number not in the abstract: 340"),
    ],
)
def test_a_number_that_the_source_lacks_is_named(text: str, flag: str | None) -> None:
    flags = number_flags(text, SOURCE)
    assert len(flags) == 1
    assert flag is None or flags == [flag]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("twenty-five", [("25", "")]),
        ("one hundred and twenty", [("120", "")]),
        ("half", [("0.5", ""), ("1/2", ""), ("50", "%")]),
        ("two orders of magnitude", [("100", "times")]),
        ("三百二十", []),
        ("三百二十个", [("320", "")]),
        ("一万两千条", [("12000", "")]),
        ("百分之二十五", [("25", "%")]),
        ("the 1990s", [("1990", "")]),
        ("32x32 pixels", []),
        ("5,38 %", [("5.38", "%")]),
        ("1,234,567", [("1234567", "")]),
        ("v2.0 and F1 and 3D", []),
    ],
)
def test_numbers_are_read(text: str, found: list[tuple[str, str]]) -> None:
    assert readings(text) == found


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_changed_number_is_always_caught(known: int, asked: int) -> None:
    source = f"It counts {known} moths at night."
    text = f"At night it counts {asked} moths."
    assert bool(number_flags(text, source)) == (known != asked)


@given(st.decimals(0, 10**6, places=3), st.sampled_from(["%", " percent", "x", " times", " hours", ""]))
def test_a_number_agrees_with_itself(value: object, unit: str) -> None:
    text = f"The gain is {value}{unit} here."
    assert number_flags(text, text) == []
    assert number_flags(unicodedata.normalize("NFKC", text.replace("%", "％")), text) == []


@given(st.integers(1000, 10**9))
def test_thousands_may_be_parted(value: int) -> None:
    assert number_flags(f"{value:,} clips", f"{value} clips") == []
    assert number_flags(f"{value} clips", f"{value:,} clips") == []


@given(st.integers(2, 99))
def test_units_must_agree(value: int) -> None:
    assert number_flags(f"{value}%", f"in {value} ms")
    assert number_flags(f"{value}毫秒", f"in {value} ms") == []


@given(st.text(max_size=300))
def test_any_text_has_its_own_numbers(text: str) -> None:
    assume("\\" not in text)
    assert number_flags(text, text) == []
