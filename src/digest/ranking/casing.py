"""Readable casing: as the text has it where casing tells something, else as abstracts usually have it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from digest.ranking.background import background

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.ranking.candidates import Candidate, Token

_LONGEST_ACRONYM = 6


class Casing:
    """The casing of one paper's words.

    Titles and the first words of sentences are capitalized whatever they are: there, "Graph" is only
    "graph", unless the text has it as a name elsewhere or abstracts usually do ("Bayesian").
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        seen: dict[str, Counter[str]] = {}
        for token in tokens:
            if token.plain:
                seen.setdefault(token.lower, Counter())[token.text] += 1
        self._seen = {lower: forms.most_common(1)[0][0] for lower, forms in seen.items()}

    def of(self, candidate: Candidate) -> str:
        """Return a phrase in readable casing: as it stands most often, away from titles if anywhere."""
        size = len(candidate.words)
        forms: Counter[str] = Counter()
        for place in candidate.places:
            tokens = self._tokens[place : place + size]
            same = tuple(token.lower for token in tokens) == tuple(map(str.lower, candidate.words))
            if same and all(token.plain for token in tokens):
                forms[" ".join(token.text for token in tokens)] += 1
        if forms:
            return forms.most_common(1)[0][0]
        words = [self._word(word) for word in candidate.words]
        # "Semantic Anchor Distillation" as a whole, or in lower case as a whole.
        return " ".join(candidate.words if None in words else [word or "" for word in words])

    def _word(self, word: str) -> str | None:
        """Return a word's usual form; None when nothing tells whether it is a name."""
        if word.islower() or _is_name(word):
            return word
        if word.lower() in self._seen:
            form = self._seen[word.lower()]
            return None if form.istitle() and word.istitle() and _usual(word) != word else form
        parts = [_usual(part) for part in re.split(r"(-)", word)]
        return None if None in parts else "".join(part or "" for part in parts)


def _is_name(word: str) -> bool:
    """Say whether casing alone tells a name: "LanternNet", "RAG"; not "GRAPH" nor "Graph-Based"."""
    if word.isupper():
        known = background().words.get(word.lower())
        return len(word) <= _LONGEST_ACRONYM and (known is None or not known.usual.islower())
    return any(character.isupper() for part in word.split("-") for character in part[1:])


def _usual(word: str) -> str | None:
    if not any(character.isupper() for character in word) or _is_name(word):
        return word
    known = background().words.get(word.lower())
    return known.usual if known else None
