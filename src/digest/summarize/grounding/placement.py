"""Numbers that a source gives for something else: "27 clips" where it says "3,400 clips from 27 lamps"."""

from __future__ import annotations

import functools
import itertools
import re
from typing import NamedTuple

from digest.summarize.grounding.flags import MISPLACED, TURNED
from digest.summarize.grounding.language import is_latin
from digest.summarize.grounding.numbers import Quantity, quantities
from digest.summarize.grounding.words import FUNCTION_WORDS, plain, stem, words

_STOP = re.compile(r"[,;:.()](?!\d)|\b(?:and|while|whereas|but)\b")
_FROM = re.compile(r"(?:\bfrom|从|由) ?\Z")
_TO = re.compile(r"(?:\bto|至|到) ?(?:about |only |just |around |约|仅)?\Z")
_JOINT = re.compile(r" ?(?:%|\\%|x|×|倍| times)? ?(?:, and|,|and|to|-|~|/|、|和|与|至|到|以及) ?")
_ABOVE = re.compile(
    r"(?:\b(?:over|above|more than|greater than|exceed\w*|at least|larger than)|超过|高于|至少"
    r"|大于)[ ~]?(?:about )?\Z"
)
_BELOW = re.compile(
    r"(?:\b(?:under|below|less than|fewer than|at most|smaller than|lower than)|不到|不足|低于|不及|小于"
    r"|至多)[ ~]?(?:about )?\Z"
)
_ABOVE_BEHIND, _BELOW_BEHIND = re.compile(r".{0,3}以上"), re.compile(r".{0,3}以下")
_CLAUSE = re.compile(r"[;。]|,(?!\d)|\b(?:and|while|whereas|but)\b")
_PLACE = re.compile(
    r"(?:\b[Oo]n|\b[Ff]or) (?:the )?([A-Z][A-Za-z0-9]{0,30}(?:-[A-Za-z0-9]{1,30}){0,3})"
    r"|在 ?([A-Z][A-Za-z0-9]{0,30}(?:-[A-Za-z0-9]{1,30}){0,3}) ?上"
)
_REACH = 60
_NEAR = 3
_CLEARLY = 2


class Placed(NamedTuple):
    """A number with what it counts, and the words around it.

    Attributes:
        quantity: The number.
        thing: The stem of the word of meaning right behind it; "" when a small word or a mark stands there.
        behind: Stems of the nearest words behind it, in its clause.
        around: Those and the nearest ones before it.
    """

    quantity: Quantity
    thing: str
    behind: frozenset[str]
    around: frozenset[str]


@functools.lru_cache(maxsize=512)
def placed(text: str) -> tuple[Placed, ...]:
    """Return each number where it stands."""
    flat = plain(text)
    found = []
    for quantity in quantities(text):
        behind = _STOP.split(flat[quantity.end : quantity.end + _REACH])[0]
        before = _STOP.split(flat[max(0, quantity.start - _REACH) : quantity.start].rstrip(" :(="))[-1]
        following = words(behind)
        thing = ""
        if following and following[0] not in FUNCTION_WORDS and following[0].isalpha():
            thing = stem(following[0])
        near = frozenset(_meaningful(following)[:_NEAR])
        around = near.union(_meaningful(words(before))[-_NEAR:])
        found.append(Placed(quantity, thing, near, around))
    return tuple(found)


def _meaningful(found: list[str]) -> list[str]:
    return [stem(word) for word in found if word not in FUNCTION_WORDS and word[0].isalpha()]


