"""Negations that a text adds to what its source says, or leaves out."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from digest.summarize.grounding.flags import AFFIRMED, NEGATED
from digest.summarize.grounding.words import FUNCTION_WORDS, plain, stem
from digest.text.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Collection

_NEGATOR = re.compile(
    r"not|no|never|neither|nor|without|cannot|fail(?:s|ed|ing)?|unable|incapable|impossible"
    r"|none|hardly|barely"
    r"|lack(?:s|ed|ing)?|absence|seldom|rarely|[a-z]+n't|instead|rather"
)
# What can be reworded with a "not".
_NEGATIVE = re.compile(
    r"un(?!d(?:er|o)|i(?:ver|f|q|t|on)|t[io])\w{3,}|non\w*|in(?:effici|accura|consist|capab"
    r"|suffi|valid|stab|feasib|adequ|tracta|differ"
    r"|depend)\w*|im(?:possib|practic|balanc)\w*|irrele\w*|limit\w*|difficult\w*|hard(?:er)?"
    r"|poor\w*|only|remov\w*|eliminat\w*|avoid\w*"
    r"|prevent\w*|bypass\w*|obviat\w*|less|few(?:er)?|little|minimal|negligible|agnostic|free"
    r"|absent|ignor\w*|miss(?:es|ing)?"
    r"|suffer\w*|struggl\w*|neglect\w*|prohibit\w*|challeng\w*|rare|scarc\w*|overlook\w*"
    r"|despite|preclud\w*|hinder\w*"
    r"|unlike|contrary|contrast|unclear|alone|discard\w*|zero|restrict\w*|degrad\w*|drop\w*|expensive|costly"
)
# "Without losing accuracy" is what others call keeping it.
_HARMS = re.compile(
    r"los[eits]\w*|sacrific\w*|hurt\w*|harm\w*|compromis\w*|degrad\w*|affect\w*|reduc\w*"
    r"|drop\w*|decreas\w*|chang\w*|penalt\w*"
)
_KEEPS = re.compile(
    r"maintain\w*|preserv\w*|retain\w*|keep\w*|kept|comparabl\w*|recover\w*|same|similar\w*"
    r"|remain\w*|match\w*|par|competitive"
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[,;:.()]")
_FOCUS_REACH = 4
_BEFORE, _BEHIND = 9, 4
_SURE_BEFORE = 3
_SHARED = 2


class Tokens(NamedTuple):
    """A sentence in lower case, word by word, punctuation among them; stems are "" for small words."""

    words: tuple[str, ...]
    stems: tuple[str, ...]


@functools.lru_cache(maxsize=512)
def tokens(sentence: str) -> Tokens:
    """Return a sentence word by word."""
    found = tuple(word.lower() for word in _WORD.findall(plain(sentence)))
    return Tokens(
        found, tuple("" if word in FUNCTION_WORDS or not word[0].isalnum() else stem(word) for word in found)
    )


def is_negator(words: tuple[str, ...], i: int) -> bool:
    """Say whether a word is a "no": "not only" is none."""
    if not _NEGATOR.fullmatch(words[i]):
        return False
    following = words[i + 1] if i + 1 < len(words) else ""
    if words[i] == "not" and following in {"only", "just", "merely", "necessarily"}:
        return False
    if words[i] in {"instead", "rather"}:
        return following in {"of", "than"}
    return True


def is_negative(sentence: str) -> bool:
    """Say whether a sentence holds a "no" in any form."""
    words = tokens(sentence).words
    return any(is_negator(words, i) or _NEGATIVE.fullmatch(word) for i, word in enumerate(words))


def has_negator(sentence: str) -> bool:
    """Say whether a sentence holds a plain "no"."""
    return has_any_negator(tokens(sentence))


def has_any_negator(found: Tokens) -> bool:
    """Say the same of a sentence that is read already."""
    return any(is_negator(found.words, i) for i in range(len(found.words)))


def _near_negative(words: tuple[str, ...], at: int, *, but: Collection[str] = ()) -> bool:
    """Say whether a "no" in any form stands near a word.

    Args:
        words: Of a sentence.
        at: The word's place.
        but: Words that deny nothing here, such as the "degraded" of both a text and its source.
    """
    for i in range(max(0, at - _BEFORE), min(len(words), at + _BEHIND + 1)):
        if i == at:
            continue
        # "A rather than B" chooses A: it denies what stands behind it alone.
        if is_negator(words, i) and not (i > at and words[i] in {"instead", "rather"}):
            return True
        if _NEGATIVE.fullmatch(words[i]) and words[i] not in but:
            return True
    return False


@functools.lru_cache(maxsize=512)
def focuses(sentence: str) -> tuple[tuple[int, int], ...]:
    """Return each negator's index with that of the first word of meaning behind it."""
    words, stems = tokens(sentence)
    found = []
    for i in range(len(words)):
        if is_negator(words, i):
            focus = _focus(words, stems, i)
            if focus is not None:
                found.append((i, focus))
    return tuple(found)


