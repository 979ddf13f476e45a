"""Honest rewordings of abstracts, made by rule: what a good model writes must pass the checks."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator

from bench.grounding_cases.papers import Case, Paper, Written, is_usable, read_pairs

_SYNONYMS = read_pairs("synonyms")
_SPELLED_WORDS = "zero one two three four five six seven eight nine ten eleven twelve"
_SPELLED = _SPELLED_WORDS.split()
_ROUND = {
    "10,000": "ten thousand",
    "1,000": "one thousand",
    "1000": "1,000",
    "100": "one hundred",
    "10000": "10,000",
}


def compressed(text: str) -> str:
    """Drop brackets, opening ties and a trailing clause."""
    text = re.sub(r" ?\([^()]{0,80}\)", "", text)
    text = re.sub(
        r"^(?:In this (?:paper|work),? |However, |Moreover, |Furthermore, |Finally, |In addition, "
        r"|Specifically, "
        r"|To this end, |In particular, |Additionally, |Here,? )",
        "",
        text,
    )
    text = re.sub(r", (?:which|where|thereby|resulting|leading|making|thus)[^,]{10,80}\.$", ".", text)
    return text[:1].upper() + text[1:]


def third_person(text: str) -> str:
    """Tell it of the authors."""
    text = re.sub(r"\bWe\b", "The authors", text)
    text = re.sub(r"\bwe\b", "the authors", text)
    text = re.sub(r"\bOur\b", "Their", text)
    return re.sub(r"\bour\b", "their", text)


def reworded(text: str) -> str:
    """Replace common words by their synonyms, at most four."""
    done = 0
    for word, other in _SYNONYMS:
        changed = re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", other, text, count=1)
        done += changed != text
        text = changed
        if done == 4:
            break
    return text


def renumbered(text: str) -> str:
    """Write its numbers in other ways of the same value."""
    for old, new in _ROUND.items():
        text = re.sub(rf"(?<![\w.,-]){old}(?![\w.,-])", new, text)
    text = re.sub(r"(\d)\\?%", r"\1 percent", text) if len(text) % 2 else re.sub(r"(\d)\\?%", r"\1 %", text)
    text = re.sub(r"(\d)(?:x|×)(?= )", r"\1 times", text)
    text = re.sub(r"(\d)[–-](?=\d+(?: ?%|x| times))", r"\1 to ", text)
    text = re.sub(
        rf"(?<![\w-])({'|'.join(_SPELLED[2:])})(?![\w-])", lambda m: str(_SPELLED.index(m[1])), text, count=2
    )
    return (
        re.sub(r"(?<![\w.,-])([2-9])(?= [a-z]{3,})", lambda m: _SPELLED[int(m[1])], text, count=1)
        if not re.search(rf"\b({'|'.join(_SPELLED[2:])})\b", text) and len(text) % 3
        else text
    )


def moved(text: str) -> str:
    """Bring an opening phrase to the end: "On X, we do Y." becomes "We do Y on X."."""
    match = re.match(
        r"^((?:On|In|For|By|Using|With|Under|During|To|Given) [^,]{8,70}), ((?:we|our|the|it"
        r"|this) [^.]{20,})\.$",
        text,
    )
    if not match:
        return text
    return f"{match[2][0].upper()}{match[2][1:]} {match[1][0].lower()}{match[1][1:]}."


def passive(text: str) -> str:
    """Turn "We propose X." round."""
    match = re.match(r"^We (propose|introduce|present|study|describe|develop) (an? [^,.;:]{10,110})\.$", text)
    if not match:
        return text
    verb = {"study": "studied"}.get(match[1], match[1].rstrip("e") + "ed")
    return f"{match[2][0].upper()}{match[2][1:]} is {verb}."


_WAYS: dict[str, Callable[[str], str]] = {
    "compressed": compressed,
    "third person": third_person,
    "synonyms": reworded,
    "numbers rewritten": renumbered,
    "clause moved": moved,
    "passive": passive,
    "several at once": lambda text: reworded(third_person(compressed(text))),
}


def honest_cases(
    papers: list[Paper], written: list[Written], rng: random.Random, most: int
) -> Iterator[Case]:
    """Make the honest cases: so many of each kind that rules make, and all that are written by hand."""
    counts: dict[str, int] = {}
    for paper in rng.sample(papers, len(papers)):
        usable = [sentence for sentence in paper.sentences if is_usable(sentence)]
        if not usable:
            continue
        for kind, way in _WAYS.items():
            choices = [s for s in usable if way(s) not in (s, "") and len(way(s).split()) > 4]
            if choices and counts.get(kind, 0) < most:
                counts[kind] = counts.get(kind, 0) + 1
                yield Case(paper.id, kind, way(rng.choice(choices)))
        if counts.get("as it stands", 0) < most:
            counts["as it stands"] = counts.get("as it stands", 0) + 1
            yield Case(paper.id, "as it stands", rng.choice(usable))
        pairs = [(a, b) for a, b in itertools.pairwise(usable) if len(f"{a} {b}".split()) < 70]
        if pairs and counts.get("two merged", 0) < most:
            one, other = rng.choice(pairs)
            counts["two merged"] = counts.get("two merged", 0) + 1
            other = compressed(other)
            yield Case(
                paper.id,
                "two merged",
                f"{compressed(one).rstrip('.')}, and "
                f"{other[0].lower() if other[1:2].islower() else other[0]}{other[1:]}",
            )
    known = {paper.id for paper in papers}
    for item in written:
        if item.paper in known:
            yield Case(item.paper, f"by hand, {item.language}", item.text, item.language, field=item.field)


def reference_cases(papers: list[Paper], rng: random.Random, most: int) -> Iterator[Case]:
    """Give the human references: many draw on the whole paper, so they are told apart and not counted."""
    for paper in rng.sample(papers, len(papers))[:most]:
        if paper.references:
            yield Case(paper.id, "reference (not counted)", rng.choice(paper.references))
