"""Numbers that a source gives for something else: "27 clips" where it says "3,400 clips from 27 lamps"."""

from __future__ import annotations

import functools
import re

from digest.summarize.grounding.flags import MISPLACED
from digest.summarize.grounding.numbers import Quantity, quantities
from digest.summarize.grounding.words import FUNCTION_WORDS, plain, stem, words

_FROM_TO = re.compile(r" ?(?:to|down to|up to) ?(?:about |only |just |around )?\Z")
_REACH = 60
_COUNTED = 2


@functools.lru_cache(maxsize=512)
def _placed(text: str) -> tuple[tuple[Quantity, tuple[str, ...]], ...]:
    """Return each number with the stems of the two words of meaning behind it, in its clause."""
    flat = plain(text)
    found = []
    for quantity in quantities(text):
        behind = re.split(r"[,;:.()]", flat[quantity.end : quantity.end + _REACH])[0]
        counted = [stem(word) for word in words(behind) if word not in FUNCTION_WORDS and not word[0].isdigit()]
        found.append((quantity, tuple(counted[:_COUNTED])))
    return tuple(found)


@functools.lru_cache(maxsize=512)
def _changes(text: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of values in "from A to B"."""
    flat, found = plain(text), set()
    numbers = quantities(text)
    for one, other in zip(numbers, numbers[1:], strict=False):
        unit = re.split(r" (?:down |up )?to ", flat[one.end : other.start])[0]
        led = flat[max(0, one.start - 6) : one.start].endswith("from ")
        if led and _FROM_TO.search(flat[one.end : other.start]) and len(unit) < _REACH:
            found |= {(a, b) for a in one.values for b in other.values}
    return frozenset(found)


def placement_flags(text: str, sentences: tuple[str, ...]) -> list[str]:
    """Say which numbers of an English text its source gives for other things, or the other way round."""
    flags = []
    known = [pair for sentence in sentences for pair in _placed(sentence)]
    for quantity, counted in _placed(text):
        if not counted:
            continue
        thing = counted[0]
        mine = [after for other, after in known if other.values & quantity.values]
        others = [after for other, after in known if not other.values & quantity.values]
        if mine and not any(thing in after for after in mine) and any(after[:1] == (thing,) for after in others):
            flags.append(MISPLACED.format(f"{quantity.surface} {thing}"))
    changes = frozenset().union(*map(_changes, sentences)) if sentences else frozenset()
    flags += [
        MISPLACED.format(f"from {a} to {b}")
        for a, b in sorted(_changes(text))
        if (b, a) in changes and (a, b) not in changes
    ]
    return flags
