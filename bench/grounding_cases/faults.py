"""Faults planted into honest texts, one each, by rule and seeded."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from bench.grounding_cases.claim_faults import CLAIM_PLANTS
from bench.grounding_cases.fact_faults import FACT_PLANTS, OTHER_NUMBER_PLANTS
from bench.grounding_cases.form_faults import FORM_PLANTS, wrong_language
from bench.grounding_cases.honest import compressed, reworded, third_person
from bench.grounding_cases.meaning_faults import MEANING_PLANTS
from bench.grounding_cases.papers import Case, Paper, Written, is_usable
from bench.grounding_cases.pool import Pool

PLANTS = {**FACT_PLANTS, **OTHER_NUMBER_PLANTS, **MEANING_PLANTS, **CLAIM_PLANTS, **FORM_PLANTS}
FACTS = tuple(FACT_PLANTS)


def fault_cases(papers: list[Paper], written: list[Written], rng: random.Random, most: int) -> Iterator[Case]:
    """Plant at most so many faults of each kind, each into a text of another paper."""
    pool = Pool(papers, written)
    by_id: dict[str, list[Written]] = {}
    for item in written:
        by_id.setdefault(item.paper, []).append(item)
    for kind, plant in PLANTS.items():
        count = 0
        # Papers with summaries by hand come first: into those half of the faults go.
        order = sorted(
            rng.sample(papers, len(papers)), key=lambda paper: paper.id not in by_id or rng.random() < 0.3
        )
        for paper in order:
            if count == most:
                break
            for text, language in _base_texts(paper, by_id.get(paper.id, []), rng):
                changed = plant(text, paper, rng, pool)
                if changed and changed != text:
                    yield Case(
                        paper.id, kind, changed, language, honest=False, cut=kind.endswith("engine says")
                    )
                    count += 1
                    break
    for paper in rng.sample(papers, min(most, len(papers))):
        texts = list(_base_texts(paper, by_id.get(paper.id, []), rng))
        if texts:
            yield wrong_language(texts[0][0], paper, rng)


def _base_texts(paper: Paper, written: list[Written], rng: random.Random) -> Iterator[tuple[str, str]]:
    """Yield honest texts of a paper in random order: by hand, compressed, reworded, seldom as they stand."""
    ways: tuple[Callable[[str], str], ...] = (
        compressed, lambda text: third_person(compressed(text)), lambda text: reworded(compressed(text)),
        lambda text: reworded(third_person(compressed(text))), str,
    )  # fmt: skip
    texts = [(rng.choice(ways)(sentence), "en") for sentence in paper.sentences if is_usable(sentence)]
    rng.shuffle(texts)
    hand = [(item.text, item.language) for item in rng.sample(written, len(written))]
    yield from (*hand, *texts) if rng.random() < 0.7 else (*texts, *hand)
