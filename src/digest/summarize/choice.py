"""Whose words a reader sees in each field: the model's, where they are true and good, else the abstract's."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from digest.paper import Field, Status, Summary
from digest.summarize.extract import FIELD_ROLES, extract_field, extractive_summary
from digest.summarize.grounding import says_the_same
from digest.summarize.language_model import Failed, Skipped, Written
from digest.summarize.rank import is_better

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.paper import Paper, Sentence
    from digest.summarize.prompts import PromptTemplate

Preference = Literal["best", "model", "extract"]
"""Whose one sentence is shown when both are true: the better one's, the model's, the abstract's."""

OUT_OF_TIME = "the time budget ended before the model could summarize this paper"
SAYS_LESS = "the abstract's own sentence says it better"


@dataclass(slots=True)
class Draft:
    """A paper on its way to an outcome.

    Attributes:
        accepted: Fields that the model wrote and the checks let pass, by name.
        refused: Why the other ones did not, by name.
        result: How the model's first round ended; None when it was not asked.
    """

    paper: Paper
    sentences: Sequence[Sentence]
    accepted: dict[str, Field] = dataclasses.field(default_factory=dict)
    refused: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    result: Written | Skipped | Failed | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one paper: there is always a summary, and `status` says whose words it is."""

    summary: Summary
    status: Status
    error: str | None = None


def choose(draft: Draft, template: PromptTemplate, *, language: str, prefer: Preference) -> Outcome:
    """Choose the words of each field.

    Args:
        draft: With all that the model wrote of it.
        template: Says which fields there are.
        language: That was asked for.
        prefer: Whose one sentence is shown.
    """
    own = _own_fields(draft, template)
    if isinstance(draft.result, Skipped):
        return Outcome(Summary.of(own), "extracted", OUT_OF_TIME)
    if isinstance(draft.result, Failed):
        return Outcome(Summary.of(own), "failed", draft.result.error)
    if draft.result is None:  # no model, or no abstract: nothing was asked for
        return Outcome(Summary.of(own), "extracted")
    accepted = draft.accepted
    if "tldr" in accepted and not _shows_the_models(accepted["tldr"], own["tldr"], draft, language, prefer):
        accepted = {name: field for name, field in accepted.items() if name != "tldr"}
        draft.refused["tldr"] = (SAYS_LESS,)
    fields = {name: accepted.get(name) or _instead(name, own, draft, template) for name in own}
    if draft.result.left_out:
        note = f"the last {draft.result.left_out} sentences of the abstract did not fit the model's context"
        fields = {
            name: dataclasses.replace(field, flags=(*field.flags, note)) for name, field in fields.items()
        }
    return Outcome(Summary.of(fields), "summarized" if accepted else "extracted")


def _own_fields(draft: Draft, template: PromptTemplate) -> dict[str, Field]:
    """Return the abstract's own sentences for every field of the template."""
    fields = dict(extractive_summary(draft.sentences, draft.paper.title))
    for prompt in template.fields:
        if prompt.roles or prompt.cues or prompt.name not in fields:
            fields[prompt.name] = extract_field(draft.sentences, roles=prompt.roles, cues=prompt.cues)
    return fields


def _shows_the_models(written: Field, own: Field, draft: Draft, language: str, prefer: Preference) -> bool:
    """Say whether the model's one sentence is shown, and not the abstract's own."""
    if prefer != "best" or language != "en" or not own.text:
        # The ranker knows English; a reader of another language did not ask for the abstract's.
        return prefer != "extract" or not own.text
    return is_better(written.text, own.text, draft.paper.title, draft.sentences)


def _instead(name: str, own: dict[str, Field], draft: Draft, template: PromptTemplate) -> Field:
    """Return what the abstract itself says in place of a refused field, and why."""
    field = own[name]
    if any(says_the_same(field.text, other.text) for other in draft.accepted.values()):
        # The model has taken this sentence for another field: the next best says more.
        prompt = next(prompt for prompt in template.fields if prompt.name == name)
        used = {*field.evidence, *(i for other in own.values() for i in other.evidence)}
        roles = prompt.roles or FIELD_ROLES.get(name, ())
        other = extract_field(draft.sentences, roles=roles, cues=prompt.cues, exclude=used)
        field = other if other.text else field
    return dataclasses.replace(field, flags=(*draft.refused.get(name, ()), *field.flags))
