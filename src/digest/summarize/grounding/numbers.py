"""Numbers of a text with their signs and units, and whether a source has them."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import Decimal

from digest.summarize.grounding.flags import NUMBER, SIGN, UNIT
from digest.summarize.grounding.number_words import spelled_numbers, written
from digest.summarize.grounding.units import agree, scale_at, units_at
from digest.summarize.grounding.words import plain

# Not what belongs to a name: "GPT-4", "F1", "v2.0". The possessive quantifiers keep hostile text linear.
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?<![A-Za-z]-)(?:\d{1,3}(?:,\d{3})++(?!\d)(?:\.\d++)?"
    r"|\d++(?:\.\d++)*+(?:,\d++(?!\.\d))?|\.\d++)"
    r"(?:[eE][-+]?\d{1,3}(?![\dA-Za-z]))?"
)
_LONGEST = 40
_GLUED = re.compile(r"(?:st|nd|rd|th)(?![A-Za-z])|(?P<name>[A-Za-z])")
_SIGN = re.compile(r"(?:(?<![\d%] )(?<![A-Za-z0-9_%)\]}.])-|(?<![A-Za-z])minus |负)\Z", re.IGNORECASE)
_FACTOR = re.compile(
    r"(?:factors? of (?:(?:about|around|up to|nearly|over|roughly|~) ?)?|[×] ?)\Z", re.IGNORECASE
)
# What joins the numbers of a list or a range, whose last one carries the unit of all.
_JOINT = re.compile(
    r" ?(?:-|~|±|\\+-|to|and|or|&|,|/|;|,? respectively,|至|到|和|与|及|、|vs\.?|versus) ?(?:and )?\Z"
)
_BOTH = re.compile(
    r"\b(?:both|dual|pairs?|paired|binary|bi-?directional|two|second|twice|couple)\b", re.IGNORECASE
)
_GLUED_DIGITS = re.compile(r"(?<![A-Za-z0-9_.])(\d++(?:\.\d++)?)(?=-?[A-Za-z])(?![kKMBT]\b)")
_DECADE = re.compile(r"(?:1[89]|20)\d\ds")
_WINDOW = 40


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number where it stands.

    Attributes:
        readings: Each a value, as a decimal without trailing zeros or as "2/3", and its unit or "".
        negative: A minus stands before it.
        surface: As it is written, with its unit.
        start: In the plain text.
        end: In the plain text, its unit left out.
        spelled: It is written in words.
    """

    readings: frozenset[tuple[str, str]]
    negative: bool
    surface: str
    start: int
    end: int
    spelled: bool = False

    @property
    def values(self) -> frozenset[str]:
        """The readings without their units."""
        return frozenset(value for value, _ in self.readings)


@functools.lru_cache(maxsize=256)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the numbers of a text, in order.

    A number in a name is none; one that is glued to other letters ("3D", "8d") is left to the names' check.
    """
    text = plain(text)
    found: list[Quantity] = []
    for spelled in spelled_numbers(text):
        factor, end = scale_at(text, spelled.end) if len(spelled.readings) == 1 else (Decimal(1), spelled.end)
        readings = {
            (written(Decimal(value) * factor) if factor != 1 and "/" not in value else value, unit)
            for value, unit in spelled.readings
        }
        units, unit_end = units_at(text, end)
        if units and all(not unit for _, unit in readings):
            readings = {(value, unit) for value, _ in readings for unit in units}
        surface = text[spelled.start : max(end, unit_end)].strip()
        found.append(
            Quantity(
                frozenset(readings),
                negative=False,
                surface=surface,
                start=spelled.start,
                end=end,
                spelled=True,
            )
        )
    taken = [(quantity.start, quantity.end) for quantity in found]
    for match in _NUMBER.finditer(text):
        if match.end() - match.start() <= _LONGEST and not any(a <= match.start() < b for a, b in taken):
            quantity = _read(text, match)
            if quantity is not None:
                found.append(quantity)
    return _share_units(text, sorted(found, key=lambda quantity: quantity.start))


def _read(text: str, match: re.Match[str]) -> Quantity | None:
    values = _values(match[0])
    factor, end = scale_at(text, match.end())
    values = {value * factor for value in values}
    decade = _DECADE.match(text, match.start())
    units, unit_end = (frozenset(), end) if decade else units_at(text, end)
    if not decade and unit_end == match.end() and (glued := _GLUED.match(text, end)) and glued["name"]:
        return None
    before = text[max(0, match.start() - _WINDOW) : match.start()]
    sign = _SIGN.search(before)
    if not units and _FACTOR.search(before):
        units = frozenset({"times"})
    surface = f"{sign[0] if sign else ''}{text[match.start() : unit_end]}".strip()
    readings = frozenset((written(value), unit) for value in values for unit in units or {""})
    return Quantity(readings, sign is not None, surface, match.start(), end)


def _values(digits: str) -> set[Decimal]:
    """Return how a number can be read: a comma or a point may part thousands or begin the decimals."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        return {Decimal(digits.replace(",", ""))}
    if re.fullmatch(r"\d+,\d+", digits):
        return {Decimal(digits.replace(",", "."))}
    digits = digits.partition(",")[0]
    if digits.count(".") > 1:  # a version, or German thousands
        return {Decimal(digits.replace(".", ""))}
    return {Decimal(digits)}


def _share_units(text: str, found: list[Quantity]) -> tuple[Quantity, ...]:
    """Let the numbers before a number with a unit have it too: "3-5 %", "from 2 to 4 hours"."""
    for i in range(len(found) - 2, -1, -1):
        one, other = found[i], found[i + 1]
        units = {unit for _, unit in other.readings if unit}
        if (
            units
            and all(not unit for _, unit in one.readings)
            and _JOINT.fullmatch(text[one.end : other.start].rstrip("+-") or "-")
        ):
            readings = one.readings | {(value, unit) for value in one.values for unit in units}
            found[i] = Quantity(readings, one.negative, one.surface, one.start, one.end, one.spelled)
    return tuple(found)


@functools.lru_cache(maxsize=64)
def known_readings(source: str) -> dict[str, frozenset[tuple[str, bool]]]:
    """Return what a source says of each value: the units with which it stands, and whether negative."""
    found: dict[str, set[tuple[str, bool]]] = {}
    for quantity in quantities(source):
        for value, unit in quantity.readings:
            found.setdefault(value, set()).add((unit, quantity.negative))
            if "/" in value:
                for part in value.split("/"):
                    found.setdefault(part, set()).add(("", False))
    text = plain(source)
    if _BOTH.search(text):
        found.setdefault("2", set()).add(("", False))
    for match in _GLUED_DIGITS.finditer(text):
        if match.end(1) - match.start(1) <= _LONGEST:
            found.setdefault(written(Decimal(match[1])), set()).add(("", False))
    return {value: frozenset(readings) for value, readings in found.items()}


def number_flags(text: str, source: str) -> list[str]:
    """Say which numbers of a text the source lacks, or has with another unit or sign."""
    known = known_readings(source)
    flags = []
    for quantity in quantities(text):
        there = [(unit, negative) for value in quantity.values for unit, negative in known.get(value, ())]
        units = frozenset(unit for unit, _ in there)
        asked = frozenset(unit for value, unit in quantity.readings if unit and value in known)
        if not there:
            flags.append(NUMBER.format(quantity.surface))
        elif all(unit for _, unit in quantity.readings) and not agree(asked, units):
            flags.append(UNIT.format(quantity.surface))
        elif not quantity.spelled and quantity.negative not in {negative for _, negative in there}:
            flags.append(SIGN.format(quantity.surface))
    return list(dict.fromkeys(flags))
