"""Make `src/digest/summarize/weights/tldr.npz`: the ranker of one-sentence summaries.

    python -m bench.train.tldr --data DIR [--check]

DIR holds `scitldr-train.jsonl` (SciTLDR, Cachola et al. 2020, Apache-2.0). First the chances of words and
word pairs are fitted, in five folds, so that the ranker learns from chances of papers that they did not
see; then the ranker, to maximize the expected ROUGE of what it picks (the mean of ROUGE-1, -2 and -L,
under a softmax of its scores) and to estimate it (squared error). `--check` prints cross-validated ROUGE
in place of writing. Torch fits; numpy alone runs what ships.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from bench.extract import as_sentences, rouge
from digest.summarize.compress import compressions
from digest.summarize.rank import WEIGHTS, Ranker, document_of, features, repeats_title
from digest.summarize.salience import Document, Gram, Network, Salience, grams, tokens

if TYPE_CHECKING:
    import torch

Numbers = npt.NDArray[np.float32]
FOLDS = 5
SEED = 20261124
LEAST = (5, 6)
"""A word, or pair, that stands in fewer abstracts has no odds of its own."""
SHRINK = 8
"""Counts as so many abstracts in which a gram is kept as often as any."""
TEMPERATURE = 0.05
MEMBERS = 6


@dataclass(frozen=True)
class Example:
    """A paper, its candidates, and what each is worth, (n, 3): ROUGE-1, -2, -L."""

    document: Document
    reference: list[str]
    candidates: list[str]
    worth: Numbers


def read(path: Path) -> list[Example]:
    """Read records and score all candidates but those that repeat the title."""
    examples = []
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        sentences = as_sentences(record["source"])
        texts = dict.fromkeys(form for s in sentences for form in compressions(s.text))
        candidates = [text for text in texts if not repeats_title(text, record["title"])]
        if not candidates:
            continue
        worth = np.array([rouge(text, record["target"]) for text in candidates], np.float32)
        document = document_of(record["title"], sentences)
        examples.append(Example(document, tokens(record["target"][0]), candidates, worth))
    return examples


# --- words -----------------------------------------------------------------------------------------------


def count(examples: Sequence[Example], size: int) -> tuple[Counter[Gram], Counter[Gram], Counter[Gram]]:
    """Count in how many papers a gram stands in the abstract, in both, and in the summary alone."""
    inside: Counter[Gram] = Counter()
    kept: Counter[Gram] = Counter()
    unseen: Counter[Gram] = Counter()
    for example in examples:
        abstract, summary = example.document.grams(size), set(grams(example.reference, size))
        inside.update(abstract)
        kept.update(abstract & summary)
        unseen.update(summary - abstract)
    return inside, kept, unseen


@dataclass(frozen=True)
class Odds:
    """How much likelier than others a gram is kept, from counts of papers in which it stands and is kept."""

    inside: Counter[Gram]
    kept: Counter[Gram]

    @functools.cached_property
    def base(self) -> float:
        """The share of all grams that are kept."""
        return self.kept.total() / self.inside.total()

    def __call__(self, gram: Gram, less: int = 0, less_kept: int = 0) -> float:
        """Return log odds over those of any gram, with a paper left out of the counts."""
        share = (self.kept[gram] - less_kept + SHRINK * self.base) / (self.inside[gram] - less + SHRINK)
        return math.log(share / (1 - share)) - math.log(self.base / (1 - self.base))


def fit_salience(examples: Sequence[Example], seed: int) -> Salience:
    """Fit the chances of words and pairs."""
    tables, networks, unseen_words = [], [], {}
    for size in (1, 2):
        inside, kept, unseen = count(examples, size)
        odds = Odds(inside, kept)
        least = LEAST[size - 1]
        rows, labels = [], []
        for example in examples:  # the odds that an example sees are counted without it
            summary = set(grams(example.reference, size))
            known = {g: odds(g, 1, g in summary) for g in example.document.grams(size) if inside[g] > least}
            names, lines = example.document.features(size, known)
            rows.append(lines)
            labels += [float(gram in summary) for gram in names]
        tables.append({gram: odds(gram) for gram in sorted(inside) if inside[gram] >= least})
        networks.append(fit_words(np.concatenate(rows), np.array(labels, np.float32), seed))
        if size == 1:
            unseen_words = {g[0]: n / len(examples) for g, n in sorted(unseen.items()) if n >= least}
    return Salience((tables[0], tables[1]), (networks[0], networks[1]), unseen_words)


def fit_words(rows: Numbers, labels: Numbers, seed: int, hidden: int = 24, epochs: int = 8) -> Network:
    """Fit a network that tells how likely each gram is in the summary."""
    import torch

    torch.manual_seed(seed)
    mean, scale = rows.mean(0), rows.std(0) + 1e-3
    x, y = torch.tensor((rows - mean) / scale), torch.tensor(labels)
    first, second = torch.nn.Linear(x.shape[1], hidden), torch.nn.Linear(hidden, 1)
    net = torch.nn.Sequential(first, torch.nn.ReLU(), second)
    loss_of = torch.nn.BCEWithLogitsLoss()
    step = _optimizer(net, 3e-3, 1e-4, epochs * math.ceil(len(x) / 1024))
    for _ in range(epochs):
        for batch in torch.split(torch.randperm(len(x)), 1024):
            step(loss_of(net(x[batch])[:, 0], y[batch]))
    return _network(mean, scale, first, second)


# --- ranking ---------------------------------------------------------------------------------------------


def fit_ranker(rows: Sequence[Numbers], worth: Sequence[Numbers], seed: int) -> Network:
    """Fit an ensemble; it becomes one wide network.

    Args:
        rows: Features of each paper's candidates.
        worth: What each is worth.
        seed: Of the first member.
    """
    everything = np.concatenate(rows)
    mean, scale = everything.mean(0), everything.std(0) + 1e-3
    most = max(map(len, rows))
    x = np.zeros((len(rows), most, len(mean)), np.float32)
    y = np.zeros((len(rows), most), np.float32)
    there = np.zeros((len(rows), most), bool)
    for i, (lines, values) in enumerate(zip(rows, worth, strict=True)):
        x[i, : len(lines)], y[i, : len(lines)] = (lines - mean) / scale, values.mean(axis=1)
        there[i, : len(lines)] = True
    members = [fit_member(x, y, there, seed + i) for i in range(MEMBERS)]
    return Network(
        mean,
        scale,
        np.concatenate([m.first for m in members], axis=1),
        np.concatenate([m.first_bias for m in members]),
        np.asarray(np.concatenate([m.second for m in members]) / MEMBERS, np.float32),
        np.asarray(np.mean([m.direct for m in members], axis=0), np.float32),
        np.asarray(np.mean([m.bias for m in members], axis=0), np.float32),
    )


def fit_member(
    rows: Numbers, worth: Numbers, there: npt.NDArray[np.bool_], seed: int, hidden: int = 32, epochs: int = 30
) -> Network:
    """Fit one network to (p, n, f) scaled rows, (p, n) worth, where candidates are there."""
    import torch

    torch.manual_seed(seed)
    x, y, m = torch.tensor(rows), torch.tensor(worth), torch.tensor(there)
    first, second = torch.nn.Linear(x.shape[2], hidden), torch.nn.Linear(hidden, 1)
    direct = torch.nn.Linear(x.shape[2], 1, bias=False)
    drop = torch.nn.Dropout(0.2)
    net = torch.nn.ModuleList([first, second, direct])
    step = _optimizer(net, 3e-3, 1e-2, epochs * math.ceil(len(x) / 64))
    for _ in range(epochs):
        for batch in torch.split(torch.randperm(len(x)), 64):
            scores = (second(drop(torch.relu(first(x[batch])))) + direct(x[batch]))[:, :, 0]
            chosen = torch.softmax((scores / TEMPERATURE).masked_fill(~m[batch], -1e9), 1)
            error = ((scores - y[batch]) ** 2)[m[batch]].mean()
            step(5 * error - (chosen * y[batch]).sum(1).mean())
    none = np.zeros(x.shape[2], np.float32)
    return _network(none, none + 1, first, second, direct)


def _optimizer(net: torch.nn.Module, rate: float, decay: float, steps: int) -> Callable[[torch.Tensor], None]:
    import torch

    optimizer = torch.optim.AdamW(net.parameters(), rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)

    def step(loss: torch.Tensor) -> None:
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch's own lack
        optimizer.step()
        schedule.step()

    return step


def _network(
    mean: Numbers,
    scale: Numbers,
    first: torch.nn.Linear,
    second: torch.nn.Linear,
    direct: torch.nn.Linear | None = None,
) -> Network:
    def array(tensor: torch.Tensor) -> Numbers:
        return np.asarray(tensor.detach().numpy(), np.float32).copy()

    straight = np.zeros_like(mean) if direct is None else array(direct.weight)[0]
    bias = array(second.bias)[0]
    return Network(
        mean, scale, array(first.weight).T, array(first.bias), array(second.weight)[0], straight, bias
    )


# --- all of it -------------------------------------------------------------------------------------------


def rows_of(salience: Salience, examples: Sequence[Example]) -> list[Numbers]:
    """Return the features of each paper's candidates."""
    return [features(e.candidates, e.document, salience(e.document), salience.unseen) for e in examples]


