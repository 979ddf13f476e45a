"""Rank texts as one-sentence summaries of a paper: how much would a person's summary overlap with each?

The features tell what a text holds of what the paper's words promise (`salience`), where in the abstract
it comes from and what is done there, how long it is and how it begins. They can be computed for any text,
also for one that a language model wrote, so that it competes with the abstract's own sentences.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from digest.paper import Role, Sentence
from digest.summarize.salience import PROPOSES, Document, Gram, Network, Salience, grams, idf, tokens

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float32]

WEIGHTS = Path(__file__).parent / "weights" / "tldr.npz"
ROLES: tuple[Role, ...] = get_args(Role)
USUAL_WORDS = 20
"""Words of a usual one-sentence summary."""

_NEVER_SEEN, _AGAIN = 0.002, 0.35
"""Chance of a word that no table knows to be in the summary, and of one to be in it once more, as a share."""

# What a text of new words is worth beyond its score. With 0.19, the scores of people's summaries (SciTLDR's
# dev part, each against the paper's other ones) lie as far from the extractive ones' as the ROUGE that they
# estimate; a tiny model's new words are worth less (bench/RESULTS.md).
_NEW_PAIRS_WORTH = 0.08

_SAME = 0.85
"""A text that shares this much of its and the title's words is the title again."""

_STARTS = tuple(
    re.compile(cue)
    for cue in (
        r"we (?:\w+ )?propose\b",
        r"we (?:\w+ )?(?:present|introduce|describe)\b",
        r"we (?:\w+ )?(?:develop|design|build|construct|devise|formulate|derive)\b",
        r"we (?:\w+ )?(?:show|demonstrate|prove|find|found|observe)\b",
        r"we (?:\w+ )?(?:study|investigate|explore|analy[sz]e|examine|consider|address|tackle)\b",
        r"we (?:\w+ )?(?:use|apply|train|extend|combine|employ|leverage|adapt)\b",
        r"we\b",
        r"(?:in )?this (?:paper|work|article|study)\b",
        r"(?:our|the proposed)\b",
        r"(?:it|this|these|such|they|those)\b",
        r"(?:a|an|the)\b",
    )
)
"""Beginnings of a text in lower case."""

_CUES: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = tuple(
    (frozenset(words.split()), parts)
    for words, parts in (
        ("result results experiment experiments experimental", ()),
        ("superior competitive", ("state-of-the-art", "state of the art", "outperform", "significant")),
        ("code available github http", ()),
        ("however but although despite while existing previous", ("recent",)),
        ("new novel", ()),
        ("dataset datasets benchmark benchmarks task tasks", ()),
        ("can allow allows enable enables", ()),
        ("", ("?",)),
        ("", tuple("0123456789")),
        ("", ("(",)),
        ("", (";", ":")),
        ("one two three first second several various", ()),
        ("by using via", ("based on",)),
        ("that", ()),
        ("which where whose", ()),
        ("and", ()),
    )
)
"""Words of which one stands in a text in lower case, or else parts of it."""

_WORD = re.compile(r"\w+")


def features(
    candidates: Sequence[str],
    document: Document,
    chances: tuple[dict[Gram, float], dict[Gram, float]],
    unseen: Mapping[str, float],
) -> Numbers:
    """Return what is known of each text, (n, f) float32.

    Args:
        candidates: n texts.
        document: The paper.
        chances: Of its words and word pairs to stand in a person's summary.
        unseen: The same for words that the abstract does not have.
    """
    words, pairs = chances
    count = len(document.rows)
    all_words = sum(words.values()) or 1.0
    all_pairs = sum(pairs.values()) or 1.0
    title = set(document.title)
    title_pairs = set(grams(document.title, 2))
    title_weight = sum(idf(word) for word in title) or 1.0
    sets = [set(row) for row in document.rows]
    spread = Counter(word for words_there in sets for word in words_there)
    vocabulary = {word: idf(word) * times for word, times in spread.items()}  # the centroid
    norm = math.sqrt(sum(v * v for v in vocabulary.values())) or 1.0
    roles, none = document.roles.tolist(), [0.0] * len(ROLES)
    lines = []
    for text in candidates:
        row, lower = tokens(text), text.lower()
        there = set(_WORD.findall(lower))
        size = max(1, len(row))
        unique = dict.fromkeys(row)
        own_pairs = dict.fromkeys(grams(row, 2))
        expected = expected_again = title_found = similar = squares = 0.0
        for word in unique:
            weight = idf(word)
            expected += words[word,] if (word,) in words else unseen.get(word, _NEVER_SEEN)
            title_found += weight if word in title else 0.0
            similar += vocabulary.get(word, 0.0) * weight
            squares += weight * weight
        if len(unique) < len(row):
            for word, times in Counter(row).items():
                chance = words[word,] if (word,) in words else unseen.get(word, _NEVER_SEEN)
                expected_again += _AGAIN * chance * (times - 1)
        expected += expected_again
        expected_pairs = sum(pairs.get(pair, 0.0) for pair in own_pairs)
        length = math.sqrt(squares) or 1.0
        shared = unique.keys() & title
        overlaps = [len(unique.keys() & s) / (len(unique) or 1) - len(s) / 1e5 for s in sets]
        place = overlaps.index(max(overlaps)) if overlaps else 0
        cosine = similar / (norm * length)
        source = len(document.rows[place]) if overlaps else size
        beside = roles[place + 1] if place + 1 < count else none
        before = roles[place - 1] if place > 0 else none
        lines.append(
            (
                math.log(size),
                size / USUAL_WORDS,
                max(0.0, size - 30) / USUAL_WORDS,
                expected / size,
                expected / all_words,
                2 * expected / (size + USUAL_WORDS),
                expected_pairs / size,
                expected_pairs / all_pairs,
                2 * expected_pairs / (size + USUAL_WORDS),
                title_found / title_weight,
                len(shared) / len(unique) if unique else 0.0,
                len(own_pairs.keys() & title_pairs) / max(1, len(title_pairs)),
                len(own_pairs.keys() & title_pairs) / max(1, len(own_pairs)),
                cosine,
                length * length / size,
                overlaps[place] if overlaps else 0.0,
                min(1.0, size / max(1, source)),
                place / max(1, count - 1),
                float(place == 0),
                float(place == count - 1),
                1 / (1 + place),
                math.log1p(count),
                float(document.own == place),
                float(document.own < 0),
                (place - document.own) / max(1, count) if document.own >= 0 else 0.0,
                float(bool(PROPOSES.search(text))),
                document.titled[place] if overlaps else 0.0,
                (title_found / title_weight) - max(document.titled, default=0.0),
                *(roles[place] if overlaps else none),
                *beside,
                *before,
                *[start.match(lower) is not None for start in _STARTS],
                *[
                    not there.isdisjoint(cues) or any(part in lower for part in parts)
                    for cues, parts in _CUES
                ],
            )
        )
    return np.array(lines, np.float32).reshape(len(candidates), -1)


