"""Make hostile text safe: no terminal escapes, no invisible characters, no markup, no odd links."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from urllib.parse import quote, urlsplit

LONGEST_URL = 2048

# ECMA-48 sequences, whole, with 7-bit introducers; one without its end is taken to the end of its line.
# The 8-bit forms are what UTF-8 quotation marks become when read as Latin-1, so these must look
# like a sequence: a lone one is removed, and the words behind it stay.
_ESCAPE_SEQUENCE = re.compile(
    r"""
      (?: \x1b\[ | \x9b ) [0-?]*+ [\ -/]*+ [@-~]?                                     # CSI
    | (?: \x1b[\]PX^_] | \x9d(?=[0-9]++;) ) [^\n\x07\x18\x1a\x1b\x9c]*+
      (?: \x07 | \x1b\\ | \x9c )?  # OSC, DCS
    | [\x90\x98\x9d-\x9f] [^\n\x07\x18\x1a\x1b\x80-\x9f]*+ (?: \x1b\\ | \x9c )        # 8-bit, ended
    | \x1b [\ -/]*+ [0-~]?                                                            # the short ones
    """,
    re.VERBOSE,
)
_IGNORED_BY_TERMINALS = re.compile(r"[\x00\x7f]")
_NOT_PLAIN = re.compile(r"[^ -~]")

# Control, format (bidi, zero width, tags), surrogate, private use. Unassigned code points stay: they
# may have been assigned since this Python was built.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co"})
_COMBINING_GRAPHEME_JOINER = 0x034F
_VARIATION_SELECTORS_SUPPLEMENT = range(0xE0100, 0xE01F0)
_ARABIC_NONCHARACTERS = range(0xFDD0, 0xFDF0)


@functools.lru_cache(maxsize=4096)
def _safe_character(character: str) -> str:
    if character.isspace():
        return " "
    code = ord(character)
    invisible = (
        unicodedata.category(character) in _DROPPED_CATEGORIES
        or code == _COMBINING_GRAPHEME_JOINER
        or code in _VARIATION_SELECTORS_SUPPLEMENT
        or code in _ARABIC_NONCHARACTERS
        or code & 0xFFFE == 0xFFFE  # noqa: PLR2004 - the last two of every plane are noncharacters
    )
    return "" if invisible else character


def clean_text(text: str) -> str:
    """Return `text` as one line of visible characters, in NFC, with single spaces.

    Terminal escape sequences go as a whole; so do control, format (bidirectional, zero width),
    surrogate, private-use and noncharacters. `clean_text(clean_text(t)) == clean_text(t)`.
    """
    if not (text.isascii() and text.isprintable()):
        text = _ESCAPE_SEQUENCE.sub("", _IGNORED_BY_TERMINALS.sub("", text))
        text = _NOT_PLAIN.sub(lambda match: _safe_character(match[0]), text)
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


_INLINE = (
    "a abbr acronym annotation b bdi bdo big cite code data del dfn em font i ins kbd label mark "
    "math mfrac mi mn mo mover mrow ms mspace msqrt mstyle msub msubsup msup mtext munder q ruby s samp "
    "semantics small span strike strong sub sup time tt u var wbr italic bold"
)
_BLOCK = (
    "address article aside audio blockquote body br button canvas caption center col colgroup dd "
    "details div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 "
    "h6 head header hr html iframe img input legend li link main map meta nav noscript object ol "
    "option p param picture pre section select source summary svg table tbody td template textarea "
    "tfoot th thead title tr track ul video sec"
)
_NAMES = "|".join(sorted([*_INLINE.split(), *_BLOCK.split()], key=len, reverse=True))
_BLOCK_NAMES = frozenset(_BLOCK.split())
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(
    rf"""</?(?:jats:|mml:)?(?P<name>{_NAMES})
        (?: \s+ [a-z_:@][\w:.-]*
            (?: \s*=\s* (?: "[^"<>]{{0,2000}}" | '[^'<>]{{0,2000}}' | [^\s"'<>=]{{1,2000}} ) )? ){{0,50}}
        \s* /? >""",
    re.VERBOSE | re.IGNORECASE,
)


def strip_markup(text: str) -> str:
    """Return the text of an HTML fragment.

    Only elements of HTML (and of JATS and MathML, as publishers use them) count as markup, so
    "p < 0.05", "x<y and z>w" and "<unk>" stay. Entities are decoded once, after the tags are gone:
    what then looks like a tag was written as text, stays text, and is escaped again by renderers.
    """
    if "<" in text or "]]>" in text:
        text = _HIDDEN.sub(" ", text)
        text = _TAG.sub(lambda match: " " if match["name"].lower() in _BLOCK_NAMES else "", text)
    return html.unescape(text) if "&" in text else text


_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", re.IGNORECASE
)
_URL_SAFE = "%/:?#@!$&*+,;=~-._"


def safe_url(url: str) -> str:
    """Return an http(s) `url` that can stand in any output, or an empty string.

    Whatever could end a link early (spaces, quotes, brackets, control and invisible characters) is
    percent-encoded. A user name before the host only serves to deceive: such a URL is refused.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return ""
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return ""
    rest = url.partition("://")[2]
    end = re.search(r"[/?#]", rest)
    tail = quote(rest[end.start() :], safe=_URL_SAFE, errors="ignore") if end else ""
    safe = f"{scheme}://{host}{tail}"
    return safe if len(safe) <= LONGEST_URL else ""
