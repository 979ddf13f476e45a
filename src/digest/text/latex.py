"""Make TeX in titles and abstracts readable, and leave everything else alone.

Abstracts are not TeX documents: a `%` is a percent sign, a `$` may be money, `~` may mean "about".
So what is TeX is decided here, everything else is escaped, and only then pylatexenc reads it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from digest.text.latex_converter import convert

LONGEST = 40_000
DEEPEST = 20

_MARKS = range(0xE000, 0xF8FF)
_MARK = re.compile("[\ue000-\uf8fe]")
_MAYBE_TEX = re.compile(r"[\\$`{]|''|[^\s-]--|\s--\s|\S~\S")
_ONLY_COMMANDS = re.compile(r"[\\${]")
_MATH = re.compile(
    r"""(?<!\\)(?:
        \$\$(?P<display>[^$]{1,500})\$\$
      | \$(?P<inline>(?:[^$\\]|\\.){1,500}?)\$
      | \\\((?P<round>.{1,500}?)\\\)
      | \\\[(?P<square>.{1,500}?)\\\]
    )""",
    re.VERBOSE | re.DOTALL,
)
_PAIRED_QUOTES = re.compile(r"``([^`\"]*?)''")
_HALF_PAIRED_QUOTES = re.compile(r"``([^`\"]*?)\"")
_SINGLE_QUOTES = re.compile(r"(?<![\w`])`([^`'\n]{1,200})'(?!['\w])")
_EM_DASH = re.compile(r"(?<![-!<])---(?![->])")
_EN_DASH = re.compile(r"(?<=[\w.)\]}$%”’\ue000-\uf8fe])--(?=[\w(\[{$\\“‘\ue000-\uf8fe])|(?<=\s)--(?=\s)")
_TIE = re.compile(r"(?<=[\w.,:;)\]}$%”’\ue000-\uf8fe])~+(?=[\w(\[$\\{“‘\ue000-\uf8fe])")
_PLAIN_TILDE = re.compile(r"\d~\d|(?:^|[\s(])[a-z]~[\d.]|/~")
_WORD_GROUP = re.compile(r"\{([\w.:/+\ue000-\uf8fe-]*)\}")
_SPECIAL = re.compile(r"(?<!\\)((?:\\\\)*)([%&#])")
_COMMAND_BEFORE_LETTER = re.compile(r"(\\[a-zA-Z]+)(?=[^\W\d_a-zA-Z])")
_OPERATOR = re.compile(r"(?<=\S) ?([→←↔⇒⇐⇔↦∈∉⊂⊆≤≥≠≈≡≪≫×·±∓]) ?(?=\S)")
_SPACE_BEFORE_MARK = re.compile(r"\s+([,.;:!?)])")


class Piece(NamedTuple):
    """Readable text; a formula has its TeX beside it, without the dollar signs."""

    text: str
    tex: str = ""


def readable(tex: str) -> str:
    """Return `tex` as plain Unicode text on one line; text without TeX comes back unchanged.

    Formulas are written on the line: `$10^{-3}$` is 10^-3, `$n^{1/6}$` is n^(1/6). Citations and labels
    go, links keep their words, an unknown command keeps its name. Never raises.
    """
    if not _MAYBE_TEX.search(tex):
        return tex
    return " ".join("".join(piece.text for piece in _pieces(tex)).split())


def pieces(tex: str, shown: str) -> list[Piece]:
    """Cut `shown`, which is the readable text of `tex`, into text and formulas.

    Returns:
        Pieces whose texts together are `shown`; only one where the two do not belong together.
    """
    found = _pieces(" ".join(tex.split())) if _MAYBE_TEX.search(tex) else []
    found = [piece for piece in found if piece.text]
    return found if "".join(piece.text for piece in found) == shown else [Piece(shown)]


def _pieces(tex: str) -> list[Piece]:
    text, formulas = _set_formulas_aside(_MARK.sub("", tex[:LONGEST]))
    text = _convert_text(_typography(text))
    found, end = [], 0
    for mark in _MARK.finditer(text):
        inside = formulas[ord(mark[0]) - _MARKS.start]
        found += [Piece(text[end : mark.start()]), Piece(_convert_math(inside), inside)]
        end = mark.end()
    return [*found, Piece(text[end:] + tex[LONGEST:])]


def _set_formulas_aside(text: str) -> tuple[str, list[str]]:
    """Put a private-use mark in the place of every formula: quotations and commands may span it."""
    pieces: list[str] = []
    formulas: list[str] = []
    end = 0
    for start, stop, inside in _formulas(text)[: len(_MARKS)]:
        pieces += [text[end:start], chr(_MARKS[len(formulas)])]
        formulas.append(inside)
        end = stop
    pieces.append(text[end:])
    return "".join(pieces), formulas


def _typography(text: str) -> str:
    """Turn quotes, dashes and ties into their characters."""
    text = _HALF_PAIRED_QUOTES.sub(r"“\1”", _PAIRED_QUOTES.sub(r"“\1”", text)).replace("``", "“")
    text = _SINGLE_QUOTES.sub(r"‘\1’", text)
    text = _EN_DASH.sub("–", _EM_DASH.sub("—", text))
    return _TIE.sub(lambda match: _tie(match, text), text.replace("~/~", " / "))


def _tie(match: re.Match[str], text: str) -> str:
    start, stop = match.span()
    return match[0] if _PLAIN_TILDE.search(text, max(0, start - 2), stop + 1) else " "


def _formulas(text: str) -> list[tuple[int, int, str]]:
    """Find what is mathematics: start, end, and what stands inside."""
    found, position = [], 0
    while match := _MATH.search(text, position):
        inside = match[match.lastgroup or 0]
        if match.lastgroup == "inline" and not _is_formula(inside, text[match.end() : match.end() + 1]):
            position = match.start() + 1  # a lone dollar sign: the next one may open a formula
            continue
        found.append((match.start(), match.end(), inside))
        position = match.end()
    return found


def _is_formula(inside: str, following: str) -> bool:
    """Tell a formula from the text between two prices (pandoc's rule, with TeX commands trumping it)."""
    if re.search(r"[\\^_{]", inside):
        return True
    if inside[0].isspace() or inside[-1].isspace():
        return not re.search(r"\w{2}", inside)
    return not following.isdigit() or not re.search(r"\w", inside)


def _convert_text(text: str) -> str:
    if not _ONLY_COMMANDS.search(text):
        return text
    leading, trailing = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    escaped = _SPECIAL.sub(r"\1\\\2", re.sub(r"(?<!\\)\$", r"\\$", _escape_braces(text)))
    plain = convert(escaped)
    if plain is None:
        return text
    return leading + _SPACE_BEFORE_MARK.sub(r"\1", plain).strip() + trailing


def _convert_math(inside: str) -> str:
    inside = _COMMAND_BEFORE_LETTER.sub(r"\1 ", inside)
    escaped = _SPECIAL.sub(r"\1\\\2", _balance(_scripts(inside, DEEPEST))).replace("~", " ").strip()
    # Only between dollar signs does pylatexenc keep the spaces around an operator.
    plain = convert(f"${escaped}$")
    if plain is None:
        return inside
    plain = _OPERATOR.sub(_even_spaces, " ".join(plain.split()).replace("^∘", "°"))
    return plain.replace("⟨ ", "⟨").replace(" ⟩", "⟩")


def _even_spaces(match: re.Match[str]) -> str:
    return f" {match[1]} " if match[0] != match[1] else match[0]


def _group_end(text: str, start: int) -> int:
    """Return the index behind the group that opens at `start`, or -1."""
    depth = 0
    for index in range(start, len(text)):
        if index and text[index - 1] == "\\":
            continue
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return index + 1
    return -1


def _scripts(math: str, depth: int) -> str:
    """Write `^{...}` and `_{...}` without braces: parenthesized when they are more than one thing."""
    match = re.search(r"[_^]\s*\{", math)
    if match is None or depth == 0:
        return math
    end = _group_end(math, match.end() - 1)
    if end < 0:
        return math
    inside = _scripts(math[match.end() : end - 1].strip(), depth - 1)
    bare = re.sub(r"\\(?:mathrm|text|mathbf|mathit|mathsf|mathtt|textrm|rm|bf)\b\s*|[{}]", "", inside)
    single = re.fullmatch(
        r"[+-]?\d+(?:\.\d+)?|[+-]?\w|\w[\w.,]*|[+*'-]+|[+-]?\\[a-zA-Z]+|\([^()]*\)", bare.strip()
    )
    script = f"{math[match.start()]}{{{inside}}}" if single else f"{math[match.start()]}({inside})"
    return math[: match.start()] + script + _scripts(math[end:], depth)


def _balance(text: str) -> str:
    """Drop the braces that have no partner, and all of them when they are nested too deep."""
    open_at: list[int] = []
    lonely: list[int] = []
    deepest = 0
    for match in re.finditer(r"\\.|[{}]", text, re.DOTALL):
        if match[0] == "{":
            open_at.append(match.start())
            deepest = max(deepest, len(open_at))
        elif match[0] == "}":
            if open_at:
                open_at.pop()
            else:
                lonely.append(match.start())
    if deepest > DEEPEST:
        return re.sub(r"(?<!\\)[{}]", "", text)
    gone = {*lonely, *open_at}
    return "".join(char for index, char in enumerate(text) if index not in gone) if gone else text


def _escape_braces(text: str) -> str:
    """Keep braces that group for TeX; escape those that an author wrote for readers, as in "{a, b}"."""
    escaped: list[str] = []
    opened: list[tuple[int, bool]] = []
    after_command = False
    deepest = 0
    for match in re.finditer(r"\\[a-zA-Z]+\*?\s*|\\.|\s+|.", text, re.DOTALL):
        piece = match[0]
        if piece == "{":
            rest = text[match.end() : match.end() + 80]
            is_tex = after_command or rest.startswith("\\") or bool(_WORD_GROUP.match("{" + rest))
            opened.append((len(escaped), is_tex))
            deepest = max(deepest, len(opened))
            escaped.append("{" if is_tex else r"\{")
            after_command = False
        elif piece == "}":
            is_tex = opened.pop()[1] if opened else False
            escaped.append("}" if is_tex else r"\}")
            after_command = is_tex
        else:
            escaped.append(piece)
            after_command = piece.startswith("\\") or (after_command and piece in "[]")
    if deepest > DEEPEST:
        return re.sub(r"(?<!\\)[{}]", "", text)
    for index, is_tex in opened:
        escaped[index] = "" if is_tex else r"\{"
    return "".join(escaped)
