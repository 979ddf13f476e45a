"""A second, plain reading of the numbers and names in a text, for judging what is shown.

It shares no code with `digest.summarize.grounding` on purpose: it is strict and simple, and only looks
whether what is written as a number or a name stands somewhere in the source. `lacking(text, source)` returns
what does not.
"""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-'][A-Za-z0-9]+)*|\d+[A-Za-z][A-Za-z0-9]*")
_NUMBER_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
}  # fmt: skip
_ALSO = {"twice": "2", "double": "2", "doubles": "2", "both": "2", "half": "50", "third": "3", "second": "2"}
_FACTORS = {
    "k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "b": 10**9, "billion": 10**9, "万": 10**4,
    "亿": 10**8, "千": 10**3, "百万": 10**6,
}  # fmt: skip
_SCALED = re.compile(r"(\d+(?:\.\d+)?) ?(thousand|million|billion|百万|[kKmMbB](?![A-Za-z])|万|亿|千)")
_SENTENCE = re.compile(r"(?:^|[.!?:;。！？：；]\s*)[\"'“(]*\Z")


def lacking(text: str, source: str) -> list[str]:
    """Return the numbers and names of a text that its source (title and abstract) lacks."""
    text, source = _flat(text), _flat(source)
    return [*_lacking_numbers(text, source), *_lacking_names(text, source)]


def _flat(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("’", "'").replace("‑", "-")


def _bare(number: str) -> str:
    number = re.sub(r",(?=\d{3}(?!\d))", "", number).replace(",", ".")
    return number.rstrip("0").rstrip(".") if "." in number else number


def _values(text: str) -> set[str]:
    found = {_bare(number) for number in _NUMBER.findall(text)}
    for number in _NUMBER.findall(text):
        found.update(re.findall(r"\d+", number))
    for number, factor in _SCALED.findall(text):
        found.add(_bare(f"{float(number) * _FACTORS[factor.lower()]:.6f}"))
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in _NUMBER_WORDS:
            found.add(str(_NUMBER_WORDS[word]))
        found.update({_ALSO[word]} if word in _ALSO else ())
    return found


def _lacking_numbers(text: str, source: str) -> list[str]:
    known = _values(source)
    found = []
    for match in _NUMBER.finditer(text):
        scaled = _SCALED.match(text, match.start())
        value = _bare(f"{float(scaled[1]) * _FACTORS[scaled[2].lower()]:.6f}") if scaled else _bare(match[0])
        if value not in known and _bare(match[0]) not in known:
            found.append(match[0])
    found += [
        word
        for word in re.findall(r"[a-z]+", text.lower())
        if word in _NUMBER_WORDS and str(_NUMBER_WORDS[word]) not in known
    ]
    return list(dict.fromkeys(found))


def written_as_names(text: str) -> list[str]:
    """Return words with two capitals, a capital inside or digits, and those written large mid-sentence."""
    found = []
    text = _flat(text)
    for match in _WORD.finditer(text):
        word = match[0].removesuffix("'s")
        shaped = sum(c.isupper() for c in word) > 1 or any(c.isupper() for c in word[1:])
        shaped = shaped or (any(c.isdigit() for c in word) and any(c.isupper() for c in word))
        large = word[0].isupper() and len(word) > 1 and not _SENTENCE.search(text[: match.start()][-6:])
        if (shaped or large) and len(word) > 1:
            found.append(word)
    return found


def _lacking_names(text: str, source: str) -> list[str]:
    squashed = re.sub(r"[^a-z0-9]", "", source.lower())
    initials = "".join(word[0] for word in re.findall(r"[a-z]+", source.lower()))
    lesser = "".join(
        word[0]
        for word in re.findall(r"[a-z]+", source.lower())
        if word not in {"of", "the", "and", "for", "in"}
    )
    found = []
    for name in written_as_names(text):
        plain = re.sub(r"[^a-z0-9]", "", name.lower())
        # "GAN-based": the name is GAN.
        pieces = [part for part in re.split(r"[^A-Za-z0-9]+", name) if part]
        parts = [part.lower() for part in pieces if not part.islower()]
        if any(form in squashed for form in (plain, plain.removesuffix("s"))):
            continue
        if all(part.removesuffix("s") in squashed for part in parts):
            continue
        acronym = plain.removesuffix("s")
        if name[:2].isupper() and (acronym in initials or acronym in lesser):
            continue
        found.append(name)
    return list(dict.fromkeys(found))