def folds(number: int) -> npt.NDArray[np.int_]:
    """Return the fold of each paper, at random."""
    return np.random.default_rng(SEED).permutation(number) % FOLDS


def fit(examples: Sequence[Example]) -> tuple[Ranker, list[Numbers]]:
    """Fit all parts; return also the features with chances from folds that did not see the paper."""
    fold = folds(len(examples))
    rows: list[Numbers] = [np.zeros(0, np.float32)] * len(examples)
    for k in range(FOLDS):
        salience = fit_salience([e for e, f in zip(examples, fold, strict=True) if f != k], SEED + k)
        apart = np.flatnonzero(fold == k).tolist()
        for i, lines in zip(apart, rows_of(salience, [examples[i] for i in apart]), strict=True):
            rows[i] = lines
    network = fit_ranker(rows, [e.worth for e in examples], SEED)
    return Ranker(fit_salience(examples, SEED + FOLDS), network), rows


def check(examples: Sequence[Example], rows: Sequence[Numbers]) -> tuple[float, float, float]:
    """Return the cross-validated ROUGE-1, -2 and -L of what the ranker picks, in percent."""
    fold = folds(len(examples))
    picked = []
    for k in range(FOLDS):
        seen = np.flatnonzero(fold != k).tolist()
        network = fit_ranker([rows[i] for i in seen], [examples[i].worth for i in seen], SEED)
        picked += [
            examples[i].worth[int(network(rows[i]).argmax())] for i in np.flatnonzero(fold == k).tolist()
        ]
    r1, r2, rl = (100 * np.mean(picked, axis=0)).tolist()
    return r1, r2, rl


def main() -> None:
    """Read, fit, write or check."""
    import torch

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--check", action="store_true", help="print cross-validated ROUGE; write nothing")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    examples = read(asked.data / "scitldr-train.jsonl")
    ranker, rows = fit(examples)
    if asked.check:
        print("cross-validated ROUGE-1, -2, -L:", *(f"{value:.2f}" for value in check(examples, rows)))
    else:
        ranker.save(WEIGHTS)
        print(f"{WEIGHTS}: {WEIGHTS.stat().st_size / 1e6:.2f} MB from {len(examples)} papers")


if __name__ == "__main__":
    main()