@functools.lru_cache(maxsize=512)
def _changes(text: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of values in "from A to B" and 从A到B."""
    flat, found = plain(text), set()
    numbers = quantities(text)
    for one, other in itertools.pairwise(numbers):
        between = flat[one.end : other.start]
        led = _FROM.search(flat[max(0, one.start - 8) : one.start])
        if led and len(between) < _REACH and _TO.search(between):
            found |= {(a, b) for a in one.values for b in other.values}
    return frozenset(found)


@functools.lru_cache(maxsize=512)
def _lists(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the values of each enumeration of numbers: "99.7, 97.5 and 95.3", "3-5"."""
    flat = plain(text)
    found: list[list[str]] = []
    last: Quantity | None = None
    for quantity in quantities(text):
        if last and _JOINT.fullmatch(flat[last.end : quantity.start]):
            found[-1].append(min(quantity.values))
        else:
            found.append([min(quantity.values)])
        last = quantity
    return tuple(tuple(values) for values in found if len(values) > 1)


def placement_flags(text: str, sentences: tuple[str, ...]) -> list[str]:
    """Say which numbers of a text its source gives for other things, or in another order."""
    flags = [] if not is_latin(text) else _misplaced(text, sentences)
    flags += _turned_bounds(text, sentences) + _elsewhere(text, sentences)
    changes = frozenset().union(*map(_changes, sentences)) if sentences else frozenset()
    flags += [
        MISPLACED.format(f"from {a} to {b}")
        for a, b in sorted(_changes(text))
        if (b, a) in changes and (a, b) not in changes
    ]
    known = [values for sentence in sentences for values in _lists(sentence)]
    for values in _lists(text):
        for other in known:
            mine = [value for value in values if value in other]
            theirs = [value for value in other if value in values]
            if len(set(mine)) > 1 and len(mine) == len(theirs) and mine != theirs and values not in known:
                flags.append(MISPLACED.format(", ".join(mine)))
    return list(dict.fromkeys(flags))


def _bound(flat: str, quantity: Quantity) -> int:
    """Return 1 for "more than 5", -1 for "less than 5", 0 for neither."""
    before, behind = flat[max(0, quantity.start - 24) : quantity.start], flat[quantity.end : quantity.end + 8]
    above = bool(_ABOVE.search(before) or _ABOVE_BEHIND.match(behind))
    below = bool(_BELOW.search(before) or _BELOW_BEHIND.match(behind))
    return above - below


@functools.lru_cache(maxsize=512)
def _bounds(text: str) -> dict[str, frozenset[int]]:
    """Return how each value of a text is bounded."""
    flat = plain(text)
    found: dict[str, set[int]] = {}
    for quantity in quantities(text):
        side = _bound(flat, quantity)
        for value in quantity.values:
            found.setdefault(value, set()).add(side)
    return {value: frozenset(sides) for value, sides in found.items()}


def _turned_bounds(text: str, sentences: tuple[str, ...]) -> list[str]:
    """Say which numbers a text bounds from below and its source from above, or the other way round."""
    flags = []
    known = [_bounds(sentence) for sentence in sentences]
    flat = plain(text)
    for quantity in quantities(text):
        side = _bound(flat, quantity)
        sides = {one for bounds in known for value in quantity.values for one in bounds.get(value, ())}
        if side and sides == {-side}:
            flags.append(TURNED.format(quantity.surface))
    return flags


@functools.lru_cache(maxsize=512)
def _by_place(text: str) -> tuple[tuple[frozenset[str], tuple[Quantity, ...]], ...]:
    """Return, for each clause of a text, the names that it says something "on", and its numbers."""
    flat = plain(text)
    numbers = quantities(text)
    found = []
    start, led = 0, frozenset[str]()
    for end in [*(match.start() for match in _CLAUSE.finditer(flat)), len(flat)]:
        names = {(m[1] or m[2]).lower() for m in _PLACE.finditer(flat, start, end) if _is_name(m[1] or m[2])}
        here = tuple(one for one in numbers if start <= one.start < end)
        found.append((frozenset(names) or led, here))
        led = frozenset() if here else found[-1][0]  # "On MothSet, it reaches 5"
        start = end
    return tuple(found)


def _is_name(word: str) -> bool:
    return sum(c.isupper() or c.isdigit() for c in word) > 1


def _elsewhere(text: str, sentences: tuple[str, ...]) -> list[str]:
    """Say which numbers of a text stand "on" a name for which the source gives others of the same kind."""
    flags = []
    for names, numbers in _by_place(text):
        for name, one in itertools.product(sorted(names), numbers):
            having = [s for s in sentences if any(one.values & other.values for other in quantities(s))]
            if not having or any(name in plain(sentence).lower() for sentence in having):
                continue
            units = {unit for _, unit in one.readings}
            rivals = (
                other
                for sentence in sentences
                for places, others in _by_place(sentence)
                if name in places
                for other in others
            )
            if any(units & {unit for _, unit in other.readings} for other in rivals):
                flags.append(MISPLACED.format(f"{one.surface} on {name}"))
    return flags


def _misplaced(text: str, sentences: tuple[str, ...]) -> list[str]:
    flags = []
    known = [one for sentence in sentences for one in placed(sentence)]
    for quantity, thing, _, around in placed(text):
        mine = [one for one in known if one.quantity.values & quantity.values]
        others = [one for one in known if not one.quantity.values & quantity.values]
        if not mine:
            continue
        counted = thing and not any(unit for _, unit in quantity.readings)
        if (
            counted
            and not any(thing in one.behind for one in mine)
            and any(one.thing == thing for one in others)
        ):
            flags.append(MISPLACED.format(f"{quantity.surface} {thing}"))
            continue
        here = max(len(around & one.around) for one in mine)
        there = max((len(around & one.around) for one in others), default=0)
        if there >= _CLEARLY + here and there >= _CLEARLY:
            flags.append(MISPLACED.format(quantity.surface))
    return flags