@dataclass(frozen=True)
class Ranker:
    """The trained model (`bench/train/tldr.py` makes it)."""

    salience: Salience
    network: Network

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> Ranker:
        """Read the weights."""
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}

        def network(name: str) -> Network:
            return Network(*(arrays[f"{name}_{part}"].astype(np.float32) for part in Network.PARTS))

        def table(name: str) -> dict[str, float]:
            names = arrays[f"{name}_names"].tobytes().decode().split("\n")
            return dict(zip(names, arrays[f"{name}_values"].astype(float).tolist(), strict=True))

        words: dict[Gram, float] = {(name,): value for name, value in table("words").items()}
        pairs: dict[Gram, float] = {tuple(name.split()): value for name, value in table("pairs").items()}
        salience = Salience((words, pairs), (network("word"), network("pair")), table("unseen"))
        return cls(salience, network("rank"))

    def save(self, path: Path = WEIGHTS) -> None:
        """Write the weights, without pickle."""
        arrays: dict[str, Any] = {}
        for name, network in zip(
            ("word", "pair", "rank"), (*self.salience.networks, self.network), strict=True
        ):
            arrays |= {
                f"{name}_{part}": getattr(network, part).astype(np.float16 if part == "first" else np.float32)
                for part in Network.PARTS
            }
        tables = {"words": self.salience.kept[0], "pairs": self.salience.kept[1]}
        flat = {
            name: {" ".join(gram): value for gram, value in table.items()} for name, table in tables.items()
        }
        for name, table in (*flat.items(), ("unseen", self.salience.unseen)):
            arrays[f"{name}_names"] = np.frombuffer("\n".join(table).encode(), np.uint8)
            arrays[f"{name}_values"] = np.array(list(table.values()), np.float16)
        path.parent.mkdir(exist_ok=True)
        np.savez_compressed(path, **arrays)

    def score(self, candidates: Sequence[str], document: Document) -> Numbers:
        """Return what `score` returns, for a document taken apart already."""
        if not candidates:
            return np.zeros(0, np.float32)
        rows = features(candidates, document, self.salience(document), self.salience.unseen)
        return self.network(rows)


@functools.cache
def shipped() -> Ranker:
    """Return the ranker that ships."""
    return Ranker.load()


def document_of(title: str, sentences: Sequence[Sentence]) -> Document:
    """Take a title and an abstract apart."""
    roles = np.array([[float(s.role == role) for role in ROLES] for s in sentences], np.float32)
    return Document(
        title, [sentence.text for sentence in sentences], roles.reshape(len(sentences), len(ROLES))
    )


def score(candidates: Sequence[str], title: str, sentences: Sequence[Sentence]) -> Numbers:
    """Return how good each text is as a one-sentence summary of a paper, (n,) float32, larger is better.

    The number estimates the mean of ROUGE-1, -2 and -L with a person's summary, 0..1.

    Args:
        candidates: n texts, of the abstract or not.
        title: Of the paper; may be empty.
        sentences: Of its abstract.
    """
    return shipped().score(candidates, document_of(title, sentences))


def is_better(text: str, other: str, title: str, sentences: Sequence[Sentence]) -> bool:
    """Say whether a text in words of its own is at least as good as one of the abstract's.

    What a person writes anew is worth more than `score` says, which learned from the abstracts' sentences.
    """
    first, second = score([text, other], title, sentences)
    gain = _NEW_PAIRS_WORTH * (_new_pairs(text, sentences) - _new_pairs(other, sentences))
    return bool(first + gain >= second)


def _new_pairs(text: str, sentences: Sequence[Sentence]) -> float:
    """Return the share of a text's word pairs that no sentence has."""
    pairs = grams(tokens(text), 2)
    known = {pair for sentence in sentences for pair in grams(tokens(sentence.text), 2)}
    return sum(pair not in known for pair in pairs) / max(1, len(pairs))


def repeats_title(text: str, title: str) -> bool:
    """Tell whether a text has nearly the title's words, and so tells a reader nothing new."""
    words, named = set(tokens(text)), set(tokens(title))
    return len(words & named) >= _SAME * len(words | named) if words and named else False
