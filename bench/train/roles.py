"""Train the role classifier: makes `src/digest/summarize/weights/roles.npz`.

    python -m bench.train.roles --data DIR

reads `csabstruct-train.jsonl` (CSAbstruct, Cohan et al. 2019, Apache-2.0) from DIR, and nothing else.
With `--folds 3` nothing is written: it cross-validates by abstract.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from bench.roles import f1_scores
from bench.train import crf
from bench.train.networks import Networks, train_networks
from digest.summarize.role_features import BLOCKS, POSITIONS, positions, sentence_features, tokenize
from digest.summarize.role_model import second_stage_inputs
from digest.summarize.roles import ROLES, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FUNCTION_WORDS = 250
FEWEST = 4  # sentences with a feature
NEIGHBOUR, PLACE = 0.5, 0.5  # how large a neighbour's features and the place are against a sentence's own
NEIGHBOUR_BLOCKS = ("words",)
PENALTY, STEPS = 0.5, 30
INNER_FOLDS, NETWORKS = 3, 3
STRESS = (1.0, 1.3, 1.0, 1.0, 1.3)  # rare roles, objective and other, are told sooner: chosen on held folds
SEED = 7


@dataclass(frozen=True, slots=True)
class Abstract:
    """A labelled abstract; `trust` is the annotators' agreement, 0..1, for each sentence."""

    sentences: list[str]
    labels: list[int]
    trust: list[float]


def read(path: Path) -> list[Abstract]:
    """Read a file of CSAbstruct's form."""
    documents = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Abstract(d["sentences"], [ROLES.index(label) for label in d["labels"]], d["confs"]) for d in documents
    ]


def soft_labels(abstracts: Iterable[Abstract]) -> Floats:
    """Return (n, k): as much of the label as annotators agreed, the rest spread evenly."""
    labels = np.array([label for a in abstracts for label in a.labels])
    trust = np.array([value for a in abstracts for value in a.trust])[:, None]
    return np.asarray(np.eye(len(ROLES))[labels] * trust + (1 - trust) / len(ROLES), np.float64)


class Space:
    """The features that training texts have often enough.

    Args:
        abstracts: Lists of sentences.
    """

    def __init__(self, abstracts: Sequence[list[str]]) -> None:
        tokens = [tokenize(sentence) for sentences in abstracts for sentence in sentences]
        words = Counter(token for row in tokens for token in row if token[0].isalpha())
        self.function_words = frozenset(word for word, _ in words.most_common(FUNCTION_WORDS))
        counts: dict[str, Counter[int]] = {name: Counter() for name in BLOCKS}
        for row in tokens:
            for name, keys in sentence_features(row, self.function_words).items():
                counts[name].update(keys.tolist())
        self.keys = {
            name: np.array(sorted(key for key, n in counts[name].items() if n >= FEWEST), np.uint32)
            for name in BLOCKS
        }

    def rows(self, abstracts: Sequence[list[str]]) -> Any:  # noqa: ANN401 - scipy has no types
        """Return the sentences' features, sparse (n, d): own, before, after, place."""
        texts = [sentence for sentences in abstracts for sentence in sentences]
        found = [sentence_features(tokenize(text), self.function_words) for text in texts]
        blocks = {name: self._block(self.keys[name], [row[name] for row in found]) for name in BLOCKS}
        lengths = np.array([len(sentences) for sentences in abstracts])
        beside = sparse.hstack([blocks[name] for name in NEIGHBOUR_BLOCKS]).tocsr()
        first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        inner = np.setdiff1d(np.arange(len(texts)), first)  # sentences with one before them
        shift = sparse.csr_matrix((np.ones(len(inner)), (inner, inner - 1)), shape=(len(texts), len(texts)))
        place = np.concatenate([positions(n) for n in lengths])
        return sparse.hstack(
            [
                *(blocks[name] for name in BLOCKS),
                NEIGHBOUR * (shift @ beside),
                NEIGHBOUR * (shift.T @ beside),
                sparse.csr_matrix(PLACE * place),
            ]
        ).tocsr()

    @staticmethod
    def _block(known: npt.NDArray[np.uint32], rows: Sequence[npt.NDArray[np.uint32]]) -> Any:  # noqa: ANN401
        places = [np.minimum(np.searchsorted(known, keys), len(known) - 1) for keys in rows]
        columns = [at[known[at] == keys] for at, keys in zip(places, rows, strict=True)]
        values = [np.full(len(c), max(1, len(keys)) ** -0.5) for c, keys in zip(columns, rows, strict=True)]
        ends = np.cumsum([0, *(len(c) for c in columns)])
        return sparse.csr_matrix(
            (np.concatenate(values), np.concatenate(columns), ends), shape=(len(rows), len(known))
        )


def probabilities(space: Space, model: crf.Crf, abstracts: Sequence[Abstract]) -> list[Floats]:
    """Return the first stage's marginals of each abstract, (n, k)."""
    lengths = np.array([len(a.sentences) for a in abstracts])
    rows = model.probabilities(space.rows([a.sentences for a in abstracts]), lengths)
    return np.split(rows, np.cumsum(lengths)[:-1])


