"""The courier bundle: feeds as received, and what reads them, in one file to carry to a machine apart.

A bundle is a zip, so that any machine can open it before digest is on it: `manifest.json`, then
`feeds/NNNN.xml`, `models/…` and `wheels/…` as the manifest lists them with size and sha256. digest
itself reads it strictly, and refuses all that it would not have written.

The sums show damage and tampering with parts. They are no signature: that the whole is the one that was
made, its own sha256 shows, carried another way.
"""

from digest.feeds.bundle._manifest import (
    MODEL_SUFFIXES,
    Failure,
    FeedMember,
    Manifest,
    Member,
    ModelMember,
    WheelMember,
)
from digest.feeds.bundle._reader import Bundle, carried_feeds, find_bundles, read_bundle, read_bundles
from digest.feeds.bundle._writer import CarriedFile, write_bundle

__all__ = [
    "MODEL_SUFFIXES",
    "Bundle",
    "CarriedFile",
    "Failure",
    "FeedMember",
    "Manifest",
    "Member",
    "ModelMember",
    "WheelMember",
    "carried_feeds",
    "find_bundles",
    "read_bundle",
    "read_bundles",
    "write_bundle",
]
