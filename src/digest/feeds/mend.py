"""Mend the bytes of a feed where a strict XML parser would give up on all of it."""

from __future__ import annotations

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
_UTF_16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00", b"<\x00", b"\x00<")
# https://www.w3.org/TR/xml/#NT-Char
_LEGAL = ((9, 10, 13), range(0x20, 0xD800), range(0xE000, 0xFFFE), range(0x10000, 0x110000))
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")


def mend(data: bytes) -> tuple[bytes, list[str]]:
    """Take out what XML forbids but feeds contain, and rescue UTF-8 with a few wrong bytes.

    Returns:
        The bytes, and what was wrong with them for readers to know.
    """
    if data.startswith(_UTF_16_OR_32):
        return data, []
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


def _legal_reference(match: re.Match[bytes]) -> bytes:
    code = int(match[1], 16) if match[1] else int(match[2])
    if any(code in legal for legal in _LEGAL):
        return match[0]
    return bytes([code]) if code < ord(" ") else b""
