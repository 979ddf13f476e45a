"""Acronyms and their long forms (the algorithm of Schwartz & Hearst, 2003)."""

from __future__ import annotations

import re

_SHORT = r"[A-Za-z0-9][\w/&.+-]{1,9}"
_IN_BRACKETS = re.compile(rf"\(\s*({_SHORT})\s*(?:[,;][^()]{{0,40}})?\)")
_WORDS_BEFORE = 200  # characters that may hold a long form
_PHRASE_END = re.compile(r"[.;:!?()\[\]{}\"“”]\s")


def find_acronyms(text: str) -> dict[str, str]:
    """Return long forms by acronym, for each "long form (ACRONYM)" of a text; the first one counts."""
    found: dict[str, str] = {}
    for match in _IN_BRACKETS.finditer(text):
        short = match[1].strip(".")
        if sum(character.isupper() for character in short) < 2 and not short.isupper():  # noqa: PLR2004
            continue
        before = _PHRASE_END.split(text[max(0, match.start() - _WORDS_BEFORE) : match.start()])[-1]
        letters = short[:-1] if short.endswith("s") and short[:-1].isupper() else short
        if long := _long_form(letters, before.split()):
            found.setdefault(short, long)
    return found


def _long_form(short: str, words: list[str]) -> str:
    """Return the shortest run of last words that has the acronym's letters in order, or nothing.

    The first letter must begin a word.
    """
    letters = [character.lower() for character in short if character.isalnum()]
    if len(letters) < 2:  # noqa: PLR2004
        return ""
    most = min(len(letters) + 5, 2 * len(letters))
    text = " ".join(words[-most:])
    lower = text.lower()
    if len(lower) != len(text):  # a letter whose lower case is longer: places would not fit
        return ""
    place = len(lower)
    for number, letter in enumerate(reversed(letters)):
        place -= 1
        is_first = number == len(letters) - 1
        while place >= 0 and (
            lower[place] != letter or (is_first and place > 0 and lower[place - 1] not in " /")
        ):
            place -= 1
        if place < 0:
            return ""
    long = text[place:].strip(" ,-–—'‘’")
    return long if len(long) > len(short) and short.lower() not in long.lower().split() else ""
