"""Numbers in words: "twenty-five", "two thirds", "twice", 三百, 百分之五, 三分之二."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple


class Spelled(NamedTuple):
    """A number in words: each reading is a value and a unit ("" for none)."""

    readings: tuple[tuple[str, str], ...]
    start: int
    end: int


_ONES_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_ONES = {word: value for value, word in enumerate(_ONES_WORDS.split())}
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * value for value, word in enumerate(_TENS_WORDS.split(), start=2)}
_BIG = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ORDINAL_WORDS = "third fourth fifth sixth seventh eighth ninth tenth"
_ORDINALS = {word: value for value, word in enumerate(_ORDINAL_WORDS.split(), start=3)}
_PARTS = {"half": 2, "halves": 2, "quarter": 4, **_ORDINALS}
_MULTIPLES = {
    2: r"twice|twofold|doubl(?:e|es|ed|ing)|翻倍|翻番|翻了一番|一倍",
    3: r"thrice|threefold|tripl(?:e|es|ed|ing)",
    4: r"quadrupl(?:e|es|ed|ing)",
}
_WORD = "|".join(sorted([*_ONES, *_TENS, *_BIG], key=len, reverse=True))
_CARDINAL = re.compile(rf"\b(?:{_WORD})(?:(?:[ -]|[ -]and[ -])(?:{_WORD})){{0,8}}\b", re.IGNORECASE)
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_FRACTION = re.compile(
    rf"\b(?P<above>{'|'.join(_ONES)}|a|\d+)[ -](?P<below>{_PART})s?\b(?! (?:of the )?(?:order"
    rf"|time|part(?:y|ies))\b)",
    re.IGNORECASE,
)
_HALF = re.compile(r"\b(?:half|halv(?:e|es|ed|ing))\b|一半|减半|半数", re.IGNORECASE)
_ORDINAL = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})\b(?![- ]party)", re.IGNORECASE)
_MULTIPLE = {
    value: re.compile(rf"\b(?:{pattern})(?![a-z])", re.IGNORECASE) for value, pattern in _MULTIPLES.items()
}
_ORDERS = re.compile(
    rf"\b(?P<count>an|{'|'.join(_ONES)}|\d) orders? of magnitude|(?P<zh>[一两二三四])个?数量级"
)

# One quick look: most sentences have none of these.
_ANY = re.compile(
    r"hal[fv]|quarter|third|fourth|fifth|sixth|eighth|ninth|tenth|seventh|wice|fold|doubl"
    r"|tripl|quadrupl|magnitude|thrice|翻|半|倍|数量级",
    re.IGNORECASE,
)
_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_STEPS = {"十": 10, "百": 100, "千": 1000}
_LEAPS = {"万": 10**4, "亿": 10**8}
_ZH = "零〇一二两三四五六七八九十百千万亿"
_COUNTED = (
    "个(?!别|体|性|人)|种|类|项(?!目)|次|层|步|阶|维|篇|款|条|组|套|轮|天|年|小时|分钟|秒|名|台|块|张|幅|位|门|倍"
    "|方面|部分|段|帧|场|帧|轮|大(?!小|型|量)|元(?!素)|路|折|代|级|成(?!为|功|本|员|分|果|熟|像)"
)
_ZH_COUNT = re.compile(rf"(?<![{_ZH}数几上成第单统唯逐同])(?P<n>[{_ZH}]{{1,16}}+)(?={_COUNTED})")
_ZH_PERCENT = re.compile(rf"百分之(?P<n>[{_ZH}点]{{1,16}}+|\d{{1,9}}(?:\.\d{{1,9}})?)")
_ZH_FRACTION = re.compile(
    rf"(?<![{_ZH}\d])(?P<below>[{_ZH}]{{1,16}}+|\d{{1,9}}+)分之(?P<above>[{_ZH}]{{1,16}}+|\d{{1,9}}+)"
)
_ZH_TENTHS = re.compile(rf"(?<![{_ZH}])(?P<n>[二两三四五六七八九])成(?!为|功|本|员|分|果|熟|像)")


def spelled_numbers(text: str) -> list[Spelled]:
    """Find the numbers in words of a plain text, without "one", "first" and 一: they seldom count."""
    found = [*_fractions(text), *_multiples(text)] if _ANY.search(text) else []
    for match in _CARDINAL.finditer(text):
        parts = re.findall(r"[a-z]+", match[0].lower())
        value = _cardinal([part for part in parts if part != "and"])
        if parts[0] in {"zero", "one", *_BIG} and len(parts) == 1:
            continue
        found.append(Spelled(((str(value), ""),), match.start(), match.end()))
    found += [
        Spelled(((str(_ORDINALS[match[0].lower()]), ""),), match.start(), match.end())
        for match in _ORDINAL.finditer(text)
    ]
    if not text.isascii():
        found += _chinese(text)
    return _outermost(found)


def _fractions(text: str) -> list[Spelled]:
    found = [
        Spelled((("0.5", ""), ("50", "%"), ("1/2", "")), match.start(), match.end())
        for match in _HALF.finditer(text)
    ]
    for match in _FRACTION.finditer(text):
        word = match["above"].lower()
        above = 1 if word == "a" else _ONES[word] if word in _ONES else int(word[:6])
        below = _PARTS.get(match["below"].lower(), 2)
        found.append(Spelled(_share(above, below), match.start(), match.end()))
    return found


def _share(above: int, below: int) -> tuple[tuple[str, str], ...]:
    readings = [(f"{above}/{below}", "")]
    if below in {2, 4, 5, 10, 20, 50, 100}:
        share = Decimal(above) / Decimal(below)
        readings += [(written(share), ""), (written(share * 100), "%")]
    return tuple(readings)


def _multiples(text: str) -> list[Spelled]:
    found = [
        Spelled(((str(value), "times"),), match.start(), match.end())
        for value, pattern in _MULTIPLE.items()
        for match in pattern.finditer(text)
    ]
    for match in _ORDERS.finditer(text):
        word = match["count"] or match["zh"]
        count = _ONES.get(word, _DIGITS.get(word, int(word) if word.isdigit() else 1))
        found.append(Spelled(((str(10**count), "times"),), match.start(), match.end()))
    return found


def _chinese(text: str) -> list[Spelled]:
    found = [
        Spelled(((chinese_value(match["n"]), "%"),), match.start(), match.end())
        for match in _ZH_PERCENT.finditer(text)
    ]
    for match in _ZH_FRACTION.finditer(text):
        if match["below"] != "百":
            above, below = (int(Decimal(chinese_value(match[part][:9]))) for part in ("above", "below"))
            if below:
                found.append(Spelled(_share(above, below), match.start(), match.end()))
    found += [
        Spelled(((str(10 * _DIGITS[match["n"]]), "%"),), match.start(), match.end())
        for match in _ZH_TENTHS.finditer(text)
    ]
    for match in _ZH_COUNT.finditer(text):
        if match["n"] in "零〇一百千万亿" or match["n"].startswith(("百", "千", "万", "亿")):
            continue
        unit = "times" if text.startswith("倍", match.end()) else ""
        found.append(Spelled(((chinese_value(match["n"]), unit),), match.start(), match.end()))
    return found


def _cardinal(parts: list[str]) -> int:
    total = current = 0
    for part in parts:
        if part in _BIG:
            if _BIG[part] == 100:  # noqa: PLR2004 - "two hundred thousand"
                current = max(current, 1) * 100
            else:
                total, current = total + max(current, 1) * _BIG[part], 0
        else:
            current += _ONES.get(part, _TENS.get(part, 0))
    return total + current


def chinese_value(numeral: str) -> str:
    """Return a Chinese numeral, or one in digits, as a decimal."""
    if numeral[:1].isdigit():
        return written(Decimal(numeral))
    whole, _, rest = numeral.partition("点")
    total = current = digit = 0
    for character in whole:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _STEPS:
            current, digit = current + max(digit, 1) * _STEPS[character], 0
        elif character in _LEAPS:
            total, current, digit = total + max(current + digit, 1) * _LEAPS[character], 0, 0
    decimals = "".join(str(_DIGITS[c]) for c in rest if c in _DIGITS)
    return written(Decimal(f"{total + current + digit}.{decimals or 0}"))


def written(value: Decimal) -> str:
    """Return a number without trailing zeros and without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _outermost(found: list[Spelled]) -> list[Spelled]:
    """Drop what stands inside of a longer one: the "two" of "two thirds"."""
    kept: list[Spelled] = []
    for one in sorted(found, key=lambda spelled: (spelled.start, -spelled.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept
