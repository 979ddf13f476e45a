"""What each sentence of an abstract does in it.

The classifier's weights were learned by `bench/train/roles.py` from CSAbstruct (Cohan et al. 2019); they are
told of in `weights/roles.md`.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from digest.paper import Role, Sentence
from digest.summarize.role_model import RoleModel
from digest.text.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

ROLES: tuple[Role, ...] = get_args(Role)
WEIGHTS = Path(__file__).parent / "weights" / "roles.npz"
_LINK = re.compile(r"\b(?:https?:\s?//|www\.)", re.IGNORECASE)
_OFFER = re.compile(
    r"""(?: (?:the|our|all|source|training|project|home|data|trained|pre-?trained)\s )*
        (?: codes? | software | implementations? | scripts? | checkpoints | weights | models | datasets?
          | benchmark | demo | videos? | page ) \b
        [^.;]{0,50}? \s (?:is|are|be|been)\ (?:made\ )?(?:\w+ly\ |now\ )*
        (?:available|released|open-?sourced)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_MOST_OFFER_WORDS = 15


@functools.cache
def role_model() -> RoleModel:
    """Return the model that ships."""
    return RoleModel.load(WEIGHTS)


def role_probabilities(sentences: Sequence[str]) -> Floats:
    """Return how probable each role is for each sentence of one abstract.

    Args:
        sentences: All of them, in order: neighbours and place count.

    Returns:
        (n, 5) float32 in the order of `ROLES`; rows sum to 1.
    """
    return role_model().probabilities(sentences)


def label_sentences(sentences: Sequence[str]) -> tuple[Role, ...]:
    """Return the role of each sentence of one abstract.

    A sentence that only says where code or data are is `other`, whatever it was taken for: annotators
    called it now `other`, now `result`, and it is no finding.
    """
    best = role_probabilities(sentences).argmax(axis=1)
    return tuple(
        "other" if _only_offers(sentence, ROLES[i]) else ROLES[i]
        for sentence, i in zip(sentences, best, strict=True)
    )


def _only_offers(sentence: str, role: Role) -> bool:
    """Tell whether a sentence says no more than where something can be had."""
    if role == "result" and _LINK.search(sentence):
        return True
    return len(sentence.split()) <= _MOST_OFFER_WORDS and _OFFER.match(sentence) is not None


def label_roles(abstract: str) -> tuple[Sentence, ...]:
    """Split an abstract and say what each sentence does in it."""
    texts = split_sentences(abstract)
    return tuple(Sentence(text, role) for text, role in zip(texts, label_sentences(texts), strict=True))
