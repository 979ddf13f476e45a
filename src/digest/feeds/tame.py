"""Keep feedparser's work proportional to a feed's length: two of its lists are searched for every entry."""

from __future__ import annotations

import functools
from typing import Any

# More than any feed has; each further one would be compared with all before.
MOST_TAGS = 500
MOST_NAMESPACES = 200


@functools.cache
def tame() -> None:
    """Bound what one entry's categories and one feed's namespaces may cost; once for this process.

    A feedparser without these methods is left as it is: it is then slower on hostile feeds, not wrong.
    """
    from feedparser import mixin

    parser: Any = getattr(mixin, "_FeedParserMixin", None)
    add_tag = getattr(parser, "_add_tag", None)
    track_namespace = getattr(parser, "track_namespace", None)

    def add_few_tags(self: Any, *tag: object) -> None:  # noqa: ANN401 - feedparser has no types
        if add_tag and len(self._get_context().get("tags") or ()) < MOST_TAGS:
            add_tag(self, *tag)

    def track_few_namespaces(self: Any, *namespace: object) -> None:  # noqa: ANN401
        if track_namespace and len(self.namespaces_in_use) < MOST_NAMESPACES:
            track_namespace(self, *namespace)

    if add_tag:
        parser._add_tag = add_few_tags  # noqa: SLF001 - there is no other way to it
    if track_namespace:
        parser.track_namespace = track_few_namespaces
