"""Titles and abstracts in parts for the page: text, formulas, and the sentences of an abstract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.text.latex import Piece, pieces
from digest.text.mathml import mathml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from digest.paper import Sentence


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text.

    Attributes:
        text: Readable.
        tex: Where it is a formula, its source.
        math: The formula as MathML, where it could be converted.
    """

    text: str
    tex: str = ""
    math: Markup | None = None


def parts(text: str, source: str) -> list[Part]:
    """Cut a text into plain parts and formulas."""
    return [_part(piece) for piece in pieces(source, text)]


def sentence_parts(
    text: str, source: str, sentences: Sequence[Sentence]
) -> list[tuple[int | None, list[Part]]]:
    """Cut an abstract into its sentences, and these into parts.

    Returns:
        For each stretch of the abstract the number of its sentence, counted from 0; None between them.
    """
    spans: list[tuple[int | None, int, int]] = []
    end = 0
    for number, sentence in enumerate(sentences):
        start = text.find(sentence.text, end) if sentence.text else -1
        if start < 0:
            continue
        spans += [(None, end, start), (number, start, start + len(sentence.text))]
        end = start + len(sentence.text)
    spans.append((None, end, len(text)))
    cut = pieces(source, text)
    return [(number, _between(cut, start, stop)) for number, start, stop in spans if start < stop]


def _between(cut: Sequence[Piece], start: int, stop: int) -> list[Part]:
    """Return what stands from `start` to `stop`; a formula that a border divides is only text there."""
    found = []
    at = 0
    for piece in cut:
        low, high = max(start, at), min(stop, at + len(piece.text))
        if low < high:
            whole = high - low == len(piece.text)
            found.append(_part(piece if whole else Piece(piece.text[low - at : high - at])))
        at += len(piece.text)
    return found


def _part(piece: Piece) -> Part:
    if not piece.tex:
        return Part(piece.text)
    from markupsafe import Markup

    made = mathml(piece.tex)
    return Part(piece.text, piece.tex, Markup(made) if made else None)  # noqa: S704 - made of known elements
