"""Say in a few words what is different in a new version of a text."""

from __future__ import annotations

import difflib

_MOST = 6  # changes that are told
_LONGEST = 12  # words of one change
_COMPARED = 500  # words of a text; comparing takes time by the square, and arXiv's abstracts have 300


def changes(old: str, new: str) -> str:
    """Return what was taken out and what was put in, word by word; empty when nothing was.

    For example `“82.1” → “84.0”; + “on two more corpora”; − “preliminary”`.
    """
    before, after = old.split()[:_COMPARED], new.split()[:_COMPARED]
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    told = [
        _change(before[i1:i2], after[j1:j2])
        for kind, i1, i2, j1, j2 in matcher.get_opcodes()
        if kind != "equal"
    ]
    if len(told) > _MOST:
        more = len(told) - _MOST
        told = [*told[:_MOST], f"{more} more change{'' if more == 1 else 's'}"]
    return "; ".join(told)


def _change(gone: list[str], come: list[str]) -> str:
    if gone and come:
        return f"{_quoted(gone)} → {_quoted(come)}"
    return f"+ {_quoted(come)}" if come else f"− {_quoted(gone)}"


def _quoted(words: list[str]) -> str:
    shown = words if len(words) <= _LONGEST else [*words[: _LONGEST - 2], "…", words[-1]]
    return f"“{' '.join(shown)}”"
