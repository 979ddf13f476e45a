"""The pylatexenc converter, set up once for titles and abstracts."""

from __future__ import annotations

import contextlib
import functools
import logging
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMAND_WITH_ARGUMENT = re.compile(r"\\(?!begin|end)([a-zA-Z]+)(?=\{[^{}])")
_ABBREVIATIONS = {"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "etc": "etc.", "wrt": "w.r.t.", "vs": "vs."}
_NOTHING = (
    "cite citep citet citealp citealt citeauthor citeyear parencite textcite ref eqref cref Cref autoref "
    "label footnotemark thanks vspace hspace phantom includegraphics"
)
_SWITCHES = (
    "em it bf tt sf sc rm itshape bfseries ttfamily sffamily scshape upshape normalfont tiny scriptsize "
    "footnotesize small normalsize large Large LARGE huge Huge displaystyle textstyle scriptstyle "
    "centering noindent protect xspace left right big Big bigg Bigg bigl bigr Bigl Bigr limits nolimits"
)
_TRANSPARENT = (
    "textbf textit emph texttt textsc textsf textrm textup textnormal textmd text mbox hbox underline "
    "mathrm mathbf mathit mathsf mathtt mathcal mathscr mathnormal boldsymbol bm pmb operatorname ensuremath "
    "mathop uppercase url path nolinkurl overline mathfrak"
)
_CHARACTERS = {
    "textless": "<",
    "textgreater": ">",
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textbar": "|",
    "textunderscore": "_",
}
_SPACES = {",": " ", ";": " ", ":": " ", "!": "", " ": " ", "quad": " ", "qquad": " ", "/": "", "-": ""}


@functools.cache
def _converter() -> tuple[Callable[[str], Any], Any]:  # noqa: C901 - many small writers, one context
    """Make the parser and the writer; pylatexenc is imported here, when the first TeX is met."""
    from pylatexenc import latex2text, latexwalker, macrospec

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)

    def argument(node: Any, index: int, writer: Any) -> str:  # noqa: ANN401 - pylatexenc has no types
        arguments = node.nodeargd.argnlist if node.nodeargd else ()
        if not -len(arguments) <= index < len(arguments) or arguments[index] is None:
            return ""
        return str(writer.nodelist_to_text([arguments[index]])).strip()

    def operand(node: Any, index: int, writer: Any) -> str:  # noqa: ANN401
        text = argument(node, index, writer)
        return text if text.replace(".", "").isalnum() else f"({text})"

    def fraction(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
        return f"{operand(node, 0, l2tobj)}/{operand(node, 1, l2tobj)}"

    def root(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
        return f"√{operand(node, -1, l2tobj)}"

    def last(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
        return argument(node, -1, l2tobj)

    def modulus(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
        return f"(mod {argument(node, 0, l2tobj)})"

    def in_brackets(node: Any, l2tobj: Any) -> str:  # noqa: ANN401
        text = argument(node, -1, l2tobj)
        return f" ({text})" if text else ""

    def own_name(node: Any) -> str:  # noqa: ANN401
        # An author's private command: its name is mostly the name of the method.
        name = str(node.macroname)
        return _ABBREVIATIONS.get(name, name) + str(node.macro_post_space)

    signatures = {
        **dict.fromkeys(_TRANSPARENT.split(), "{"),
        **dict.fromkeys(_NOTHING.split(), "*[[{"),
        **dict.fromkeys(_SWITCHES.split(), ""),
        **dict.fromkeys(("frac", "dfrac", "tfrac", "nicefrac", "sfrac"), "{{"),
        **dict.fromkeys(("href", "textcolor", "colorbox"), "{{"),
        "footnote": "[{",
        "color": "{",
        "sqrt": "[{",
        "pmod": "{",
        **dict.fromkeys(_ABBREVIATIONS, ""),
    }
    text: dict[str, Any] = {
        **dict.fromkeys(_TRANSPARENT.split(), last),
        **dict.fromkeys((*_NOTHING.split(), *_SWITCHES.split(), "color"), ""),
        **dict.fromkeys(("frac", "dfrac", "tfrac", "nicefrac", "sfrac"), fraction),
        **dict.fromkeys(("href", "textcolor", "colorbox"), last),
        "footnote": in_brackets,
        "sqrt": root,
        "pmod": modulus,
        "sim": "~",
        **_CHARACTERS,
        **dict.fromkeys(_ABBREVIATIONS, own_name),
        **_SPACES,
    }
    parsing = latexwalker.get_default_latex_context_db().filter_context(
        exclude_categories=["nonascii-specials", "latex-ethuebung", "theorems", "enumitem", "verbatim"]
    )
    parsing.add_context_category(
        "digest", macros=[macrospec.std_macro(name, spec) for name, spec in signatures.items()], prepend=True
    )
    writing = latex2text.get_default_latex_context_db().filter_context(
        exclude_categories=["nonascii-specials", "latex-ethuebung", "nonstandard-qit", "latex-placeholders"]
    )
    writing.add_context_category(
        "digest",
        macros=[latex2text.MacroTextSpec(name, simplify_repl=repl) for name, repl in text.items()],
        prepend=True,
    )
    writing.set_unknown_macro_spec(latex2text.MacroTextSpec("", simplify_repl=own_name))
    writer = latex2text.LatexNodes2Text(latex_context=writing, math_mode="text", keep_comments=True)

    unknown = writing.get_macro_spec("")

    def without_unknown(match: re.Match[str]) -> str:
        name = match[1]
        known = writing.get_macro_spec(name) is not unknown or parsing.get_macro_spec(name) is not None
        return match[0] if known else ""

    def parse(tex: str) -> Any:  # noqa: ANN401
        tex = _COMMAND_WITH_ARGUMENT.sub(without_unknown, tex)
        walker = latexwalker.LatexWalker(tex, latex_context=parsing, tolerant_parsing=True)
        return walker.get_latex_nodes()[0]

    return parse, writer


@functools.lru_cache(maxsize=4096)
def convert(tex: str) -> str | None:
    """Return TeX as text, or None when pylatexenc cannot read it."""
    parse, writer = _converter()
    # A parser of someone else's language, fed with strangers' text: whatever goes wrong there, the
    # source is still readable.
    with contextlib.suppress(Exception):
        return str(writer.nodelist_to_text(parse(tex)))
    return None
