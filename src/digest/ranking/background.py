"""How words behave in a background of abstracts: shipped numbers, made by `bench/train/background.py`.

`words/background.tsv` has one word or phrase a line, in its usual casing: in how many of the abstracts it
stands, and, for words, in percent of its occurrences: how often it stands where verbs do, and how often it
begins and ends a phrase. From these alone a chunk's verbs, its incomplete halves ("neural") and its
commonplaces are told without a tagger.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent / "words"
_PRIOR_COUNT = 4  # occurrences that a guess from the word's ending is worth


class Word(NamedTuple):
    """A word's habits; shares are in 0..1.

    Attributes:
        usual: In its usual casing, away from titles and the beginnings of sentences.
        documents: In how many abstracts it stands.
        verb: Share of occurrences where a verb would stand: after "to" or "we", or before "the".
        begins: Share of occurrences that begin a phrase.
        ends: Share of occurrences that end a phrase.
    """

    usual: str
    documents: int
    verb: float
    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Background:
    """The table.

    Attributes:
        size: Of how many abstracts it was made.
        words: By the word in lower case.
        phrases: In how many abstracts a phrase of two or three words stands, by the phrase in lower case.
    """

    size: int
    words: dict[str, Word]
    phrases: dict[str, int]

    def rarity(self, phrase: str) -> float:
        """Return the inverse document frequency of a word or phrase in lower case, 0 to 1."""
        known = self.words.get(phrase)
        documents = known.documents if known else self.phrases.get(phrase, 0)
        return math.log((self.size + 1) / (documents + 1)) / math.log(self.size + 1)

    def ends(self, word: str) -> float:
        """Return how likely a word in lower case ends a phrase, 0 to 1; a guess for unknown words."""
        known = self.words.get(word)
        return known.ends if known else guess_ends(word)

    def verb(self, word: str) -> float:
        """Return how likely a word in lower case is a verb, 0 to 1."""
        known = self.words.get(word)
        return known.verb if known else 0.0


_ADJECTIVE = re.compile(
    r".(?:al|ive|ous|ic|ed|able|ible|ful|less|based|ary|oid)$"
    r"|-(?:free|aware|level|view|time|domain|shot|driven|oriented|specific|source|forward|agnostic|native|modal"
    r"|world|vocabulary|scale|to-end|dependent|step|view|dimensional|grained|range|order|quality|efficient)$"
)


def is_adjective(word: str) -> bool:
    """Say whether a word in lower case looks like an adjective, from its ending."""
    return bool(_ADJECTIVE.search(word))


def guess_ends(word: str) -> float:
    """Guess from its ending how likely a word in lower case ends a phrase, 0 to 1."""
    if is_adjective(word):
        return 0.25
    if word.endswith("ing"):
        return 0.4
    return 0.9 if word.endswith("s") and not word.endswith("ss") else 0.6


def smooth(count: int, total: int, guess: float) -> float:
    """Return a share that few occurrences cannot push far from a guess."""
    return (count + _PRIOR_COUNT * guess) / (total + _PRIOR_COUNT)


@functools.cache
def background() -> Background:
    """Read the table that travels with this package, once."""
    lines = (_FOLDER / "background.tsv").read_text("utf-8").splitlines()
    words: dict[str, Word] = {}
    phrases: dict[str, int] = {}
    size = 0
    for line in lines:
        if line.startswith("#"):
            size = int(line.split()[1])
            continue
        text, documents, *shares = line.split("\t")
        if shares:
            verb, begins, ends = (int(share) / 100 for share in shares)
            words[text.lower()] = Word(text, int(documents), verb, begins, ends)
        else:
            phrases[text] = int(documents)
    return Background(size, words, phrases)


def word_list(name: str) -> frozenset[str]:
    """Return the words of a list that travels with this package; lines with # are comments."""
    lines = (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