@dataclass(frozen=True, slots=True)
class Trained:
    """Both stages."""

    space: Space
    field: crf.Crf
    networks: Networks

    def stages(self, abstracts: Sequence[Abstract]) -> tuple[Floats, Floats]:
        """Return the probabilities after the first stage, and those after both, not yet stressed."""
        first = probabilities(self.space, self.field, abstracts)
        inputs = [_inputs(rows, a) for rows, a in zip(first, abstracts, strict=True)]
        alone = np.concatenate(first)
        return alone, (alone + self.networks.probabilities(np.concatenate(inputs))) / 2


def fit(abstracts: Sequence[Abstract]) -> Trained:
    """Train both stages; the second learns from what the first says of abstracts that it did not see."""
    space = Space([a.sentences for a in abstracts])
    fold_of = np.random.default_rng(SEED).permutation(len(abstracts)) % INNER_FOLDS
    inputs: list[Floats] = [np.empty(0)] * len(abstracts)
    for fold in range(INNER_FOLDS):
        field = _fit_field(space, [a for a, f in zip(abstracts, fold_of, strict=True) if f != fold])
        held = np.flatnonzero(fold_of == fold).tolist()
        first = probabilities(space, field, [abstracts[i] for i in held])
        for i, rows in zip(held, first, strict=True):
            inputs[i] = _inputs(rows, abstracts[i])
    networks = train_networks(np.concatenate(inputs), soft_labels(abstracts), seeds=NETWORKS)
    return Trained(space, _fit_field(space, abstracts), networks)


def _fit_field(space: Space, abstracts: Sequence[Abstract]) -> crf.Crf:
    lengths = np.array([len(a.sentences) for a in abstracts])
    rows = space.rows([a.sentences for a in abstracts])
    return crf.train(rows, lengths, soft_labels(abstracts), penalty=PENALTY, steps=STEPS)


def _inputs(first: Floats, abstract: Abstract) -> Floats:
    return np.asarray(second_stage_inputs(first.astype(np.float32), abstract.sentences), np.float64)


def save(trained: Trained, path: Path) -> None:
    """Write the field's weights as int8 (largest error 0.4 % of the largest one), all others as float16."""
    space, model = trained.space, trained.field
    k = len(ROLES)
    own = sum(len(space.keys[name]) for name in BLOCKS)
    beside = sum(len(space.keys[name]) for name in NEIGHBOUR_BLOCKS)
    weights = np.zeros((own, 3, k))
    weights[:, 0] = model.weights[:own]
    at, start = 0, own
    for name in BLOCKS:
        size = len(space.keys[name])
        if name in NEIGHBOUR_BLOCKS:
            weights[at : at + size, 1] = NEIGHBOUR * model.weights[start : start + size]
            weights[at : at + size, 2] = NEIGHBOUR * model.weights[start + beside : start + beside + size]
            start += size
        at += size
    keys = np.concatenate([space.keys[name] for name in BLOCKS])
    order = np.argsort(keys, kind="stable")
    scales = np.abs(weights).max(axis=(0, 2)) / 127  # (3,)
    np.savez_compressed(
        path,
        keys=keys[order],
        weights=np.rint(weights[order] / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float32),
        place=(PLACE * model.weights[-POSITIONS:]).astype(np.float16),
        follows=model.follows.astype(np.float16),
        first=model.first.astype(np.float16),
        hidden=trained.networks.hidden.astype(np.float16),
        output=trained.networks.output.astype(np.float16),
        stress=np.array(STRESS, np.float16),
        function_words=np.array(sorted(space.function_words)),
    )


def cross_validate(abstracts: Sequence[Abstract], folds: int) -> None:
    """Print the scores of models that did not see the abstract."""
    fold_of = np.random.default_rng(SEED).permutation(len(abstracts)) % folds
    truth: list[int] = []
    ways: dict[str, list[Floats]] = {"first stage": [], "both stages": [], "with stress": []}
    for fold in range(folds):
        trained = fit([a for a, f in zip(abstracts, fold_of, strict=True) if f != fold])
        held = [a for a, f in zip(abstracts, fold_of, strict=True) if f == fold]
        first, both = trained.stages(held)
        for rows, way in zip((first, both, both * STRESS), ways.values(), strict=True):
            way.append(rows)
        truth += [label for a in held for label in a.labels]
    for name, parts in ways.items():
        micro, each = f1_scores(truth, np.concatenate(parts).argmax(axis=1).tolist())
        print(f"{name}: micro {micro:.2f} macro {np.mean(each):.2f} ", *(f"{value:.0f}" for value in each))


def main() -> None:
    """Train and write, or cross-validate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--folds", type=int, default=0)
    arguments = parser.parse_args()
    abstracts = read(arguments.data / "csabstruct-train.jsonl")
    if arguments.folds:
        cross_validate(abstracts, arguments.folds)
        return
    arguments.out.parent.mkdir(exist_ok=True)
    save(fit(abstracts), arguments.out)
    print(f"{arguments.out}: {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
