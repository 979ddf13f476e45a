"""Mend the bytes of a feed where a strict XML parser would give up on all of it."""

from __future__ import annotations

import itertools
import re

_ILLEGAL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Terminal escapes go whole, here already: XML cannot carry what `clean_text` would know them by.
# None reaches into the next tag.
_ESCAPES = re.compile(
    rb"""\x1b (?: \[ [0-;=?]*+ [\x20-/]*+ [@-~]?
              | [\]PX^_] [^\n<\x07\x1b]*+ (?: \x07 | \x1b\\ )?
              | [\x20-%'-/]*+ [0-;=-~]? )""",
    re.VERBOSE,
)
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));")
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE)
# Marks of byte order, or a `<` and the next character as each would write them; the longest first.
_WIDE = (
    (re.compile(rb"\xff\xfe\x00\x00|\x00\x00\xfe\xff"), "utf-32"),
    (re.compile(rb"<\x00{3}.\x00{3}", re.DOTALL), "utf-32-le"),
    (re.compile(rb"\x00{3}<\x00{3}"), "utf-32-be"),
    (re.compile(rb"\xff\xfe|\xfe\xff"), "utf-16"),
    (re.compile(rb"<\x00.\x00", re.DOTALL), "utf-16-le"),
    (re.compile(rb"\x00<\x00"), "utf-16-be"),
)
_DECLARATION = re.compile(r"""^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*["']([^"'>]*)["']""", re.IGNORECASE)
# https://www.w3.org/TR/xml/#NT-Char
_LEGAL = ((9, 10, 13), range(0x20, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))
_FEWEST_TAGS = 50_000
_BYTES_A_TAG = 12  # arXiv's feeds have one in a hundred bytes
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


def mend(data: bytes) -> tuple[bytes, list[str]]:
    """Take out what XML forbids but feeds contain, and rescue UTF-8 with a few wrong bytes.

    Returns:
        The bytes, and what was wrong with them for readers to know.
    """
    data, problems = _narrow(data)
    data, more = _bounded(data)
    data, others = _mend(data)
    return data, problems + more + others


def _mend(data: bytes) -> tuple[bytes, list[str]]:
    data = _REFERENCE.sub(_legal_reference, data)
    data = _ILLEGAL_BYTES.sub(b"", _ESCAPES.sub(b"", data))
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        return data, []
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return data[: error.start], []  # cut inside a character; the XML is cut too, and that is told
    else:
        return data, []
    text = data.decode("utf-8", errors="replace")
    wrong = text.count("�") - data.count("�".encode())
    if wrong >= len(_MULTIBYTE.findall(data)):
        return data, []  # another encoding altogether: feedparser finds it
    return text.encode(), [f"{wrong} bytes are not valid UTF-8: shown as \N{REPLACEMENT CHARACTER}"]


def _narrow(data: bytes) -> tuple[bytes, list[str]]:
    """Return UTF-16 and UTF-32, which show themselves, and encodings by escapes, as UTF-8."""
    encoding = next((name for start, name in _WIDE if start.match(data)), "")
    if not encoding:
        declared = _DECLARED.match(data)
        if declared is None or not declared[1].lower().startswith(b"iso-2022-"):
            return data, []
        encoding = declared[1].decode("ascii")
    try:
        text = data.decode(encoding, errors="replace").rstrip("\N{REPLACEMENT CHARACTER}")
    except LookupError:  # a name that no codec has
        return data, []
    told = _DECLARATION.match(text)
    text = _DECLARATION.sub(r"\1", text, count=1).removeprefix("\ufeff")
    says_so = told is None or told[2].lower().replace("_", "-").startswith(encoding[:6])
    problems = [] if says_so else [f"the feed's encoding is not what it says: read as {encoding}"]
    return text.encode("utf-8", errors="replace"), problems


def _bounded(data: bytes) -> tuple[bytes, list[str]]:
    """Cut a feed where it has more tags than any feed of its length: each costs time, whatever it says."""
    most = max(_FEWEST_TAGS, len(data) // _BYTES_A_TAG)
    if data.count(b"<") <= most:
        return data, []
    end = next(itertools.islice(re.finditer(b"<", data), most, None)).start()
    return data[:end], [f"the feed has more than {most} tags: what comes after was not read"]


def _legal_reference(match: re.Match[bytes]) -> bytes:
    code = int(match[1], 16) if match[1] else int(match[2])
    if any(code in legal for legal in _LEGAL):
        return match[0]
    return bytes([code]) if code < ord(" ") else b""
