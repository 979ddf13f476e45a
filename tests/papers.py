"""Papers, profiles and scores for the referees of the ranking."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from digest.paper import AnnounceType, Paper
from digest.ranking.interests import Opinion, Topic, Verdict
from digest.ranking.profile import Profile, build_profile
from digest.ranking.score import Scores, score_by_interests
from fakes import FakeEmbedder, MemoryStore

if TYPE_CHECKING:
    from collections.abc import Sequence

Vectors = npt.NDArray[np.float32]

NOW = dt.datetime(2026, 2, 2, tzinfo=dt.UTC)
EMBEDDER = FakeEmbedder(256)
NONE = np.empty((0, 0), np.float32)

SUBJECTS = {
    "moths": "moth lamp wing night insect flight",
    "owls": "owl feather hunting forest mouse beak",
    "ships": "ship harbour anchor sail tide cargo",
    "bread": "bread dough oven yeast flour crust",
}


def paper(
    number: int,
    title: str = "",
    categories: tuple[str, ...] = ("cs.CL",),
    announce_type: AnnounceType = "new",
    abstract: str = "",
) -> Paper:
    day = dt.date(2026, 2, 2)
    ident = f"2600.{number:05}"
    return Paper(ident, 1, title, (), abstract, categories, day, announce_type, "", "", "")


def papers_about(subject: str, count: int, first: int = 1) -> list[Paper]:
    """Return papers that hold some words of a subject, and some of their own."""
    words = SUBJECTS[subject].split()
    return [
        paper(
            first + n,
            f"{words[n % 6]} {words[(n + 1) % 6]} {words[(n + 3) % 6]} alpha{first + n} beta{first + n}",
        )
        for n in range(count)
    ]


def day(count: int = 6) -> list[Paper]:
    """Return papers on all subjects."""
    groups = [papers_about(name, count, 1 + 100 * k) for k, name in enumerate(SUBJECTS)]
    return [each for group in groups for each in group]


def vectors_of(papers: Sequence[Paper]) -> Vectors:
    return EMBEDDER.embed([each.text for each in papers])


def opinion(about: Paper, verdict: Verdict = "like", days_ago: float = 0) -> Opinion:
    return Opinion(about.id, about.text, verdict, NOW - dt.timedelta(days=days_ago), about.title)


def profile(
    *interests: Topic | str, avoid: Sequence[Topic | str] = (), opinions: Sequence[Opinion] = ()
) -> Profile:
    wanted, unwanted = ([_topic(entry) for entry in entries] for entries in (interests, avoid))
    return build_profile(wanted, unwanted, opinions, EMBEDDER, MemoryStore(), NOW)


def score(papers: Sequence[Paper], reader: Profile, recent: Vectors = NONE) -> Scores:
    return score_by_interests(papers, vectors_of(papers), reader, recent)


def best(papers: Sequence[Paper], scores: Scores, count: int) -> set[str]:
    """Return the ids of the best."""
    order = np.argsort(-scores.raw, kind="stable")
    return {papers[i].id for i in order[:count]}


def _topic(entry: Topic | str) -> Topic:
    return Topic(entry, text=SUBJECTS.get(entry, entry)) if isinstance(entry, str) else entry
