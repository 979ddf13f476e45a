"""The reader's own papers and notes: BibTeX, RIS, CSL-JSON, Zotero, OPML, and folders of text."""

from digest.library.read import read_library
from digest.library.reference import Group, Imported, Reference

__all__ = ["Group", "Imported", "Reference", "read_library"]
