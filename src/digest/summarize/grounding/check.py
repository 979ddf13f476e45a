"""Check one field that a model wrote: form, then facts, then meaning."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from digest.paper import Field
from digest.summarize.grounding.chinese import chinese_flags
from digest.summarize.grounding.claims import claim_flags
from digest.summarize.grounding.comparison import comparison_flags
from digest.summarize.grounding.direction import direction_flags
from digest.summarize.grounding.evidence import Evidence, find_evidence, text_stems
from digest.summarize.grounding.flags import BROKEN_OFF, CUT, LOOP, REPEATED, UNFINISHED, UNRELATED
from digest.summarize.grounding.form import ends_a_sentence, form_flags, full_sentences, tidy
from digest.summarize.grounding.language import code_of, is_latin, looks_english
from digest.summarize.grounding.names import name_flags
from digest.summarize.grounding.negation import negation_flags
from digest.summarize.grounding.numbers import number_flags
from digest.summarize.grounding.placement import placement_flags

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from digest.paper import Sentence

# Characters: a field has some hundred, an abstract some thousand. What is longer is not compared.
_LONGEST, _LONGEST_SENTENCE = 1500, 1500
_MOST_SENTENCES = 60
_LEAST_COVERAGE = 0.45
_LEAST_BOTH = 0.9


def ground(
    raw: str,
    *,
    title: str,
    sentences: Sequence[Sentence],
    language: str,
    label: str,
    cut: bool,
    repeats: bool = False,
    others: Sequence[str] = (),
    field: str = "",
    instructions: str = "",
    meaning: Callable[[str], npt.NDArray[np.float32]] | None = None,
) -> Field:
    """Clean and check one field that a model wrote.

    Args:
        raw: The model's words.
        title: Of the paper.
        sentences: Of the abstract, n of them.
        language: That was asked for: `en`, `zh`, or the English name of another.
        label: That stood before the field; a model sometimes repeats it.
        cut: The field ran into its budget: only its full sentences are kept.
        repeats: It was ended because it began as another field did, or came round to what it had said.
        others: Fields of the same summary that were accepted already.
        field: Which one was asked for, as in `Summary`; "" when it does not matter.
        instructions: What the model was told, without title and abstract: a model sometimes says it again.
        meaning: Gives a text's cosine similarity to each sentence, (n,); asked only where the text's language
            is the abstract's, for the default embedder knows English alone.

    Returns:
        A field with origin `model`; `grounded` is False when it must not be shown as it is.
    """
    text = tidy(raw, label)
    if cut:
        text = full_sentences(text)
    flags = form_flags(
        text[:_LONGEST],
        title=title,
        sentences=sentences,
        language=language,
        label=label,
        field=field,
        instructions=instructions,
        others=others,
    )
    body = text[:_LONGEST]
    source = " ".join((title, *(sentence.text for sentence in sentences)))
    flags += unsupported(body, source)
    flags += meaning_flags(body, title, tuple(sentence.text for sentence in sentences))
    if repeats and not {LOOP, REPEATED} & set(flags):
        flags.append(BROKEN_OFF)
    stems = tuple(_stems(sentence.text) for sentence in sentences)
    same_language = is_latin(body) and code_of(language) == "en"
    evidence = find_evidence(
        body,
        stems,
        _stems(title),
        # A field that has failed already is not worth an embedding.
        meaning(body) if meaning and same_language and sentences and not flags else None,
    )
    if not flags and same_language and not is_related(evidence):
        flags.append(UNRELATED)
    if cut and not ends_a_sentence(text):
        flags = [flag for flag in flags if flag != UNFINISHED] + [CUT]
    return Field(text, "model", evidence.sentences, grounded=not flags, flags=tuple(dict.fromkeys(flags)))


def unsupported(text: str, source: str) -> list[str]:
    """Return what a text states and its source lacks: numbers, names, links and claims, as flags.

    For any text that is shown, whoever wrote it; an empty list means that nothing was found.
    """
    return [*number_flags(text, source), *name_flags(text, source), *claim_flags(text, source)]


def meaning_flags(text: str, title: str, sentences: tuple[str, ...]) -> list[str]:
    """Return where a text turns round what its source says, as far as words show it."""
    sentences = tuple(sentence[:_LONGEST_SENTENCE] for sentence in sentences[:_MOST_SENTENCES])
    text = text[:_LONGEST]
    flags = comparison_flags(text, title, sentences)
    if is_latin(text) and looks_english(text):
        flags += negation_flags(text, sentences)
        flags += direction_flags(text, sentences)
    flags += placement_flags(text, sentences)
    if not is_latin(text):
        flags += chinese_flags(text, sentences, _stems(title).union(*map(_stems, sentences)))
    return flags


def is_related(evidence: Evidence) -> bool:
    """Say whether enough of a text stands in its source, by words and, where it is known, by meaning."""
    if evidence.meaning is None:
        return evidence.coverage >= _LEAST_COVERAGE
    return evidence.coverage + evidence.meaning >= _LEAST_BOTH


@functools.lru_cache(maxsize=1024)
def _stems(text: str) -> frozenset[str]:
    return text_stems(text)
