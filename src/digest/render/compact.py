"""One line a paper, for a glance or for `grep`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from digest.render import cleaned
from digest.render.terminal import print_sanely, score_text
from digest.text.clean import safe_url

if TYPE_CHECKING:
    from rich.console import Console

    from digest.paper import Digest


def render_compact(digest: Digest, console: Console) -> None:
    """Print score, id and title of each paper; cut to the width of a terminal, whole when piped."""
    digest = cleaned(digest)
    longest = max((len(entry.paper.id) for entry in digest.papers), default=0)

    def draw() -> None:
        for entry in digest.papers:
            score = score_text(entry.score)
            score.align("right", 3)
            title = Text(entry.paper.title, style=Style(link=safe_url(entry.paper.url) or None))
            line = Text.assemble(score, f"  {entry.paper.id:{longest}}  ", title)
            if console.is_terminal:
                console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
            else:
                console.print(line, soft_wrap=True)

    print_sanely(console, draw)
