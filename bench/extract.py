"""How good the extractive one-sentence summaries are: ROUGE against those that people wrote (SciTLDR).

    python -m bench.extract --data DIR --part dev

DIR holds `scitldr-PART.jsonl` (Cachola et al. 2020). F1 with Porter stemming, the best over a paper's
references, the mean over papers. The baselines are the abstract's first sentence and the first one that
says what is proposed. `rouge-score` comes with the extra `bench`.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from digest.paper import Sentence
from digest.summarize.extract import extractive_summary
from digest.summarize.roles import label_sentences
from digest.summarize.salience import PROPOSES

Way = Callable[[str, Sequence[Sentence]], str]


@dataclass(frozen=True)
class Rouge:
    """Mean F1 in percent, and milliseconds for the summary of one labelled abstract."""

    r1: float
    r2: float
    rl: float
    ms_per_abstract: float


@functools.cache
def _scorer() -> Any:  # noqa: ANN401 - the library carries no types
    from rouge_score import rouge_scorer, tokenizers

    class Remembering(tokenizers.Tokenizer):  # type: ignore[misc] # the library carries no types
        """The usual tokenizer, each text stemmed once."""

        def __init__(self) -> None:
            self._stem = functools.lru_cache(4096)(tokenizers.DefaultTokenizer(use_stemmer=True).tokenize)

        def tokenize(self, text: str) -> list[str]:
            """Return stems."""
            return list(self._stem(text))

    return rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=Remembering())


def rouge(text: str, references: Sequence[str]) -> tuple[float, float, float]:
    """Return ROUGE-1, -2, -L as F1, each the best over the references, 0..1."""
    found = [_scorer().score(reference, text) for reference in references]
    best = [max(each[name].fmeasure for each in found) for name in ("rouge1", "rouge2", "rougeL")]
    return best[0], best[1], best[2]


def as_sentences(source: Sequence[str]) -> tuple[Sentence, ...]:
    """Return a record's sentences as they were split, with roles."""
    texts = [" ".join(text.split()) for text in source if text.strip()]
    return tuple(Sentence(text, role) for text, role in zip(texts, label_sentences(texts), strict=True))


def measure(records: Sequence[dict[str, Any]], way: Way) -> Rouge:
    """Return the scores of one way of summarizing."""
    found, seconds = [], 0.0
    for record in records:
        sentences = as_sentences(record["source"])
        start = time.perf_counter()
        text = way(record["title"], sentences)
        seconds += time.perf_counter() - start
        found.append(rouge(text, record["target"]))
    r1, r2, rl = (100 * np.mean(found, axis=0)).tolist()
    return Rouge(r1, r2, rl, 1000 * seconds / len(records))


def own_way(title: str, sentences: Sequence[Sentence]) -> str:
    """The program's."""
    return extractive_summary(sentences, title).tldr.text


def first_sentence(title: str, sentences: Sequence[Sentence]) -> str:
    """Baseline: the first sentence."""
    del title
    return sentences[0].text


def first_proposal(title: str, sentences: Sequence[Sentence]) -> str:
    """Baseline: the first sentence that says what is proposed, else the first."""
    del title
    return next((s.text for s in sentences if PROPOSES.search(s.text)), sentences[0].text)


WAYS: dict[str, Way] = {
    "first sentence": first_sentence,
    'first "we propose"': first_proposal,
    "extractive summary": own_way,
}


def read(path: Path) -> list[dict[str, Any]]:
    """Read the records."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def evaluate(path: Path) -> Rouge:
    """Return the scores of the program's extractive tldr over a file in SciTLDR's form."""
    return measure(read(path), own_way)


def main() -> None:
    """Measure and print; the last line is for programs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="dev")
    asked = parser.parse_args()
    records = read(asked.data / f"scitldr-{asked.part}.jsonl")
    own_way(records[0]["title"], as_sentences(records[0]["source"]))  # loads the weights
    print(f"| {len(records)} abstracts | ROUGE-1 | ROUGE-2 | ROUGE-L | ms each |")
    print("| --- | --- | --- | --- | --- |")
    for name, way in WAYS.items():
        found = measure(records, way)
        print(f"| {name} | {found.r1:.1f} | {found.r2:.1f} | {found.rl:.1f} | {found.ms_per_abstract:.1f} |")
    print(f"EXTRACT r1={found.r1:.2f} r2={found.r2:.2f} rl={found.rl:.2f} ms={found.ms_per_abstract:.2f}")


if __name__ == "__main__":
    main()
