"""Keywords: chunks of the text, ranked by a few cheap signs, the best of them by their cosine too.

Only the most promising candidates of a paper are embedded, all papers' in one batch and each phrase once, so
that this costs a fraction of what the abstracts cost. What is shown is kept apart by maximal marginal
relevance (Carbonell & Goldstein 1998), an acronym stands behind its long form, and the reader's vocabulary
has the last word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from digest.paper import Keyword
from digest.ranking.acronyms import find_acronyms
from digest.ranking.background import background, word_list
from digest.ranking.candidates import Candidate, find_candidates, key_of, tokenize
from digest.ranking.casing import Casing
from digest.ranking.embed import embed_once
from digest.ranking.keyword_features import EMPTY, PHRASES, TERMS, cheap_scores
from digest.ranking.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from digest.paper import Paper
    from digest.ranking.candidates import Token
    from digest.ranking.embed import Embedder, Progress, VectorStore

    Vectors = npt.NDArray[np.float32]

Style = Literal["terms", "phrases"]

_WEIGHTS = {"terms": TERMS, "phrases": PHRASES}
_EMBEDDED = 2  # candidates for each keyword shown; with 3 nothing gets better, with 1.5 some a point worse
_REDUNDANCY = 1.0  # of score, for a cosine of 1 to what is shown already
_PART = 3.0  # of score, for a part of what is shown already
_MIDDLE = {"terms": 4, "phrases": 4.5}  # the score whose weight is 0.5
_SHORTEST = 2  # characters
_INCOMPLETE = 0.3  # likelihood that the last word ends a phrase, up to which it does not
_LONGEST_LONG_FORM = 8  # words
_VOID = word_list("void")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score."""

    candidate: Candidate
    score: float

    @property
    def text(self) -> str:
        """What is embedded; in lower case, so that a phrase is the same in all papers."""
        return " ".join(self.candidate.words).lower()


def find_phrases(paper: Paper) -> tuple[list[Token], list[Candidate]]:
    """Return a paper's tokens, and what may be a keyword of it."""
    tokens = tokenize(paper.title, paper.abstract)
    found = {candidate.key: candidate for candidate in find_candidates(tokens)}
    for short, long in find_acronyms(f"{paper.title}. {paper.abstract}").items():
        _join(found, short, long)
    return tokens, [candidate for candidate in found.values() if _says_something(candidate)]


def _join(found: dict[str, Candidate], short: str, long: str) -> None:
    """Make one candidate of an acronym and its long form."""
    abbreviated = found.get(key_of(short))
    key = key_of(" ".join(token.lower for token in tokenize("", long)))
    spelled = found.get(key)
    if spelled is None and abbreviated is not None and len(long.split()) <= _LONGEST_LONG_FORM:
        spelled = found[key] = Candidate(
            key, tuple(long.split()), whole=1, ended=1
        )  # such as "Internet of Things"
    if abbreviated is None or spelled is None or spelled is abbreviated:
        return
    del found[abbreviated.key]
    spelled.places = sorted({*spelled.places, *abbreviated.places})
    spelled.whole += abbreviated.whole
    spelled.ended += abbreviated.ended
    spelled.acronym = short


def _says_something(candidate: Candidate) -> bool:
    words = [word.lower() for word in candidate.words]
    if len(candidate.key) < _SHORTEST or all(word in _VOID for word in words):
        return False
    if len(words) == 1 and (words[0] in EMPTY or candidate.key in EMPTY):
        return False
    return not _is_half(candidate)


def _is_half(candidate: Candidate) -> bool:
    """Say whether something is missing at the end: "deep neural", "graph-based", "sparse-view"."""
    last = candidate.words[-1]
    known = background().words.get(last.lower())
    if known is None and not last[1:].islower() and "-" not in last:  # a name is whole, whatever it ends like
        return False
    if len(candidate.words) == 1 and "-" in last and not candidate.ended:
        return True
    return background().ends(last.lower()) <= _INCOMPLETE


