"""How well invented, changed and misplaced words are caught, and how often honest ones are blamed.

    python -m bench.grounding --data DIR --part dev [--no-meaning] [--half tune|check] [--show KIND]

DIR holds `scitldr-{part}.jsonl`. Faults are planted by rule into honest texts (`bench/grounding_cases/`):
sentences compressed and reworded, and summaries written by hand (`written.tsv`; found by the papers' ids,
all of dev). The rules of the checks were made on the half of the papers whose id has an even hash (`tune`);
the other half is `check`.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.grounding_cases.faults import FACTS, fault_cases
from bench.grounding_cases.honest import honest_cases, reference_cases
from bench.grounding_cases.papers import Case, Paper, read_papers, read_written
from digest.paper import Sentence
from digest.summarize.grounding import ground
from digest.summarize.roles import label_roles

Numbers = npt.NDArray[np.float32]
Meaning = Callable[[Sequence[str]], Callable[[str], Numbers]]
SEED, MOST = 0, 60
UNCOUNTED = "reference (not counted)"


@dataclass(frozen=True, slots=True)
class Judged:
    """A case and what the checks say of it."""

    case: Case
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroundingTable:
    """What was caught, in percent.

    Attributes:
        judged: Every case.
        milliseconds: For one field, the embedder's time left out.
    """

    judged: tuple[Judged, ...]
    milliseconds: float = 0.0
    kinds: dict[str, tuple[int, int]] = field(default_factory=dict)

    def share(self, *, honest: bool, kinds: Sequence[str] = ()) -> float:
        """Return the share of cases that were flagged."""
        chosen = [
            j for j in self.judged
            if j.case.honest == honest and j.case.kind != UNCOUNTED and (not kinds or j.case.kind in kinds)
        ]  # fmt: skip
        return 100 * sum(bool(j.flags) for j in chosen) / max(1, len(chosen))

    @property
    def caught_facts(self) -> float:
        """Planted numbers and names that were caught."""
        return self.share(honest=False, kinds=FACTS)

    @property
    def caught_all(self) -> float:
        """Faults of all kinds that were caught."""
        return self.share(honest=False)

    @property
    def false_alarms(self) -> float:
        """Honest texts that were flagged."""
        return self.share(honest=True)

    def __str__(self) -> str:
        counts: dict[tuple[bool, str], list[bool]] = {}
        for j in self.judged:
            counts.setdefault((j.case.honest, j.case.kind), []).append(bool(j.flags))
        lines = ["| kind | cases | flagged |", "| --- | ---: | ---: |"]
        for (_, kind), flagged in sorted(counts.items(), key=lambda item: item[0][0]):
            lines.append(f"| {kind} | {len(flagged)} | {100 * sum(flagged) / len(flagged):.1f} % |")
        faults = sum(not j.case.honest for j in self.judged)
        honest = sum(j.case.honest and j.case.kind != UNCOUNTED for j in self.judged)
        lines += [
            f"| **numbers and names** | | **{self.caught_facts:.1f} %** |",
            f"| **all faults** | {faults} | **{self.caught_all:.1f} %** |",
            f"| **false alarms** | {honest} | **{self.false_alarms:.1f} %** |",
            f"{self.milliseconds:.2f} ms a field",
        ]
        return "\n".join(lines)


def half_of(paper: str) -> str:
    """Return the half that a paper is in."""
    return "check" if hashlib.sha256(paper.encode()).digest()[0] % 2 else "tune"


def make_cases(papers: list[Paper], most: int = MOST) -> list[Case]:
    """Return all cases, the same ones for the same papers."""
    written = [item for item in read_written() if item.paper in {paper.id for paper in papers}]
    cases = list(fault_cases(papers, written, random.Random(SEED), most))  # noqa: S311 - no secrets
    rng = random.Random(SEED + 1)  # noqa: S311
    cases += honest_cases(papers, written, rng, most)
    return [*cases, *reference_cases(papers, rng, most)]


def evaluate(
    path: Path, *, meaning: Meaning | None = None, half: str = "", most: int = MOST
) -> GroundingTable:
    """Judge all cases of a file in the form of SciTLDR.

    Args:
        path: Of the file.
        meaning: Makes, from the n sentences of an abstract, a function from a text to (n,) cosines.
        half: `tune`, `check` or all.
        most: Cases of each kind of fault.
    """
    papers = [paper for paper in read_papers(path) if not half or half_of(paper.id) == half]
    sentences = {paper.id: _sentences(paper) for paper in papers}
    titles = {paper.id: paper.title for paper in papers}
    cases = make_cases(papers, most)
    if isinstance(meaning, EmbedderMeaning):
        texts = [sentence.text for case in cases for sentence in sentences[case.paper]]
        meaning.prepare([*texts, *(case.text for case in cases)])
    judged, seconds = [], 0.0
    for case in cases:
        group = sentences[case.paper]
        cosines = meaning([sentence.text for sentence in group]) if meaning else None
        if cosines:
            cosines = functools.cache(cosines)
            cosines(case.text)  # the embedder's time is not the checks'
        start = time.process_time()
        result = ground(
            case.text,
            title=titles[case.paper],
            sentences=group,
            language=case.language,
            label="TL;DR:",
            cut=case.cut,
            field=case.field,
            meaning=cosines,
        )
        seconds += time.process_time() - start
        judged.append(Judged(case, result.flags))
    return GroundingTable(tuple(judged), 1000 * seconds / max(1, len(judged)))


def _sentences(paper: Paper) -> tuple[Sentence, ...]:
    """Return the sentences of a paper as the program has them."""
    return label_roles(" ".join(paper.sentences))


class EmbedderMeaning:
    """How texts compare in meaning, by an embedder of unit vectors, nothing embedded twice."""

    def __init__(self, embed: Callable[[Sequence[str]], Numbers]) -> None:
        self._embed = embed
        self._known: dict[str, Numbers] = {}

    def prepare(self, texts: Sequence[str]) -> None:
        """Embed all texts at once, which is faster than one by one."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._embed(new), strict=True))

    def __call__(self, sentences: Sequence[str]) -> Callable[[str], Numbers]:
        """Return the function from a text to its (n,) cosines with n sentences."""

        def cosines(text: str) -> Numbers:
            self.prepare([*sentences, text])
            rows = np.stack([self._known[sentence] for sentence in sentences])  # (n, d)
            return np.asarray(rows @ self._known[text], np.float32)

        return cosines


def default_meaning() -> EmbedderMeaning:
    """Return the meaning by the default embedder."""
    from digest.models import find_embedder, sha256_of
    from digest.ranking.embed import SentenceTransformerEmbedder

    folder = find_embedder(None)
    return EmbedderMeaning(SentenceTransformerEmbedder(folder, sha256_of(folder / "model.safetensors")).embed)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="dev")
    parser.add_argument("--half", default="", choices=["", "tune", "check"])
    parser.add_argument("--most", type=int, default=MOST)
    parser.add_argument("--no-meaning", action="store_true")
    parser.add_argument("--show", default="", help="print the wrongly judged cases of a kind, or `all`")
    options = parser.parse_args()
    meaning = None if options.no_meaning else default_meaning()
    table = evaluate(
        options.data / f"scitldr-{options.part}.jsonl", meaning=meaning, half=options.half, most=options.most
    )
    for judged in table.judged:
        if (
            options.show in ("all", judged.case.kind)
            and options.show
            and judged.case.honest == bool(judged.flags)
        ):
            print(judged.case.paper, judged.case.kind, judged.flags, judged.case.text, sep=" | ")
    print(table)


if __name__ == "__main__":
    main()