def _focus(words: tuple[str, ...], stems: tuple[str, ...], negator: int) -> int | None:
    if words[negator].startswith("fail") and words[negator + 1 : negator + 2] != ("to",):
        return None
    for j in range(negator + 1, min(len(words), negator + 1 + _FOCUS_REACH)):
        if not words[j][0].isalnum():
            return None
        if stems[j] and not is_negator(words, j):
            return j
    return None


def negation_flags(text: str, sentences: tuple[str, ...]) -> list[str]:
    """Compare the negations of an English text with those of its source's n sentences."""
    flags = []
    known = [tokens(sentence) for sentence in sentences]
    for sentence in split_sentences(text):
        own = tokens(sentence)
        ranked = sorted(known, key=lambda other: -len(frozenset(own.stems) & frozenset(other.stems)))[:2]
        for at, focus in focuses(sentence):
            said = own.words[at] not in {"instead", "rather"}  # these choose, they do not deny
            if said and not _is_denied(own, focus, known, ranked):
                flags.append(NEGATED.format(f"{own.words[at]} {own.words[focus]}"))
        flags += _with_or_without(own, known)
        if ranked:
            flags += _left_out(own, ranked[0], sentences, known)
    return list(dict.fromkeys(flags))


def _with_or_without(own: Tokens, known: list[Tokens]) -> list[str]:
    """Compare what stands behind "with" and "without"."""
    flags = []
    there = [pair for other in known for pair in _accompanied(other)]
    for word, one in _accompanied(own):
        if {other for other, stemmed in there if stemmed == one} == {"without" if word == "with" else "with"}:
            flags.append((AFFIRMED if word == "with" else NEGATED).format(f"without {one}"))
    return flags


def _accompanied(found: Tokens) -> list[tuple[str, str]]:
    """Return each "with" and "without" and the stem right behind it, small words left out."""
    pairs = []
    for i, word in enumerate(found.words):
        if word in {"with", "without"}:
            following = next((one for one in found.stems[i + 1 : i + 4] if one), "")
            if following:
                pairs.append((word, following))
    return pairs


def _is_denied(own: Tokens, focus: int, known: list[Tokens], ranked: list[Tokens]) -> bool:
    """Say whether the source denies what a text denies, or may be read so."""
    one = own.stems[focus]
    if _HARMS.fullmatch(own.words[focus]) and any(
        _KEEPS.fullmatch(w) for other in known for w in other.words
    ):
        return True
    spots = [(other, i) for other in known for i, found in enumerate(other.stems) if found == one]
    if spots:
        return any(_near_negative(other.words, i) for other, i in spots)
    if not ranked or any(has_any_negator(other) for other in known):
        return True
    return any(_NEGATIVE.fullmatch(word) for other in ranked for word in other.words)


def _left_out(own: Tokens, nearest: Tokens, sentences: tuple[str, ...], known: list[Tokens]) -> list[str]:
    """Return what the nearest sentence denies and the text affirms in the same words."""
    found = []
    index = known.index(nearest)
    for at, focus in focuses(sentences[index]):
        one = nearest.stems[focus]
        if focus - at > _SURE_BEFORE or one not in own.stems:
            continue
        here = own.stems.index(one)
        if _near_negative(own.words, here, but=nearest.words):
            continue
        around = frozenset(nearest.stems[max(0, at - 6) : focus + 7]) & frozenset(
            own.stems[max(0, here - 7) : here + 7]
        )
        affirmed = any(
            stemmed == one and not _near_negative(other.words, i)
            for other in known
            for i, stemmed in enumerate(other.stems)
        )
        if len(around - {""}) >= _SHARED and not affirmed:
            found.append(AFFIRMED.format(f"{nearest.words[at]} {nearest.words[focus]}"))
    return found


@functools.lru_cache(maxsize=64)
def always_denied(sentences: tuple[str, ...]) -> frozenset[str]:
    """Return the stems that a source never says without a "no" closely before them."""
    denied: set[str] = set()
    said: set[str] = set()
    for sentence in sentences:
        words, stems = tokens(sentence)
        sure = {focus for at, focus in focuses(sentence) if focus - at <= _SURE_BEFORE}
        sure |= {focus + 1 for focus in sure if focus + 1 < len(words)}
        for i, one in enumerate(stems):
            if one:
                (denied if i in sure else said).add(one)
    return frozenset(denied - said)
