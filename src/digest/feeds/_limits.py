"""What one feed may cost."""

from __future__ import annotations

from dataclasses import dataclass

from digest.feeds.read import LARGEST_FEED


@dataclass(frozen=True, slots=True)
class Limits:
    """What one feed may cost.

    Attributes:
        largest: Bytes of a body, after decompression.
        connect_s: Seconds for a connection.
        read_s: Seconds without a single byte.
        total_s: Seconds for a feed with all its redirects; another try begins anew.
        redirects: How many are followed.
    """

    largest: int = LARGEST_FEED
    connect_s: float = 10.0
    read_s: float = 30.0
    total_s: float = 120.0
    redirects: int = 5
