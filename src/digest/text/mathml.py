r"""Formulas as MathML: converted by latex2mathml, then let through element by element.

The converter copies what it does not know into its output (`\href` makes a link of any scheme, `\style`
a style), so nothing of it is trusted: only known elements and attributes are written, all text escaped.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from digest.text.clean import clean_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST = 400
DEEPEST = 60

_NAMES = (
    "math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover "
    "mtable mtr mtd mstyle mpadded mphantom mmultiscripts mprescripts none"
)
_ELEMENTS = frozenset(_NAMES.split())
_ATTRIBUTES = {
    "accent": re.compile("true|false"),
    "columnalign": re.compile("(?:left|right|center| )+"),
    "display": re.compile("inline"),
    "displaystyle": re.compile("true|false"),
    "fence": re.compile("true|false"),
    "form": re.compile("prefix|infix|postfix"),
    "largeop": re.compile("true|false"),
    "linethickness": re.compile("0(?:px|em)?"),
    "lspace": re.compile(r"0|0?\.[0-9]+em"),
    "mathvariant": re.compile("normal|[a-z-]+"),
    "maxsize": re.compile(r"[0-9.]+em"),
    "minsize": re.compile(r"[0-9.]+em"),
    "movablelimits": re.compile("true|false"),
    "rspace": re.compile(r"0|0?\.[0-9]+em"),
    "scriptlevel": re.compile("[+-]?[0-3]"),
    "stretchy": re.compile("true|false"),
    "width": re.compile(r"-?[0-2]?\.?[0-9]{1,4}em"),
}
# A command that the converter does not know stands in its output by name.
_COMMAND_LEFT = re.compile(r"\\[a-zA-Z]")


def mathml(tex: str) -> str | None:
    """Return the formula `tex` (without its dollar signs) as a `<math>` element for an HTML page.

    Returns:
        None when it cannot be converted whole: then its readable text is the better one.
    """
    if not tex.strip() or len(tex) > LONGEST:
        return None
    from latex2mathml.converter import convert_to_element

    try:
        return _markup(convert_to_element(tex), tex, DEEPEST)
    except (Exception, RecursionError):  # noqa: BLE001 - hostile input, and every fault means the same
        return None


def _markup(element: Element, tex: str, depth: int) -> str:
    """Write a known element, its attributes and what is in it.

    Raises:
        ValueError: Something in it is not let through.
    """
    if element.tag not in _ELEMENTS or depth == 0:
        raise ValueError(element.tag)
    text = clean_text(html.unescape(element.text or ""))
    if _COMMAND_LEFT.search(text):
        raise ValueError(text)
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in _ATTRIBUTES and _ATTRIBUTES[name].fullmatch(value)
    )
    if element.tag == "math":
        attributes += f' alttext="{html.escape(tex)}"'
    inner = html.escape(text) + "".join(_markup(child, tex, depth - 1) for child in element)
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"
