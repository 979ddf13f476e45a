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

_SAME = 0.85
"""A text that shares this much of its and the title's words is the title again."""

_CUES = tuple(
    re.compile(cue, re.IGNORECASE)
    for cue in (
        r"\Awe (?:\w+ )?propose\b",
        r"\Awe (?:\w+ )?(?:present|introduce|describe)\b",
        r"\Awe (?:\w+ )?(?:develop|design|build|construct|devise|formulate|derive)\b",
        r"\Awe (?:\w+ )?(?:show|demonstrate|prove|find|found|observe)\b",
        r"\Awe (?:\w+ )?(?:study|investigate|explore|analy[sz]e|examine|consider|address|tackle)\b",
        r"\Awe (?:\w+ )?(?:use|apply|train|extend|combine|employ|leverage|adapt)\b",
        r"\Awe\b",
        r"\A(?:in )?this (?:paper|work|article|study)\b",
        r"\A(?:our|the proposed)\b",
        r"\A(?:it|this|these|such|they|those)\b",
        r"\A(?:a|an|the)\b",
        r"\b(?:results?|experiments?|experimental)\b",
        r"\b(?:state[- ]of[- ]the[- ]art|outperform\w*|superior|competitive|significant\w*)\b",
        r"\b(?:code|available|github|http)\b",
        r"\b(?:however|but|although|despite|while|existing|previous|recent\w*)\b",
        r"\b(?:new|novel)\b",
        r"\b(?:datasets?|benchmarks?|tasks?)\b",
        r"\b(?:can|allows?|enables?)\b",
        r"\?",
        r"\d",
        r"\(",
        r"[;:]",
        r"\b(?:one|two|three|first|second|several|various)\b",
        r"\b(?:by|using|via|based on)\b",
        r"\bthat\b",
        r"\b(?:which|where|whose)\b",
        r"\band\b",
    )
)


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
    lines = []
    for text in candidates:
        row = tokens(text)
        size = max(1, len(row))
        seen: set[Gram] = set()
        expected = title_found = 0.0
        for word in row:
            chance = words.get((word,), unseen.get(word, 0.002))
            expected += chance * (0.35 if (word,) in seen else 1.0)
            seen.add((word,))
        expected_pairs = sum(pairs.get(pair, 0.0) for pair in dict.fromkeys(grams(row, 2)))
        unique = set(row)
        shared = unique & title
        title_found = sum(idf(word) for word in shared)
        similar = sum(vocabulary.get(w, 0.0) * idf(w) for w in unique)
        length = math.sqrt(sum(idf(w) ** 2 for w in unique)) or 1.0
        own_pairs = set(grams(row, 2))
        overlaps = [len(unique & s) / (len(unique) or 1) - 0.001 * len(s) / 100 for s in sets]
        place = int(np.argmax(overlaps)) if overlaps else 0
        cosine = similar / (norm * length)
        source = len(document.rows[place]) if overlaps else size
        beside = document.roles[place + 1] if place + 1 < count else np.zeros(5)
        before = document.roles[place - 1] if place > 0 and count else np.zeros(5)
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
                len(own_pairs & title_pairs) / max(1, len(title_pairs)),
                len(own_pairs & title_pairs) / max(1, len(own_pairs)),
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
                *(document.roles[place].tolist() if overlaps else [0.0] * 5),
                *beside.tolist(),
                *before.tolist(),
                *(float(bool(cue.search(text))) for cue in _CUES),
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


def repeats_title(text: str, title: str) -> bool:
    """Tell whether a text has nearly the title's words, and so tells a reader nothing new."""
    words, named = set(tokens(text)), set(tokens(title))
    return len(words & named) >= _SAME * len(words | named) if words and named else False
