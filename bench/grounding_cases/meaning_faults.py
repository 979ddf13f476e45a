"""Statements denied, affirmed, turned round, or taken from another paper."""

from __future__ import annotations

import random
import re

from bench.grounding_cases.honest import compressed, reworded, third_person
from bench.grounding_cases.papers import Paper, is_chinese, is_usable, read_pairs
from bench.grounding_cases.pool import Plant, Pool

_NEGATED: tuple[tuple[str, str | None], ...] = (
    (r"\b(can|could|may|will|should)\b(?! not)", r"\1 not"), (r"\b(is|are|was|were)\b(?! not)", r"\1 not"),
    (r"\b(improves|achieves|outperforms|reduces|enables|allows|requires|provides|leads|learns"
        r"|shows|uses|increases|yields|scales|helps|captures)\b", None),
    (r"\b(improve|achieve|outperform|reduce|enable|allow|require|provide|learn|perform|use"
        r"|increase|converge|generalize)\b", "fail to {}"),
    (r"\bwith\b", "without"), (r"\b(propose|introduce|present) an?\b", r"\1 no"),
)  # fmt: skip
_DENIED = re.compile(r"\b(?:not|no|never|cannot|fails?|without|unable|nor|none)\b|n't", re.IGNORECASE)
_ZH_NEGATED = read_pairs("negations_zh")


def _negation_added(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    if is_chinese(text):
        options = [(old, denied) for old, denied in _ZH_NEGATED if old in text and denied not in text]
        if not options:
            return None
        old, denied = rng.choice(options)
        return text.replace(old, denied, 1)
    for pattern, new in rng.sample(_NEGATED, len(_NEGATED)):
        # Not where something is denied already: two of them would only make it odd.
        spots = [
            m
            for m in re.finditer(pattern, text)
            if not _DENIED.search(text[max(0, m.start() - 12) : m.end() + 12])
        ]
        if not spots:
            continue
        spot = rng.choice(spots)
        if new is None:
            verb = re.sub(r"(?<=[a-z])s$", "", spot[0])
            put = rng.choice([f"does not {verb}", f"fails to {verb}", f"never {spot[0]}"])
        elif "{}" in new:
            put = rng.choice(["fail to {}", "do not {}", "cannot {}"]).format(spot[0])
        else:
            put = spot.expand(new)
        return text[: spot.start()] + put + text[spot.end() :]
    return None


def _negation_dropped(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    drops = (
        (r"\b(do|does|did) not ", ""),
        (r"\bcannot\b", "can"),
        (r"\b(is|are|was|were|has|have|can) not\b(?! only)", r"\1"),
        (r"\bwithout\b", "with"),
        (r"\bfails? to\b", "manages to"),
        (r"(?<!without )(?<!with )\bno (?!longer)", "a "),
        (r"\black of\b", "abundance of"),
        (r"\b(unable to)\b", "able to"),
        (r"\bnot (?!only|just|yet|\.)", ""),
        (r"\blacks\b", "has"),
        ("没有", "有"),
        ("不足以", "足以"),
        ("无需", "需要"),
        ("难以", "易于"),
        ("不会", "会"),
        ("不下降", "下降"),
        ("缺乏", "具备"),
        ("不适用", "适用"),
    )
    options = [(p, n) for p, n in drops if re.search(p, text)]
    if not options:
        return None
    pattern, new = rng.choice(options)
    return re.sub(pattern, new, text, count=1)


_TURNS, _ZH_TURNS = read_pairs("turns"), read_pairs("turns_zh")


def _turned_round(text: str, paper: Paper, rng: random.Random, _: Pool) -> str | None:
    del paper
    swapped = re.match(r"^(.{5,80}?) (outperforms?|surpass(?:es)?) ([^,.;]{5,80})([,.;].*)$", text)
    if swapped and rng.random() < 0.5:
        one, verb, other, rest = swapped.groups()
        first = one[0].lower() if one[:3] in ("Our", "The", "Thi") else one[0]
        return f"{other[0].upper()}{other[1:]} {verb} {first}{one[1:]}{rest}"
    table = _ZH_TURNS if is_chinese(text) else _TURNS
    options = [
        (old, new)
        for old, new in table
        if re.search(rf"(?<![\w-]){old}(?![\w-])", text) or (is_chinese(text) and old in text)
    ]
    if not options:
        return None
    old, new = rng.choice(options)
    return (
        text.replace(old, new, 1)
        if is_chinese(text)
        else re.sub(rf"(?<![\w-]){old}(?![\w-])", new, text, count=1)
    )


def _other_paper(text: str, paper: Paper, rng: random.Random, pool: Pool) -> str | None:
    if is_chinese(text):
        other = rng.choice([w for w in pool.written if w.language == "zh" and w.paper != paper.id] or [None])
        return other.text if other else None
    for _try in range(20):
        chosen = rng.choice(pool.papers)
        usable = [s for s in chosen.sentences if is_usable(s) and len(s.split()) > 9]
        if usable and chosen.id != paper.id:
            return rng.choice((compressed, third_person, reworded))(rng.choice(usable))
    return None


MEANING_PLANTS: dict[str, Plant] = {
    "negation added": _negation_added,
    "negation dropped": _negation_dropped,
    "comparison turned": _turned_round,
    "another paper's": _other_paper,
}
