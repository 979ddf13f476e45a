"""The preview in the terminal: a ranked table, then a card for each paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from digest.render import cleaned
from digest.render.labels import (
    Labels,
    fields_of,
    labels_for,
    names,
    plural,
    reason,
    remarks,
    report_title,
    who_wrote,
)
from digest.text.clean import safe_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, RenderableType

    from digest.paper import Digest, Field, ScoredPaper

_WIDE = 110
_NARROW = 56
_GOOD, _FAIR = 70, 45
_NO_INTERESTS = (
    "No interests are set, so papers are ranked by how well they fit their category: "
    "add --interest TEXT, or [[interests]] to the config."
)
_ASCII = str.maketrans(
    {"·": "|", "—": "-", "–": "-", "−": "-", "→": "->", "‘": "'", "’": "'", "“": '"', "”": '"', "：": ":"}
)
_WORDY_FEEDS = ("stale", "quiet", "holiday", "failed")


def render_preview(digest: Digest, console: Console, *, cards: int | None = None) -> None:
    """Print the digest; sane at any width, in any encoding, without colour, and when piped.

    Args:
        digest: What to print.
        console: Where to.
        cards: How many of the best papers get a card; None for all of them.
    """
    digest = cleaned(digest)
    print_sanely(console, lambda: _render(digest, console, cards))


def print_sanely(console: Console, draw: Callable[[], None]) -> None:
    """Print what `draw` prints to the console, in any encoding, and without padding when it is piped."""
    if console.is_terminal and _is_unicode(console):
        draw()
        return
    with console.capture() as capture:
        draw()
    text = capture.get()
    if not _is_unicode(console):
        # Print what can be shown: the digest was made, and one letter must not lose it.
        text = text.translate(_ASCII).encode(console.encoding, "replace").decode(console.encoding)
    # What is piped goes on to other programs: no padding to the width of a terminal.
    console.file.write("".join(f"{line.rstrip()}\n" for line in text.split("\n")[:-1]))


def _render(digest: Digest, console: Console, cards: int | None) -> None:
    labels = labels_for(digest.language)
    read = labels.read.format(count=digest.considered, papers=plural(digest.considered, "paper"))
    title = f"{report_title(digest, labels)} | {digest.date.isoformat()}"
    console.print(Text.assemble((title, "bold"), (f" · {read}", "dim")))
    console.print(Text(who_wrote(digest, labels), style="dim"))
    if digest.scored_by == "category" and digest.papers:
        console.print(Text(_NO_INTERESTS, style="dim"))
    console.print()
    if digest.papers:
        console.print(_table(digest, console))
        for entry in digest.papers[:cards]:
            console.print()
            console.print(_card(digest, entry, labels, console))
    else:
        console.print(labels.nothing)
    console.print()
    for feed in digest.feeds:
        if feed.error or feed.note or feed.status in _WORDY_FEEDS or not feed.papers:
            parts = [f"{feed.source}: {feed.status}", plural(feed.papers, "paper"), feed.error, feed.note]
            console.print(Text(" · ".join(part for part in parts if part), style="yellow"))
    for note in digest.notes:
        console.print(Text(note, style="yellow"))


def _table(digest: Digest, console: Console) -> Table:
    style = box.SIMPLE_HEAD if _draws(console) else box.ASCII2
    table = Table(box=style, pad_edge=False, padding=(0, 1), header_style="bold", width=console.width)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Title", ratio=3, overflow="fold")
    if console.width >= _NARROW:
        table.add_column("Category", no_wrap=True)
    if console.width >= _WIDE:
        table.add_column("Keywords", ratio=2, overflow="fold")
    for entry in digest.papers:
        cells: list[RenderableType] = [str(entry.rank), score_text(entry.score), Text(entry.paper.title)]
        if console.width >= _NARROW:
            cells.append(Text(entry.paper.primary_category))
        if console.width >= _WIDE:
            cells.append(Text(", ".join(keyword.text for keyword in entry.keywords[:4]), style="dim"))
        table.add_row(*cells)
    return table


def score_text(score: int) -> Text:
    """Return a score in its colour."""
    return Text(str(score), style="bold green" if score >= _GOOD else "yellow" if score >= _FAIR else "dim")


def _card(digest: Digest, entry: ScoredPaper, labels: Labels, console: Console) -> RenderableType:
    paper = entry.paper
    rule = ("─" if _draws(console) else "-") * console.width
    head = Text.assemble(
        (f"{entry.rank}. ", "bold"),
        (paper.title, Style(bold=True, link=safe_url(paper.url) or None)),
    )
    about = [names(entry, labels), ", ".join(paper.categories), paper.published.isoformat()]
    lines: list[RenderableType] = [
        Text(" · ".join(part for part in about if part), style="dim"),
        Text.assemble(
            f"{labels.score}{labels.colon}",
            score_text(entry.score),
            (f" · {reason(digest, entry, labels)}", "dim"),
        ),
    ]
    if entry.changes:
        lines.append(Text.assemble((f"{labels.changed}{labels.colon}", "bold"), entry.changes))
    if entry.status == "failed":
        lines.append(Text(labels.failed.format(error=entry.error or "?"), style="red"))
    if not paper.abstract:
        lines.append(Text(labels.no_abstract, style="yellow"))
    if entry.summary and paper.abstract:
        lines.append(Text())
        for label, field in fields_of(digest, entry.summary):
            lines.append(_field(digest, label, field, labels))
    if entry.keywords:
        words = ", ".join(keyword.text for keyword in entry.keywords)
        lines += [Text(), Text.assemble((f"{labels.keywords}{labels.colon}", "bold"), words)]
    if paper.url:
        lines.append(Text(paper.url, style="blue", overflow="fold"))
    return Group(Text(rule, style="dim"), head, Padding(Group(*lines), (0, 0, 0, 3)))


def _field(digest: Digest, label: str, field: Field, labels: Labels) -> Text:
    text = Text.assemble((f"{label}{labels.colon}", "bold"))
    if not field.text:
        return text.append(f"— ({labels.no_sentence})", style="dim")
    said = "; ".join(remarks(digest, field, labels))
    text.append(field.text, style="italic" if said else "")
    if said:
        text.append(f" ({said})", style="dim" if field.grounded else "yellow")
    return text


def _draws(console: Console) -> bool:
    """Whether lines may be drawn with more than ASCII."""
    return _is_unicode(console) and not console.is_dumb_terminal


def _is_unicode(console: Console) -> bool:
    return console.encoding.lower().startswith("utf")