def extract_keywords(
    papers: Sequence[Paper],
    vectors: Vectors,
    embedder: Embedder,
    store: VectorStore,
    *,
    count: int = 6,
    style: Style = "terms",
    vocabulary: Vocabulary | None = None,
    progress: Progress | None = None,
) -> list[tuple[Keyword, ...]]:
    """Return the keywords of each paper, the most typical first.

    Args:
        papers: n papers.
        vectors: (n, d), unit rows, of the papers.
        embedder: Places the phrases.
        store: Phrases met before are not embedded again.
        count: Most keywords for a paper; what the reader always wants comes on top of it.
        style: `terms` are short, as authors give them; `phrases` long, as indexers do.
        vocabulary: The reader's own words.
        progress: For the embedding.
    """
    words = vocabulary or Vocabulary()
    texts: list[tuple[list[Token], list[Ranked]]] = []
    for paper in papers:
        tokens, candidates = find_phrases(paper)
        texts.append((tokens, _most_promising(candidates, style, words, _EMBEDDED * count)))
    # Phrases of one length side by side: a batch pads nothing.
    phrases = sorted(
        {ranked.text for _, best in texts for ranked in best}, key=lambda text: (len(text), text)
    )
    places = dict(zip(phrases, embed_once(embedder, store, phrases, progress), strict=True))
    result: list[tuple[Keyword, ...]] = []
    for (tokens, best), vector in zip(texts, vectors, strict=True):
        chosen: list[Ranked] = []
        if best:
            matrix = np.stack([places[ranked.text] for ranked in best])  # (c, d)
            cheap = np.array([ranked.score for ranked in best], np.float32)  # (c,)
            scores = cheap + _WEIGHTS[style].cosine * (matrix @ vector)  # (c,)
            chosen = [
                Ranked(best[i].candidate, float(scores[i]))
                for i in _diverse([ranked.candidate for ranked in best], matrix, scores, count)
            ]
        result.append(_shown(chosen, tokens, style, words))
    return result


def _most_promising(
    candidates: Sequence[Candidate], style: Style, vocabulary: Vocabulary, most: int
) -> list[Ranked]:
    wanted = [
        candidate
        for candidate in candidates
        if not vocabulary.is_unwanted(candidate.key)
        and not (candidate.acronym and vocabulary.is_unwanted(candidate.acronym))
    ]
    scores = cheap_scores(wanted, _WEIGHTS[style])
    order = np.argsort(-scores, kind="stable")[:most]
    return [Ranked(wanted[i], float(scores[i])) for i in order]


def _diverse(candidates: Sequence[Candidate], matrix: Vectors, scores: Vectors, count: int) -> list[int]:
    """Return the indices of at most `count` candidates that differ, the best first."""
    nearness = np.clip(matrix @ matrix.T, 0, 1)  # (c, c)
    parts = np.array([[_is_part(one, other) for other in candidates] for one in candidates], np.float32)
    redundancy = _REDUNDANCY * nearness + _PART * parts  # (c, c)
    gain = scores.copy()  # (c,)
    chosen: list[int] = []
    while len(chosen) < min(count, len(candidates)):
        best = int(np.argmax(gain))
        chosen.append(best)
        gain = np.minimum(gain, scores - redundancy[:, best])
        gain[chosen] = -np.inf
    return sorted(chosen, key=lambda i: (-float(scores[i]), i))


def _is_part(one: Candidate, other: Candidate) -> bool:
    """Say whether a phrase is part of another that is shown, and never stands without it."""
    return f" {one.key} " in f" {other.key} " and len(one.places) <= len(other.places)


def _shown(
    chosen: Sequence[Ranked], tokens: Sequence[Token], style: Style, vocabulary: Vocabulary
) -> tuple[Keyword, ...]:
    """Bring keywords into the form that a reader sees, each once; what is always wanted comes first."""
    casing = Casing(tokens)
    forms = [(term, "", 1.0) for term in vocabulary.always_in(tokens)]
    for ranked in chosen:
        phrase = casing.of(ranked.candidate)
        shown = vocabulary.shown(phrase)
        acronym = ranked.candidate.acronym
        if acronym.endswith("s") and not phrase.endswith("s"):
            acronym = acronym[:-1]
        if acronym and shown == phrase and (other := vocabulary.shown(acronym)) != acronym:
            shown = other
        weight = 1 / (1 + math.exp(_MIDDLE[style] - ranked.score))
        forms.append((shown, acronym if shown == phrase else "", weight))
    result: dict[str, Keyword] = {}
    for phrase, acronym, weight in forms:
        if not vocabulary.is_unwanted(phrase):
            result.setdefault(key_of(phrase), Keyword(vocabulary.translated(phrase, acronym), weight))
    return tuple(result.values())
