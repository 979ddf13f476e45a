"""Topics out of what the config says: examples found in the archive, libraries read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from digest.arxiv_id import ArxivId
from digest.errors import LibraryError
from digest.interest_config import ExamplePaper, is_file_name
from digest.library import read_library
from digest.library.reference import Reference, fold, make_reference
from digest.ranking.interests import Example, Topic
from digest.text.clean import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from digest.interest_config import Interest
    from digest.library import Group
    from digest.paper import Paper

    Lookup = Callable[[str], Paper | None]
    Warn = Callable[[str], None]

_LONGEST_NAME = 200


def build_topics(interests: Sequence[Interest], lookup: Lookup, warn: Warn) -> tuple[Topic, ...]:
    """Turn interests, or avoidances, into topics.

    One interest is one topic, with all its examples: scoring looks for the nearest of them, so that
    two subjects in one library stay two. Where a library is divided by its owner, into Zotero's
    collections, each part is a topic of its own, `Interest: Collection`, with the interest's weight.

    Args:
        interests: From the config.
        lookup: Returns a paper of the archive by its id.
        warn: Is told of what is missing or cannot be read; the rest is used.
    """
    topics: list[Topic] = []
    for interest in interests:
        topics += _topics(interest, lookup, warn)
    return tuple(topics)


def canonical_id(text: str) -> str:
    """Return the id as the archive has it: `arXiv:2602.02475v2` and its addresses are `2602.02475`."""
    arxiv = ArxivId.parse(text)
    return arxiv.id if arxiv else text.strip()


def _topics(interest: Interest, lookup: Lookup, warn: Warn) -> list[Topic]:
    name = clean_text(interest.label)[:_LONGEST_NAME]
    own = _examples(interest, name, lookup, warn)
    categories = dict.fromkeys(category.strip() for category in interest.categories)
    parts: list[Group] = []
    for path in (Path(path) for path in interest.library):
        try:
            found = read_library(path, interest.collections)
        except LibraryError as error:
            warn(f"interest {name!r}: {error}")
            continue
        for problem in found.problems:
            warn(f"interest {name!r}: {problem}")
        categories.update(dict.fromkeys(found.categories))
        parts += found.groups
    divided = [part for part in parts if part.name] if len(parts) > 1 else []
    for part in parts:
        if part not in divided:
            own += part.references
    whole = Topic(
        name=name,
        weight=interest.weight,
        text=clean_text(interest.text),
        examples=_known(fold(own), lookup),
        terms=tuple(dict.fromkeys(term for raw in interest.terms if (term := clean_text(raw)))),
        categories=tuple(category for category in categories if category),
    )
    topics = [
        Topic(
            name=f"{name}: {clean_text(part.name)}"[:_LONGEST_NAME],
            weight=interest.weight,
            examples=_known(part.references, lookup),
        )
        for part in divided
    ]
    if whole.text or whole.examples or whole.terms or whole.categories:
        return [whole, *topics]
    if not topics:
        warn(f"interest {name!r} is left out: nothing of it could be read")
    return topics


def _examples(interest: Interest, name: str, lookup: Lookup, warn: Warn) -> list[Reference]:
    found: list[Reference] = []
    for example in interest.examples:
        if isinstance(example, ExamplePaper):
            if reference := make_reference("", example.title, example.abstract):
                found.append(reference)
            else:
                warn(f"interest {name!r}: an example has no title: left out")
        elif is_file_name(example):
            try:
                read = read_library(Path(example))
            except LibraryError as error:
                warn(f"interest {name!r}: {error}")
                continue
            found += [reference for group in read.groups for reference in group.references]
        elif paper := lookup(canonical_id(example)):
            found.append(Reference(paper.id, paper.title, paper.abstract))
        else:
            warn(
                f"interest {name!r}: the archive has no paper {clean_text(example)!r}: left out;"
                " give its title and abstract instead"
            )
    return found


def _known(references: Iterable[Reference], lookup: Lookup) -> tuple[Example, ...]:
    """Prefer the archive's text of a paper to the library's: it has an abstract, and is embedded already."""
    examples = []
    for reference in references:
        paper = lookup(reference.key) if ArxivId.parse(reference.key) else None
        examples.append(Example(reference.key, paper.text if paper else reference.text))
    return tuple(examples)
