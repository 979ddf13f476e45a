"""Text as every Markdown reader shows it: nothing in it becomes markup."""

from __future__ import annotations

import re

from digest.text.clean import clean_text, safe_url

# What would be markup inside a line, for CommonMark, GitHub and Pandoc alike.
# An underscore inside a word (`F_1`) and a `<` before a space or a number are no markup in any of them.
_INLINE = re.compile(
    r"[\\`*\[\]$|~]|(?<![^\W_])_|_(?![^\W_])|<(?=[a-z/!?])|&(?=#?\w+;)|!(?=\[)"
    r"|:(?=[a-z0-9_+-]+:)"  # GitHub's emoji, `:smile:`
    r"|(?:^|(?<=\s))#(?=#*$)",  # the closing mark of a heading
    re.IGNORECASE,
)
# GitHub makes links of these by itself, also right behind a letter of another script, a digit or a
# bracket; a word joiner that nobody sees would be worse than an entity.
_AUTOLINK = re.compile(r"(?i)(www)\.|(https?|ftp|mailto|xmpp)\\?:|(?<=[\w.+-])@(?=\w)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
# What would be a block at the start of a line: headings, quotes, lists, rules.
_BLOCK = re.compile(r"^(?:[#>+=-]|\d+(?=[.)]))")


def escape(text: str) -> str:
    """Return `text` for a line of its own, so that every Markdown reader shows it as it is."""
    escaped = escape_inline(text)
    if block := _BLOCK.match(escaped):
        mark, rest = block[0], escaped[block.end() :]
        return f"{mark}\\{rest}" if mark.isdigit() else f"\\{mark}{rest}"
    return escaped


def escape_inline(text: str) -> str:
    """Return `text`, on one line, for a place in the middle of a line."""
    escaped = _INLINE.sub(lambda match: f"\\{match[0]}", clean_text(text))
    return _AUTOLINK.sub(_break_link, escaped)


def _break_link(match: re.Match[str]) -> str:
    if match[1]:
        return f"{match[1]}&#46;"
    return f"{match[2]}&#58;" if match[2] else "&#64;"


def link(text: str, url: str) -> str:
    """Return a link, or the bare text when there is no address that may stand here."""
    address = _ENTITY.sub("&amp;", safe_url(url))
    return f"[{escape_inline(text)}]({address})" if address else escape_inline(text)
