"""Names of a text (acronyms, models, data sets, people), and whether a source has them.

In a text of another script every Latin word counts as a name: a translation keeps only those.
"""

from __future__ import annotations

import functools
import itertools
import re

from digest.summarize.grounding.acronyms import is_built_from
from digest.summarize.grounding.flags import NAME
from digest.summarize.grounding.language import is_latin, looks_english
from digest.summarize.grounding.words import FUNCTION_WORDS, folded, is_ordinary, stem

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[-'./+_&][A-Za-z0-9]+)*\+*")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_GLUED = re.compile(r"(\d+)([A-Za-z]+)\Z")
# A sentence may begin behind these, and any word is written large there.
_START = re.compile(r"(?:^|[.!?:;。！？：；]|\s-|\()[\s\"'(\[“‘]*\Z")
_LONGEST_GRAM = 4
_LONGEST_NAME = 60
_NEAR, _MOST_LONGER = 5, 3
_LEAST_PIECE = 3
_TITLE_CASED = 0.6
_NUMBERED_WORD = re.compile(r"\d+(?:\.\d+)?-?(?:[a-z]+)\Z")  # "16-bit", "10k", "5ms": the numbers' business
_LEAST_TITLE = 4


@functools.lru_cache(maxsize=64)
def known_names(source: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Return a source's words in lower case, alone and joined up to four; its stems; the words alone."""
    pieces: list[str] = []
    for piece in _PIECE.findall(folded(source)):
        glued = _GLUED.match(piece)
        pieces += [glued[1].lower(), glued[2].lower()] if glued else [piece.lower()]
    grams = {
        "".join(pieces[i : i + size])
        for size in range(1, _LONGEST_GRAM + 1)
        for i in range(len(pieces) - size + 1)
    }
    return frozenset(grams), frozenset(stem(piece) for piece in pieces), frozenset(pieces)


def name_flags(text: str, source: str) -> list[str]:
    """Say which names of a text its source lacks."""
    foreign = not is_latin(folded(text))
    lacking = [
        NAME.format(name[:_LONGEST_NAME])
        for name in names(text)
        if len(name) > _LONGEST_NAME or not _is_known(name, source, every_word=foreign)
    ]
    return list(dict.fromkeys(lacking))


def names(text: str) -> list[str]:
    """Return what is written as a name: by its capitals and digits, or as a Latin word in another script."""
    text = folded(text)
    foreign = not is_latin(text)
    capitals_count = looks_english(text) and not _is_title_cased(text)
    found = []
    for match in _TOKEN.finditer(text):
        token = match[0].removesuffix("'s").rstrip("'")
        if foreign:
            is_name = (
                len(token) > 1 and any(c.isalpha() for c in token) and not _NUMBERED_WORD.fullmatch(token)
            )
        else:
            is_name = _looks_like_a_name(token) or (
                capitals_count and _is_written_large(token, text, match.start())
            )
        if is_name:
            found.append(token)
    return found


def _looks_like_a_name(token: str) -> bool:
    if _NUMBERED_WORD.fullmatch(token):
        return False
    parts = _PIECE.findall(token)
    if any(_is_shaped(part) for part in parts):
        return True
    # "GPT-4", "top-5": letters, then a number.
    return any(one.isalpha() and other.isdigit() for one, other in itertools.pairwise(parts))


def _is_shaped(part: str) -> bool:
    """Say whether capitals or digits stand where plain words have none."""
    if not any(c.isalpha() for c in part):
        return False
    if any(c.isdigit() for c in part):
        return not re.fullmatch(r"\d+(?:st|nd|rd|th|s|x|k)", part)
    return sum(c.isupper() for c in part) > 1 or any(c.isupper() for c in part[1:])


def _is_written_large(token: str, text: str, start: int) -> bool:
    """Say whether a word is written large where plain words are not."""
    if len(token) < 2 or not token[0].isupper():  # noqa: PLR2004 - "A", "I"
        return False
    if _START.search(text[max(0, start - 8) : start]) or start == 0:
        return not is_ordinary(_PIECE.findall(token)[0])
    return token.lower() not in FUNCTION_WORDS


def _is_title_cased(text: str) -> bool:
    # Names are written large everywhere: only the ordinary words tell.
    found = re.findall(r"[A-Za-z]+", text)
    long = [word for word in found if len(word) >= _LEAST_TITLE and is_ordinary(word)]
    return len(long) >= _LEAST_TITLE and sum(word[0].isupper() for word in long) > _TITLE_CASED * len(long)


def _is_known(name: str, source: str, *, every_word: bool) -> bool:
    grams = known_names(source)[0]
    parts = _PIECE.findall(name)
    if _is_among("".join(parts).lower(), grams) or is_built_from("".join(parts), source):
        return True
    if len(parts) > 1 and parts[-1].isdigit():
        return _stands_in_a_list(parts, source)
    return all(_is_known_part(part, source, every_word=every_word) for part in parts)


def _is_known_part(part: str, source: str, *, every_word: bool) -> bool:
    grams, stems, alone = known_names(source)
    low = part.lower()
    if _is_among(low, grams):
        return True
    if _is_shaped(part):
        return is_built_from(part, source) or _is_camel_of_known(part, grams)
    if part.isdigit():
        return low in alone
    plain_word = part[0].islower() and not every_word
    return plain_word or stem(low) in stems or _is_near(low, alone)


def _is_among(word: str, grams: frozenset[str]) -> bool:
    """Say whether a word stands among others, in singular or plural."""
    return word in grams or word.removesuffix("s") in grams or f"{word}s" in grams


def _is_camel_of_known(part: str, grams: frozenset[str]) -> bool:
    """Say whether a name is joined from the source's words ("AutoEncoder"), none of them short."""
    pieces = re.findall(r"[A-Z][a-z]+|[A-Z]+(?![a-z])|[a-z]+|\d+", part)
    return len(pieces) > 1 and all(
        piece.lower() in grams and (len(piece) >= _LEAST_PIECE or piece.isdigit()) for piece in pieces
    )


def _stands_in_a_list(parts: list[str], source: str) -> bool:
    """Tell "CIFAR-10 and 100", which names CIFAR-100 too."""
    prefix, number = re.escape(parts[0]), re.escape(parts[-1])
    listed = (
        rf"(?<![A-Za-z0-9]){prefix}[- ]?\d{{1,6}}(?:(?:, | ?/ ?| and | & |, and "
        rf"| or )-?\d{{1,6}}){{0,4}}? ?(?:,|/|and|&|or|, and) ?-?{number}(?!\d)"
    )
    return bool(re.search(listed, folded(source), re.IGNORECASE))


def _is_near(word: str, alone: frozenset[str]) -> bool:
    """Say whether the source has a word of the same beginning: "Bayes" for "Bayesian"."""
    head = word[:_NEAR]
    return len(word) >= _NEAR and any(
        other.startswith(head) and abs(len(other) - len(word)) <= _MOST_LONGER for other in alone
    )
