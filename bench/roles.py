"""Score the shipped role classifier on labelled abstracts.

    python -m bench.roles --data DIR --part dev

reads `csabstruct-PART.jsonl` (CSAbstruct, Cohan et al. 2019): an abstract a line, with `sentences` and their
`labels`. Micro F1 is over all sentences, and so the share of right labels; macro F1 is the mean of the five
roles' F1. The sentences are taken as the file has them, not split again.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digest.summarize.roles import ROLES, label_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.paper import Role


@dataclass(frozen=True, slots=True)
class RoleScores:
    """How well roles are told.

    Attributes:
        micro: F1 over all sentences, percent.
        macro: Mean F1 of the roles, percent.
        per_class: F1 of each role, percent.
        ms_per_sentence: Wall time, milliseconds, without loading the weights.
    """

    micro: float
    macro: float
    per_class: dict[Role, float]
    ms_per_sentence: float


def f1_scores(truth: Sequence[int], guesses: Sequence[int]) -> tuple[float, list[float]]:
    """Return the micro F1 and each role's F1, in percent; labels are indices into `ROLES`."""
    true, guessed = np.array(truth), np.array(guesses)
    each = []
    for role in range(len(ROLES)):
        right = int(((true == role) & (guessed == role)).sum())
        total = int((true == role).sum() + (guessed == role).sum())
        each.append(200 * right / total if total else 0.0)
    return float((true == guessed).mean() * 100), each


def evaluate(path: Path) -> RoleScores:
    """Label the abstracts of a file and compare."""
    abstracts = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    label_sentences(["Load the weights."])
    start = time.perf_counter()
    guesses = [role for abstract in abstracts for role in label_sentences(abstract["sentences"])]
    spent = time.perf_counter() - start
    truth = [label for abstract in abstracts for label in abstract["labels"]]
    micro, each = f1_scores([ROLES.index(r) for r in truth], [ROLES.index(r) for r in guesses])
    per_class = dict(zip(ROLES, each, strict=True))
    return RoleScores(micro, float(np.mean(each)), per_class, 1000 * spent / len(truth))


def main() -> None:
    """Print the scores."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="dev")
    arguments = parser.parse_args()
    scores = evaluate(arguments.data / f"csabstruct-{arguments.part}.jsonl")
    each = "  ".join(f"{role} {value:.1f}" for role, value in scores.per_class.items())
    print(f"micro {scores.micro:.1f}  macro {scores.macro:.1f}  {scores.ms_per_sentence:.2f} ms a sentence")
    print(each)


if __name__ == "__main__":
    main()
