"""An Atom feed of digests (RFC 4287): one entry a day, so that any feed reader can follow a folder."""

from __future__ import annotations

import datetime as dt
import html
import uuid
from typing import TYPE_CHECKING

from digest.export.page import page_html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.export.record import Page

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "local-digest")
_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def export_atom(pages: Sequence[Page]) -> str:
    """Return the feed, the latest day first; a day keeps its id when its digest is made again."""
    pages = sorted(pages, key=lambda page: page.date, reverse=True)
    updated = max((page.made for page in pages), default=_NEVER)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<feed xmlns="http://www.w3.org/2005/Atom">',
            f"<id>{_NAMESPACE.urn}</id>",
            "<title>Digests</title>",
            "<author><name>digest</name></author>",
            f"<updated>{_time(updated)}</updated>",
            *map(_entry, pages),
            "</feed>",
            "",
        ]
    )


def _entry(page: Page) -> str:
    day = dt.datetime.combine(page.date, dt.time(), dt.UTC)
    return "\n".join(
        [
            "<entry>",
            f"<id>{uuid.uuid5(_NAMESPACE, page.date.isoformat()).urn}</id>",
            f"<title>{html.escape(page.title)}</title>",
            f"<published>{_time(day)}</published>",
            f"<updated>{_time(page.made)}</updated>",
            f'<content type="html">{html.escape(page_html(page))}</content>',
            "</entry>",
        ]
    )


def _time(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
