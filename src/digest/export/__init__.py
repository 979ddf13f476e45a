"""Papers and digests for other programs, one module a format; they know `paper` and `text` only.

What names papers takes `Record`s, what shows days takes `Page`s. Texts are written as they are, escaped for
the format alone.
"""

from digest.export.record import Page, Record, make_page, make_record

__all__ = ["Page", "Record", "make_page", "make_record"]
