"""Acronyms that a text may form from words of its source: "large language models" give LLMs."""

from __future__ import annotations

import functools
import re

from digest.summarize.grounding.words import FUNCTION_WORDS, folded

_LONGEST = 7
_CLAUSE = re.compile(r"[.,;:!?()\[\]\"]")
_WORD = re.compile(r"[A-Za-z]+")
# Two letters are found by chance nearly anywhere: only these.
_PAIR_WORDS = "ai ml rl dl nn lm mt kg ir qa cv gp kd ar vr sl mi kl bo ad nl bn cl tl il fl em ot"
_USUAL_PAIRS = frozenset(_PAIR_WORDS.split())


@functools.lru_cache(maxsize=64)
def initials(source: str) -> tuple[str, ...]:
    """Return the initials of each clause's words, with and without the small words."""
    found = []
    for clause in _CLAUSE.split(folded(source).lower()):
        all_words = _WORD.findall(clause)
        found.append("".join(word[0] for word in all_words))
        found.append("".join(word[0] for word in all_words if word not in FUNCTION_WORDS))
    return tuple(found)


def is_built_from(acronym: str, source: str) -> bool:
    """Say whether an acronym's letters are the initials of neighbouring words of the source."""
    letters = acronym.lower()
    if len(letters) > 2 and letters.endswith("s") and acronym[-1] == "s":  # noqa: PLR2004 - a plural
        letters = letters[:-1]
    if not letters.isalpha() or len(letters) > _LONGEST or not acronym[: len(letters)].isupper():
        return False
    if len(letters) == 2 and letters not in _USUAL_PAIRS:  # noqa: PLR2004
        return False
    return any(letters in clause for clause in initials(source))
