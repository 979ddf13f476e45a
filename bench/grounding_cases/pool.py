"""What other papers offer to faults: names and sentences."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from bench.facts import written_as_names
from bench.grounding_cases.papers import Paper, Written


class Pool:
    """What other papers offer: names and sentences."""

    def __init__(self, papers: Sequence[Paper], written: Sequence[Written]) -> None:
        self.names = sorted(
            {
                n
                for p in papers
                for s in p.sentences
                for n in written_as_names(s)
                if 2 < len(n) < 20 and n[0].isupper() and n != n.capitalize()
            }
        )
        self.papers = list(papers)
        self.written = list(written)


Plant = Callable[[str, Paper, random.Random, Pool], str | None]
"""Plants a fault into an honest text of a paper; None where it cannot."""
