"""Check what a model wrote against the abstract it came from, before anyone sees it.

A field that fails is replaced by the abstract's own words, and says why. Each module looks for one kind of
fault: `form`, `numbers`, `names`, `claims`, `negation`, `direction`, `comparison`, `placement`, `chinese`;
`evidence` finds the sentences that carry a text, and `check` puts all of it together.
"""

from __future__ import annotations

from digest.summarize.grounding.check import ground, is_related, meaning_flags, unsupported
from digest.summarize.grounding.flags import (
    BROKEN_OFF,
    COPIED,
    CUT,
    EMPTY,
    GARBLED,
    HEADLINE,
    LINK,
    LOOP,
    PARROT,
    REPEATED,
    TITLE,
    TOO_LONG,
    TOO_SHORT,
    UNFINISHED,
    UNRELATED,
    WRONG_LANGUAGE,
)
from digest.summarize.grounding.form import loops, says_the_same, tidy, without_thoughts

__all__ = [
    "BROKEN_OFF",
    "COPIED",
    "CUT",
    "EMPTY",
    "GARBLED",
    "HEADLINE",
    "LINK",
    "LOOP",
    "PARROT",
    "REPEATED",
    "TITLE",
    "TOO_LONG",
    "TOO_SHORT",
    "UNFINISHED",
    "UNRELATED",
    "WRONG_LANGUAGE",
    "ground",
    "is_related",
    "loops",
    "meaning_flags",
    "says_the_same",
    "tidy",
    "unsupported",
    "without_thoughts",
]
