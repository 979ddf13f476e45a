"""Tell whether a sentence can stand alone, and make it so where cutting its beginning is enough."""

from __future__ import annotations

import functools
import re

from digest.summarize.compress import tidy, untie

_POINTER = re.compile(
    r"(?:(?:\w+ing )?(?:this|these|such)|that|those|it|they|such|its|their|he|she|his|her|both"
    r"|all of (?:this|these|which)"
    r"|doing so|the (?:former|latter|same)"
    r"|here|one such|another|other|the resulting|as such|in (?:this|these|such|that|doing so)"
    r"|to (?:this|these|do so)"
    r"|by doing so|with (?:this|these)|for (?:this|these)|on (?:this|these)|under (?:this|these)"
    r"|based on (?:this|these)|using (?:this|these)"
    r"|despite (?:this|these)|beyond (?:this|these)|among (?:these|them)|of these|unlike (?:these|those)"
    r"|against (?:this|these|such))\b"
    r"(?! (?:paper|work|article|study|report|letter|thesis|note|survey|manuscript|review|contribution"
    r"|is known as)\b)",
    re.IGNORECASE,
)
_POINTING_OBJECT = re.compile(
    r"(?:we|this (?:paper|work|article|study)) (?:\w+ly )?\w+ (?:it|them)\b", re.IGNORECASE
)
_EMPTY_OBJECT = re.compile(
    r"we (?:\w+ly )?(?:find|found|consider|make|show|believe|think) it ", re.IGNORECASE
)
_EXPLETIVE = re.compile(
    r"(?:it (?:is|was|has been|remains|seems|appears|becomes) (?:\w+ly )?(?:\w+ )?(?:that|to|how"
    r"|whether|why|for)\b"
    r"|both\b.{3,80}\band\b|it (?:turns out|follows) that)",
    re.IGNORECASE,
)
_POINTING_START = re.compile(
    r"(?:to|addressing|motivated by|inspired by|building on|based on|using|with|by|despite|given|in)"
    r"(?: \w+){0,4}? (?:this|these|that|those|such|it|them)\b[^,;:()$]{0,60}, "
    r"(?=(?:we|(?:this|the|our) (?:paper|work|article|study)) )",
    re.IGNORECASE,
)
_POINTING_CLAIM = re.compile(
    r"(?:this|these|those|such)(?: \w+){0,3}? (?:show|demonstrate|indicate|suggest|reveal|establish"
    r"|confirm|highlight)s? that ",
    re.IGNORECASE,
)


def hangs(text: str) -> bool:
    """Tell whether a sentence begins by pointing at one before it."""
    return bool(_POINTER.match(text)) and not _EXPLETIVE.match(text)


def leans(text: str) -> bool:
    """Tell whether a sentence says what is done to something that only the one before it names."""
    return bool(_POINTING_OBJECT.match(text)) and not _EMPTY_OBJECT.match(text)


@functools.lru_cache(1024)
def presentable(sentence: str) -> str:
    """Return a sentence so that it can stand alone: no tie, and no "These results show that"."""
    loose = untie(tidy(sentence))
    if match := _POINTING_START.match(loose):
        loose = tidy(loose[match.end() :])
    if hangs(loose) and (match := _POINTING_CLAIM.match(loose)):
        claim = tidy(loose[match.end() :])
        return loose if hangs(claim) else claim
    return loose
