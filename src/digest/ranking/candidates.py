"""What may be a keyword: noun-phrase-like chunks between words that end one, and parts of these.

No tagger runs. A word ends a phrase when it is a function word or one of the verbs that abstracts are built
with (`words/breaks.txt`), an adverb, a number, or when it stands where verbs stand, and does so in the
background of abstracts too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from digest.ranking.background import Background, background, word_list

MOST_WORDS = 5

_TOKEN = re.compile(
    r"[^\W_](?:[\w'’+#./-]*[\w+#])?"  # a word, with what holds it together
    r"|[,;:!?()\[\]{}\"“”]|[.…](?=\s|$)|(?<=\s)[–—-](?=\s)|—"  # what stands between phrases
    r"|[^\s\w]"  # any other sign, which ends a phrase too
)
BREAKS = word_list("breaks")
_NOUNS = word_list("nouns")
BEFORE_VERBS = word_list("before-verbs")
AFTER_VERBS = word_list("after-verbs")
_AFTER_PARTICIPLES = word_list("after-participles")
_NO_ADVERB = word_list("no-adverbs")
_NO_PARTICIPLE = re.compile(r"(?:e|br|sh|sl|fl|bl|^.?)ed$")  # feed, speed, bred, shed, bed, red
_NO_PHRASE = re.compile(  # numbers, addresses, formulas
    r"^[\d\W_]+$|^.{50}|/.*/|^www\.|^https?$|\.(?:com|org|io|net|edu|html?)\b"
)
_SHORTEST_ADVERB = 4
_VERB = 0.5  # share of verb places from which on a word always counts as a verb
_PERHAPS_VERB = 0.12  # and from which on it does so in a verb's place


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign.

    Attributes:
        text: As it stands.
        lower: In lower case.
        is_word: And not a sign.
        plain: Whether its casing tells something: not in a title, not at the beginning of a sentence.
    """

    text: str
    lower: str
    is_word: bool
    plain: bool


@dataclass(slots=True)
class Candidate:
    """A phrase that may be a keyword.

    Attributes:
        key: Its words in lower case and without plural endings; what makes two phrases one.
        words: As they stand where it was met first.
        places: Of its first word, in tokens from the beginning of the text.
        whole: How often it was a whole chunk, not a part of one.
        ended: How often it ended a chunk.
        acronym: Its short form, where the text gives one.
    """

    key: str
    words: tuple[str, ...]
    places: list[int] = field(default_factory=list)
    whole: int = 0
    ended: int = 0
    acronym: str = ""


def tokenize(title: str, abstract: str) -> list[Token]:
    """Split a paper into words and signs; a full stop stands between title and abstract."""
    tokens: list[Token] = []
    for text, in_title in ((title, True), (abstract, False)):
        start = True
        for match in _TOKEN.finditer(text):
            word = match[0]
            is_word = word[0].isalnum()
            tokens.append(Token(word, word.lower(), is_word, plain=is_word and not in_title and not start))
            start = word in ".!?:…" if not is_word else False
        if in_title and tokens:
            tokens.append(Token(".", ".", is_word=False, plain=False))
    return tokens


def singular(word: str) -> str:
    """Return a word in lower case without the ending of its plural."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):  # noqa: PLR2004
        if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004
            return word[:-3] + "y"
        if word.endswith(("sses", "xes", "ches", "shes")):
            return word[:-2]
        return word[:-1]
    return word


def key_of(phrase: str) -> str:
    """Return what makes two phrases one: lower case, no plural endings, single spaces."""
    return " ".join(singular(word) for word in phrase.lower().split())


def ends_phrase(tokens: list[Token], i: int, known: Background) -> bool:
    """Say whether token `i` stands between phrases."""
    token = tokens[i]
    word = token.lower
    if not token.is_word or word in BREAKS or _NO_PHRASE.search(word):
        return True
    if word.endswith(("'s", "’s")):  # "Moore's law" is one phrase, "user's needs" is none
        return token.text.islower()
    if token.plain and not token.text.islower():  # a name or an acronym
        return False
    after = tokens[i + 1].lower if i + 1 < len(tokens) else "."
    if word.endswith("ed") and after in _AFTER_PARTICIPLES and not _NO_PARTICIPLE.search(word):
        return True
    adverb = word.endswith("ly") and len(word) > _SHORTEST_ADVERB and word not in _NO_ADVERB
    return adverb or _is_verb(word, tokens[i - 1].lower if i else ".", after, known)


def _is_verb(word: str, before: str, after: str, known: Background) -> bool:
    share = known.verb(word)
    if share >= _VERB and word not in _NOUNS:
        return True
    if before in BEFORE_VERBS and word not in known.words and word.endswith(("e", "fy", "en")):
        return True  # such as "to reconcile"
    perhaps = share >= _PERHAPS_VERB or word in _NOUNS or word.endswith("ing")
    return perhaps and (before in BEFORE_VERBS or after in AFTER_VERBS)


def find_chunks(tokens: list[Token]) -> list[tuple[int, int]]:
    """Return the longest runs of words that no token ends, as half-open ranges of tokens."""
    known = background()
    chunks: list[tuple[int, int]] = []
    start = 0
    for i in range(len(tokens) + 1):
        if i == len(tokens) or ends_phrase(tokens, i, known):
            if i > start:
                chunks.append((start, i))
            start = i + 1
    return chunks


def find_candidates(tokens: list[Token]) -> list[Candidate]:
    """Return the phrases of a text, each once, in the order in which they are met."""
    found: dict[str, Candidate] = {}
    for start, end in find_chunks(tokens):
        keys = [singular(token.lower) for token in tokens[start:end]]
        for first in range(end - start):
            for last in range(first + 1, min(end - start, first + MOST_WORDS) + 1):
                key = " ".join(keys[first:last])
                candidate = found.get(key)
                if candidate is None:
                    words = tuple(token.text for token in tokens[start + first : start + last])
                    candidate = found[key] = Candidate(key, words)
                candidate.places.append(start + first)
                candidate.ended += last == end - start
                candidate.whole += last - first == end - start
    return list(found.values())
