"""Units and scales that stand behind a number, in English and Chinese."""

from __future__ import annotations

import functools
import re
from decimal import Decimal

_UNITS = {
    "pp": r"percentage[ -]points?|percent points?|pp|p\.p\.|个?百分点",
    "%": r"%|percent|per cent|pct|成",
    "point": r"points?|pts|个点|分(?!钟)",
    "times": r"×|x|times|-?fold|倍",
    "ms": r"ms|msecs?|milliseconds?|毫秒",
    "us": r"[μµ]s|us|microseconds?|微秒",
    "ns": r"ns|nanoseconds?|纳秒",
    "s": r"s|secs?|seconds?|秒",
    "min": r"mins?|minutes?|分钟",
    "h": r"h|hrs?|hours?|个?小时",
    "day": r"days?|天",
    "week": r"weeks?|周|个?星期",
    "month": r"months?|个月",
    "year": r"years?|(?<!\d\d\d\d)年",
    "KB": r"k[Bb]|kilobytes?",
    "MB": r"M[Bb]|megabytes?|MiB",
    "GB": r"G[Bb]|gigabytes?|GiB",
    "TB": r"T[Bb]|terabytes?|TiB",
    "bit": r"bits?|比特",
    "byte": r"bytes?|字节",
    "Hz": r"Hz",
    "kHz": r"kHz",
    "MHz": r"MHz",
    "GHz": r"GHz",
    "fps": r"fps|FPS|frames per second|帧每秒|帧/秒",
    "W": r"watts?|W|瓦",
    "mW": r"mW|milliwatts?|毫瓦",
    "dB": r"dB|decibels?|分贝",
    "nm": r"nm|nanomet(?:er|re)s?|纳米",
    "um": r"[μµ]m|micromet(?:er|re)s?|微米",
    "mm": r"mm|millimet(?:er|re)s?|毫米",
    "cm": r"cm|centimet(?:er|re)s?|厘米",
    "m": r"met(?:er|re)s?|米",
    "km": r"km|kilomet(?:er|re)s?|公里|千米",
    "g": r"grams?|克",
    "kg": r"kg|kilograms?|千克|公斤",
    "°C": r"°C|degrees Celsius|摄氏度",
    "°": r"°|degrees?|度",
    "K": r"kelvins?",
    "FLOPs": r"FLOPS?|FLOPs",
    "GFLOPs": r"GFLOPS?|GFLOPs",
}
_SCALES = {
    "hundred": r"hundred|百",
    "thousand": r"thousand|[kK]|千",
    "10000": r"万",
    "million": r"million|mn|M|百万",
    "10000000": r"千万",
    "billion": r"billion|bn|B|十亿",
    "100000000": r"亿",
    "trillion": r"trillion|tn|T|万亿",
}
_FACTORS = {
    "hundred": 100,
    "thousand": 1000,
    "10000": 10**4,
    "million": 10**6,
    "10000000": 10**7,
    "billion": 10**9,
    "100000000": 10**8,
    "trillion": 10**12,
}


def _alternatives(table: dict[str, str]) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return one pattern, the longest alternative first, and which entry each of its groups stands for."""
    parts = [(name, part) for name, pattern in table.items() for part in _split(pattern)]
    parts.sort(key=lambda pair: -len(pair[1]))
    joined = "|".join(f"(?P<u{i}>{part})" for i, (_, part) in enumerate(parts))
    names = {f"u{i}": name for i, (name, _) in enumerate(parts)}
    return re.compile(rf"[ -]?(?:{joined})(?![A-Za-z])"), names


@functools.cache
def _units() -> tuple[re.Pattern[str], dict[str, str]]:
    return _alternatives(_UNITS)


@functools.cache
def _scales() -> tuple[re.Pattern[str], dict[str, str]]:
    return _alternatives(_SCALES)


def _split(pattern: str) -> list[str]:
    """Split at the bars outside of brackets."""
    return re.split(r"\|(?![^(]*\))", pattern)


# "5 BLEU points", "2 GPU hours": one word may stand between a number and a unit that is spelled out.
_FAR_UNIT = re.compile(
    r"[ -][A-Za-z]+[ -](?P<unit>points?|hours?|days?|minutes?|seconds?|weeks?|months?|years?|times)\b"
)
_FAR_NAMES = {"point": "point", "hour": "h", "day": "day", "minute": "min", "second": "s", "week": "week"}
_PERCENT_POINTS = re.compile(r" ?(?:%|percent) (?:absolute )?points?\b")
_DIMENSION = re.compile(r" ?[×x] ?\d")


def scale_at(text: str, position: int) -> tuple[Decimal, int]:
    """Return the factor that the word behind a number stands for (1 for none), and where it ends."""
    pattern, names = _scales()
    match = pattern.match(text, position)
    if match is None:
        return Decimal(1), position
    return Decimal(_FACTORS[names[match.lastgroup or ""]]), match.end()


def units_at(text: str, position: int) -> tuple[frozenset[str], int]:
    """Return the readings of the unit that begins at a position (none without one), and its end."""
    if match := _PERCENT_POINTS.match(text, position):
        return frozenset({"%", "pp"}), match.end()
    if _DIMENSION.match(text, position):
        return frozenset(), position
    pattern, names = _units()
    if match := pattern.match(text, position):
        return frozenset({names[match.lastgroup or ""]}), match.end()
    if match := _FAR_UNIT.match(text, position):
        word = match["unit"].removesuffix("s")
        return frozenset({_FAR_NAMES.get(word, word)}), position  # the word between belongs to the sentence
    return frozenset(), position


def agree(asked: frozenset[str], found: frozenset[str]) -> bool:
    """Say whether a text's unit is one that the source gives; a text that names none claims none."""
    if not asked or asked & found:
        return True
    return bool(asked & {"pp", "point"}) and bool(found & {"pp", "point"})
