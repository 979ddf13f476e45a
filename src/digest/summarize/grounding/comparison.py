"""Comparisons turned round: who is better than whom, in English and Chinese."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from digest.summarize.grounding.flags import SWAPPED
from digest.summarize.grounding.words import content_stems, plain
from digest.text.sentences import split_sentences

_VERB = r"(?:outperform|surpass|exceed|beat|outclass|dominat|overtak|outscor)"
_BEATEN = re.compile(
    rf"\b(?:(?:is|are|was|were|be|been|being|gets?) (?:\w+ ){{0,2}}?{_VERB}(?:ed|en|ten)? by"
    rf"|underperform\w*|(?:\w+ )?inferior to"
    r"|(?:worse|slower|weaker|poorer|lower|less \w+|fewer \w+)(?: \w+){0,3}? than|fall(?:s"
    r"|ing)? (?:short of|behind)|lag(?:s|ged)? behind|loses? to"
    r"|fails? to (?:outperform|beat|surpass|match))",
    re.IGNORECASE,
)
_BEATS = re.compile(
    rf"\b(?:{_VERB}(?:e?s|ed|ing|s|e)?|superior to|(?:better|faster|stronger|higher"
    rf"|more \w+)(?: \w+){{0,3}}? than|improv(?:es|ed|ing|ement)s? (?:up)?on|over"
    r"|rather than|instead of)\b|, (?:and )?not (?!only\b|just\b|merely\b|necessarily\b)",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"\b(?:improv|gain|advantag|superior|better|win|benefit)\w*(?: \w+){0,6} over$", re.IGNORECASE
)
_NO_MORE = re.compile(r"\b(?:no|not(?: any)?|never) \Z", re.IGNORECASE)
_ZH_BEATEN = re.compile(r"不如|不及|劣于|逊于|逊色于|差于|落后于|低于|弱于|未能超过|未能超越|慢于|被")
_ZH_BEATS = re.compile(r"优于|超过|超越|胜过|好于|高于|强于|领先于|快于|击败")
_OURS = re.compile(
    r"\b(?:we|our|ours|it|proposed|this|novel)\b|本文|我们|所提|提出的|该方法|该模型|该算法|该框架|新方法|其性能",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"\b(?:state[- ]of[- ]the[- ]art|sota|existing|previous|prior|earlier|baselines?|competing"
    r"|competitors?|traditional|conventional"
    r"|standard|alternatives?|others?|recent|current|strong|published|previously)\b|现有|已有|以往"
    r"|先前|此前|基线|其他|传统|最先进|当前|基准方法|标准",
    re.IGNORECASE,
)
_INTRODUCED = re.compile(
    r"\b(?:propos|introduc|present|develop|describ|call|nam|dub|term|design"
    r"|devis)\w*\b[^.;:]{0,80}?\b([A-Z][A-Za-z0-9]*[A-Z0-9][A-Za-z0-9+-]*)"
)
_TITLE_HEAD = re.compile(r"^([\w+.-]{2,30}):")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
_SIDE = 70
_ZH_SIDE = 22
_CUT = re.compile(r"[;:，。；]|, (?:and|but|while|whereas|which|where)\b|\b(?:while|whereas|but)\b")


class Comparison(NamedTuple):
    """What is better, and what it is better than: stems, and the marks OURS and THEIRS."""

    better: frozenset[str]
    worse: frozenset[str]
    surface: str


@functools.lru_cache(maxsize=64)
def own_names(title: str, sentences: tuple[str, ...]) -> frozenset[str]:
    """Return the names, in lower case, that a paper gives to its own work."""
    found = {match[1].lower() for sentence in sentences for match in _INTRODUCED.finditer(sentence)}
    if head := _TITLE_HEAD.match(title):
        found.add(head[1].lower())
    return frozenset(found)


@functools.lru_cache(maxsize=512)
def comparisons(sentence: str, own: frozenset[str]) -> tuple[Comparison, ...]:
    """Return the comparisons of one sentence."""
    sentence = plain(sentence)
    found = []
    taken: list[tuple[int, int]] = []
    for pattern, turned in ((_BEATEN, True), (_BEATS, False), (_ZH_BEATEN, True), (_ZH_BEATS, False)):
        for match in pattern.finditer(sentence):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            reach = _SIDE if pattern in (_BEATEN, _BEATS) else _ZH_SIDE
            before, after = (
                sentence[max(0, match.start() - reach) : match.start()],
                sentence[match.end() :][:reach],
            )
            if _NO_MORE.search(before):  # "no more costly than"
                continue
            if match[0].lower() == "over" and not _OVER.search(f"{before}over"):
                continue
            if match[0] == "被":  # 被 B 超越
                passive = _ZH_BEATS.search(after)
                if passive is None:
                    continue
                taken.append((match.start(), match.end() + passive.end()))
                after = after[: passive.start()]
            if match[0].startswith(","):  # "A, not B, is": what follows tells of A
                after = after.partition(",")[0]
            taken.append(match.span())
            left = _side(_CUT.split(before)[-1], own)
            right = _side(_CUT.split(after)[0], own)
            found.append(Comparison(right, left, match[0]) if turned else Comparison(left, right, match[0]))
    return tuple(found)


def _side(part: str, own: frozenset[str]) -> frozenset[str]:
    stems = set(content_stems(part))
    names = {name.lower() for name in _LATIN.findall(part)}
    if _OURS.search(part) or names & own:
        stems.add("OURS")
    if _THEIRS.search(part):
        stems.add("THEIRS")
        if "OURS" in stems and not _OURS.search(part):
            stems.discard("OURS")
    return frozenset(stems)


def comparison_flags(text: str, title: str, sentences: tuple[str, ...]) -> list[str]:
    """Say which comparisons of a text are the other way round in its source."""
    asked = [
        one
        for sentence in split_sentences(text)
        for one in comparisons(sentence, own_names(title, sentences))
    ]
    if not asked:
        return []
    own = own_names(title, sentences)
    known = [one for sentence in sentences for one in comparisons(sentence, own)]
    flags = []
    for one in asked:
        same = max((len(one.better & k.better) + len(one.worse & k.worse) for k in known), default=0)
        turned = max(
            (
                len(one.better & k.worse) + len(one.worse & k.better)
                for k in known
                if one.better & k.worse and one.worse & k.better
            ),
            default=0,
        )
        loses = "OURS" in one.worse and "OURS" not in one.better and "THEIRS" in one.better
        crossed = any(_crossed(one, k) for k in known) and not any(_agree(one, k) for k in known)
        source_loses = any("OURS" in k.worse for k in known)
        if turned > same or crossed or (loses and not source_loses):
            flags.append(SWAPPED.format(one.surface))
    return list(dict.fromkeys(flags))


def _told_apart(one: Comparison) -> tuple[frozenset[str], frozenset[str]]:
    """Return what tells the better side from the worse one: not the "heavy" of A-heavy and B-heavy."""
    both = (one.better & one.worse) | {"one", "ones"}
    return one.better - both, one.worse - both


def _crossed(one: Comparison, other: Comparison) -> bool:
    """Say whether each side of one stands on the other side of the other."""
    (better, worse), (known_better, known_worse) = _told_apart(one), _told_apart(other)
    return bool(better & known_worse and worse & known_better)


def _agree(one: Comparison, other: Comparison) -> bool:
    """Say whether each side of one stands on the same side of the other."""
    (better, worse), (known_better, known_worse) = _told_apart(one), _told_apart(other)
    return bool(better & known_better and worse & known_worse)
