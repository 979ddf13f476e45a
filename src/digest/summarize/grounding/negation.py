"""Negations that a text adds to what its source says, or leaves out."""

from __future__ import annotations

import functools
import re

from digest.summarize.grounding.flags import AFFIRMED, NEGATED
from digest.summarize.grounding.words import FUNCTION_WORDS, plain, stem
from digest.text.sentences import split_sentences

_NEGATOR = re.compile(
    r"\b(?:(?:not|n't)(?! (?:only|just|merely|necessarily))|no|never|neither|nor|without|cannot|can't|fail(?:s|ed|ing)?"
    r"|unable|incapable|impossible|none|hardly|barely)\b|n't\b|\b(?:lack(?:s|ed|ing)?|absence of|instead of|rather than)\b",
    re.IGNORECASE,
)
# What can be reworded with a "not".
_NEGATIVE = re.compile(
    r"\b(?:un(?!d(?:er|o)|i(?:ver|f|q|t|on)|t[io])\w{3,}|non-?\w+|in(?:effici|accura|consist|capab|suffi|valid|stab|feasib|adequ|tracta|differ|depend)\w*"
    r"|im(?:possib|practic|balanc)\w*|ir\w{4,}|limit\w*|difficult\w*|hard(?:er|ly)?|poor\w*|only|remov\w*|eliminat\w*|avoid\w*"
    r"|prevent\w*|bypass\w*|obviat\w*|less|few(?:er)?|little|minimal|negligible|agnostic|free|absent|ignor\w*|miss(?:es|ing)?|suffer\w*"
    r"|struggl\w*|neglect\w*|prohibit\w*|challeng\w*|rare(?:ly)?|scarc\w*|seldom|overlook\w*|despite|preclud\w*|hinder\w*|drop(?:s|ping)"
    r"|but|however|unlike|different\w*|contrary|contrast|yet|problem\w*|unclear|only|too|still|alone|discard\w*|zero|small(?:est)?)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_REACH = 5
_FOCUS = 2
_CLOSE = 0.5


@functools.lru_cache(maxsize=512)
def negations(sentence: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each negator of a sentence, with the stems of the next two words of meaning."""
    sentence = plain(sentence)
    found = []
    for match in _NEGATOR.finditer(sentence):
        following = [word.lower() for word in _WORD.findall(sentence[match.end() : match.end() + 80])][:_REACH]
        focus = [stem(word) for word in following if word not in FUNCTION_WORDS or word in {"more", "most"}]
        found.append((match[0].lower(), tuple(focus[:_FOCUS])))
    return tuple(found)


def is_negative(sentence: str) -> bool:
    """Say whether a sentence holds a "no" in any form."""
    return bool(_NEGATOR.search(sentence) or _NEGATIVE.search(sentence))


def negation_flags(text: str, sentences: tuple[str, ...], stems: tuple[frozenset[str], ...]) -> list[str]:
    """Compare the negations of an English text with those of its source.

    Args:
        text: Of the field.
        sentences: Of the source, n of them.
        stems: Of the sentences' words of meaning, (n,).
    """
    flags = []
    for sentence in split_sentences(text):
        own = frozenset(stem(word.lower()) for word in _WORD.findall(plain(sentence)) if word.lower() not in FUNCTION_WORDS)
        near = _nearest(own, stems)
        for negator, focus in negations(sentence):
            if focus and not _is_denied(focus, sentences, stems, near):
                flags.append(NEGATED.format(" ".join([negator, *focus])))
        if near and not is_negative(sentence):
            flags += _left_out(own, near[0], sentences, stems)
    return list(dict.fromkeys(flags))


def _nearest(own: frozenset[str], stems: tuple[frozenset[str], ...]) -> list[int]:
    """Return the two sentences that share most with a text, the nearest first."""
    ranked = sorted(range(len(stems)), key=lambda i: (-len(own & stems[i]), i))
    return [i for i in ranked[:2] if own & stems[i]]


def _is_denied(
    focus: tuple[str, ...], sentences: tuple[str, ...], stems: tuple[frozenset[str], ...], near: list[int]
) -> bool:
    """Say whether the source denies what a text denies, or may be read so."""
    about = [i for i in range(len(stems)) if focus[0] in stems[i]]
    if not about:
        return any(is_negative(sentences[i]) for i in near) or not near
    return any(is_negative(sentences[i]) for i in about)


def _left_out(
    own: frozenset[str], nearest: int, sentences: tuple[str, ...], stems: tuple[frozenset[str], ...]
) -> list[str]:
    """Return what the nearest sentence denies and the text, without any "no", affirms."""
    if len(own & stems[nearest]) < _CLOSE * len(own):
        return []
    found = []
    for negator, focus in negations(sentences[nearest]):
        if not focus or focus[0] not in own:
            continue
        affirmed = any(focus[0] in stems[i] and i != nearest and not is_negative(sentences[i]) for i in range(len(stems)))
        if not affirmed:
            found.append(AFFIRMED.format(f"{negator} {focus[0]}"))
    return found
