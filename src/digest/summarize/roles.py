"""What each sentence of an abstract does in it: a small linear-chain conditional random field.

The field (Lafferty et al. 2001) is log-linear: a sentence's label is scored by its own features, by those of
the sentences beside it, by its place, and by the label before it. Its weights were learned by
`bench/train/roles.py` from CSAbstruct (Cohan et al. 2019) and are told of in `weights/roles.md`. Only numpy
is needed to use them.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from digest.paper import Role, Sentence
from digest.summarize.role_features import positions, sentence_features, tokenize
from digest.text.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

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


@dataclass(frozen=True, slots=True)
class RoleModel:
    """The learned numbers; k is the number of roles.

    Attributes:
        keys: The known features, (m,) uint32, ascending.
        weights: What each adds to each role, (m, 3, k) float32: as the sentence's own feature, as one of
            the sentence before it, and of the one after.
        place: What the numbers of `positions` add, (POSITIONS, k) float32.
        follows: What a role adds to the next sentence's role, (k, k) float32.
        first: What each role of the first sentence adds, (k,) float32.
        function_words: The words that keep their form in shapes.
    """

    keys: npt.NDArray[np.uint32]
    weights: Floats
    place: Floats
    follows: Floats
    first: Floats
    function_words: frozenset[str]

    def probabilities(self, sentences: Sequence[str]) -> Floats:
        """Return each role's probability given the whole abstract, (n, k) float32."""
        if not sentences:
            return np.zeros((0, len(ROLES)), np.float32)
        scores = positions(len(sentences)) @ self.place  # (n, k)
        for i, sentence in enumerate(sentences):
            own, before, after = self._votes(sentence)
            scores[i] += own
            if i + 1 < len(sentences):
                scores[i + 1] += before
            if i:
                scores[i - 1] += after
        return _marginals(scores, self.follows, self.first)

    def _votes(self, sentence: str) -> Floats:
        """Return what a sentence says of itself, of the one after it and of the one before, (3, k)."""
        votes = np.zeros(self.weights.shape[1:], np.float32)
        for keys in sentence_features(tokenize(sentence), self.function_words).values():
            at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            known = at[self.keys[at] == keys]
            votes += self.weights[known].sum(axis=0) / np.sqrt(max(1, len(keys)))
        return votes


def _marginals(scores: Floats, follows: Floats, first: Floats) -> Floats:
    """Return the probabilities of the labels at each place, (n, k), by the forward-backward algorithm."""
    forth, back = scores.copy(), np.zeros_like(scores)
    forth[0] += first
    for i in range(1, len(scores)):
        forth[i] += np.logaddexp.reduce(forth[i - 1][:, None] + follows, axis=0)
    for i in range(len(scores) - 2, -1, -1):
        back[i] = np.logaddexp.reduce(follows + (scores[i + 1] + back[i + 1]), axis=1)
    both = forth + back
    odds = np.exp(both - both.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)


@functools.cache
def role_model() -> RoleModel:
    """Return the model that ships."""
    with np.load(WEIGHTS, allow_pickle=False) as file:
        weights = file["weights"].astype(np.float32) * file["scales"][:, None]
        return RoleModel(
            keys=file["keys"],
            weights=weights,
            place=file["place"],
            follows=file["follows"],
            first=file["first"],
            function_words=frozenset(file["function_words"].tolist()),
        )


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
