"""The role classifier: two stages, and numpy alone.

First a linear-chain conditional random field (Lafferty et al. 2001), log-linear in words and phrases: a
sentence's label is scored by its own features, by those of the sentences beside it, by its place, and by the
label before it. Then small networks with one hidden layer, which see what the first stage thinks of the
sentence and of three on each side, cue words all around, and the place. The mean of both is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digest.summarize.role_cues import cues, in_context, shifted
from digest.summarize.role_features import positions, sentence_features, tokenize

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

_SEEN = (0, -1, 1, -2, 2, -3, 3)  # whose labels the second stage sees
_LEAST = 1e-3  # probability, before its logarithm is taken
_LOG_SCALE = 0.5  # brings logarithms to the size of cues


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
        hidden: Of the s networks, (s, 1 + inputs, h) float32; the first row is the bias.
        output: Of the s networks, (s, 1 + h, k) float32; the first row is the bias.
        stress: By what each role's probability is multiplied, (k,) float32: rare roles are found too.
        function_words: The words that keep their form in shapes.
    """

    keys: npt.NDArray[np.uint32]
    weights: Floats
    place: Floats
    follows: Floats
    first: Floats
    hidden: Floats
    output: Floats
    stress: Floats
    function_words: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> RoleModel:
        """Read a file that `bench/train/roles.py` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(
                keys=file["keys"],
                weights=file["weights"].astype(np.float32) * file["scales"][:, None],
                function_words=frozenset(file["function_words"].tolist()),
                **{
                    name: file[name].astype(np.float32)
                    for name in ("place", "follows", "first", "hidden", "output", "stress")
                },
            )

    def probabilities(self, sentences: Sequence[str]) -> Floats:
        """Return each role's probability given the whole abstract, (n, k) float32, rows sum to 1."""
        if not sentences:
            return np.zeros((0, len(self.first)), np.float32)
        first = self.first_stage(sentences)
        inputs = second_stage_inputs(first, sentences)  # (n, inputs)
        both = (first + self._networks(inputs)) * self.stress
        return np.asarray(both / both.sum(axis=1, keepdims=True), np.float32)

    def first_stage(self, sentences: Sequence[str]) -> Floats:
        """Return the random field's marginals, (n, k) float32."""
        return marginals(self.scores(sentences), self.follows, self.first)

    def scores(self, sentences: Sequence[str]) -> Floats:
        """Return what features and place say of each sentence, (n, k) float32, the labels beside it aside."""
        scores = positions(len(sentences)) @ self.place
        for i, sentence in enumerate(sentences):
            own, before, after = self._votes(sentence)
            scores[i] += own
            if i + 1 < len(sentences):
                scores[i + 1] += before
            if i:
                scores[i - 1] += after
        return scores

    def _votes(self, sentence: str) -> Floats:
        """Return what a sentence says of itself, of the one after it and of the one before, (3, k)."""
        votes = np.zeros(self.weights.shape[1:], np.float32)
        for keys in sentence_features(tokenize(sentence), self.function_words).values():
            at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
            known = at[self.keys[at] == keys]
            votes += self.weights[known].sum(axis=0) / np.sqrt(max(1, len(keys)))
        return votes

    def _networks(self, inputs: Floats) -> Floats:
        """Return the mean of what the networks answer, (n, k) float32."""
        inner = np.maximum(inputs @ self.hidden[:, 1:] + self.hidden[:, :1], 0)  # (s, n, h)
        outer = inner @ self.output[:, 1:] + self.output[:, :1]  # (s, n, k)
        odds = np.exp(outer - outer.max(axis=2, keepdims=True))
        return np.asarray((odds / odds.sum(axis=2, keepdims=True)).mean(axis=0), np.float32)


def second_stage_inputs(first: Floats, sentences: Sequence[str]) -> Floats:
    """Return what the second stage sees of one abstract, (n, inputs) float32.

    Args:
        first: The first stage's probabilities, (n, k).
        sentences: The abstract.
    """
    logs = np.log(first + np.float32(_LEAST))
    logs = (logs - logs.mean(axis=1, keepdims=True)) * np.float32(_LOG_SCALE)
    around = [shifted(logs, by) for by in _SEEN]
    return np.hstack([*around, in_context(cues(sentences)), positions(len(sentences))])


def marginals(scores: Floats, follows: Floats, first: Floats) -> Floats:
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
