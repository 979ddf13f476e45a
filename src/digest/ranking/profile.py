"""What the reader is interested in, as vectors and words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.ranking.embed import embed_once
from digest.ranking.likes import Taste, taste_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from digest.ranking.embed import Embedder, VectorStore
    from digest.ranking.interests import Opinion, Topic


@dataclass(frozen=True, slots=True)
class Target:
    """One topic, ready to be compared with papers.

    Attributes:
        topic: As the reader told it.
        text: Its text and terms, as one query; empty when it has neither.
        text_vector: (1, d) float32, unit row; (0, d) without a text.
        example_vectors: (e, d) float32, unit rows.
    """

    topic: Topic
    text: str
    text_vector: npt.NDArray[np.float32]
    example_vectors: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is known of a reader.

    Attributes:
        embedder: Identity of what made the vectors.
        interests: Wanted.
        avoid: Not wanted.
        likes: Papers that the reader liked.
        dislikes: Papers that the reader did not like.
    """

    embedder: str
    interests: tuple[Target, ...]
    avoid: tuple[Target, ...]
    likes: Taste
    dislikes: Taste

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of what the reader wants."""
        return not self.interests and self.likes.is_empty


def build_profile(
    interests: Sequence[Topic],
    avoid: Sequence[Topic],
    opinions: Sequence[Opinion],
    embedder: Embedder,
    store: VectorStore,
    now: dt.datetime,
) -> Profile:
    """Embed what the reader told, each text once.

    Args:
        interests: Wanted.
        avoid: Not wanted.
        opinions: Of papers, in any order.
        embedder: Places the texts.
        store: Texts met before are not embedded again.
        now: UTC; opinions count less with age.
    """
    return Profile(
        embedder.identity,
        tuple(_target(topic, embedder, store) for topic in interests),
        tuple(_target(topic, embedder, store) for topic in avoid),
        taste_of(opinions, "like", embedder, store, now),
        taste_of(opinions, "dislike", embedder, store, now),
    )


def _target(topic: Topic, embedder: Embedder, store: VectorStore) -> Target:
    text = ". ".join(part for part in (topic.text, ", ".join(topic.terms)) if part)
    return Target(
        topic,
        text,
        embed_once(embedder, store, [text] if text else []),
        embed_once(embedder, store, [example.text for example in topic.examples]),
    )
