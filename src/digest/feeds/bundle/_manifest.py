"""What a bundle says of itself, and the rules that hold for it on both machines."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Annotated

import msgspec

from digest.feeds.read import LARGEST_FEED, is_url, without_login
from digest.feeds.response import KEPT_HEADERS
from digest.text.clean import LONGEST_URL, clean_text

VERSION = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 4 * 1024**2  # bytes
MOST_MEMBERS = 4096
MOST_FEED_BYTES = 512 * 1024**2
"""All feeds of a bundle together, decompressed; models and wheels are stored as they are."""
MODEL_SUFFIXES = frozenset({".gguf", ".safetensors", ".json", ".jinja", ".md", ".model", ".txt", ".vocab"})
"""Weights that cannot carry code, and what belongs to them."""

LONGEST_WORDS = 1000  # characters
_LONGEST_HEADER = 1000
_LONGEST_NAME = 100
_DEEPEST = 5
_YEARS = range(1970, 2200)
_FEED_NAME = re.compile(r"feeds/[0-9]{4}\.xml")
_WHEEL_NAME = re.compile(r"wheels/[A-Za-z0-9][A-Za-z0-9_.+!-]*\.whl")
_SEGMENT = re.compile(r"\w(?:[\w.+ ()@=,-]*[\w+()@=,-])?")

_Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Size = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
_Words = Annotated[str, msgspec.Meta(max_length=LONGEST_WORDS)]
_Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class _Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    name: str
    size: _Size
    sha256: _Sha256


class FeedMember(_Member, frozen=True, kw_only=True, tag="feed"):
    """A feed: all of a `FeedResponse` but its body."""

    url: str
    fetched_at: _Moment
    headers: dict[str, str] = {}
    problem: _Words = ""


class ModelMember(_Member, frozen=True, kw_only=True, tag="model"):
    """A file of a model: `models/FILE.gguf` or `models/MODEL/FILE`."""


class WheelMember(_Member, frozen=True, kw_only=True, tag="wheel"):
    """A Python wheel."""


Member = FeedMember | ModelMember | WheelMember


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A feed that could not be fetched, and why: words that go on behind its address."""

    url: str
    error: _Words


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first member of a bundle, which lists all others in their order.

    Attributes:
        version: Of the bundle's form.
        made_at: When it was written, UTC.
        program: Which wrote it, with its version.
        members: What it carries.
        failures: What it should carry and does not.
    """

    version: int
    made_at: _Moment
    program: _Words
    members: tuple[Member, ...]
    failures: tuple[Failure, ...] = ()


class _Version(msgspec.Struct):
    version: int


def encode(manifest: Manifest) -> bytes:
    """Return the manifest as JSON; the same bytes for the same content."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="deterministic"), indent=1) + b"\n"


def decode(data: bytes) -> Manifest:
    """Read a manifest and hold it to the rules.

    Raises:
        ValueError: It is none, or breaks one; the words say which.
    """
    try:
        version = msgspec.json.decode(data, type=_Version).version
        if version != VERSION:
            raise ValueError(f"it has version {version}, and this program reads version {VERSION}")
        manifest = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        words = clean_text(str(error))[:LONGEST_WORDS] or type(error).__name__
        raise ValueError(f"its manifest is damaged ({words})") from None
    check(manifest)
    return manifest


def check(manifest: Manifest) -> None:
    """Hold a manifest to the rules.

    Raises:
        ValueError: It breaks one; the words say which.
    """
    if len(manifest.members) > MOST_MEMBERS or len(manifest.failures) > MOST_MEMBERS:
        raise ValueError(f"it lists more than {MOST_MEMBERS} members")
    if sum(member.size for member in manifest.members if isinstance(member, FeedMember)) > MOST_FEED_BYTES:
        raise ValueError(f"its feeds are larger than {MOST_FEED_BYTES // 1024**2} MiB together")
    _check_moment(manifest.made_at)
    _check_words(manifest.program)
    for member in manifest.members:
        _check_name(member)
        if isinstance(member, FeedMember):
            _check_feed(member)
    for failure in manifest.failures:
        _check_url(failure.url)
        _check_words(failure.error)
    _check_unique([member.name for member in manifest.members])


def shown(text: str) -> str:
    """Return a stranger's text so that it can stand in a message."""
    cleaned = clean_text(text)
    return cleaned if len(cleaned) <= _LONGEST_NAME else f"{cleaned[:_LONGEST_NAME]}…"


def can_be_kept(name: str, value: str) -> bool:
    """Tell a header that a bundle carries from one that it leaves behind."""
    return name in KEPT_HEADERS and value.isprintable() and len(value) <= _LONGEST_HEADER


def _check_name(member: Member) -> None:
    name = member.name
    if isinstance(member, FeedMember):
        fits = bool(_FEED_NAME.fullmatch(name))
    elif isinstance(member, WheelMember):
        fits = bool(_WHEEL_NAME.fullmatch(name)) and len(name) <= 2 * _LONGEST_NAME
    else:
        folder, *segments = name.split("/")
        fits = folder == "models" and 1 <= len(segments) <= _DEEPEST and all(map(_is_segment, segments))
        if fits and not name.lower().endswith(tuple(MODEL_SUFFIXES)):
            raise ValueError(f"{shown(name)} is of a kind that no model of digest's is made of")
    if not fits:
        raise ValueError(f"{shown(name)!r} is not a name that a bundle gives")


def _is_segment(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and bool(_SEGMENT.fullmatch(text)) and clean_text(text) == text


def _check_feed(member: FeedMember) -> None:
    _check_url(member.url)
    _check_moment(member.fetched_at)
    _check_words(member.problem)
    if member.size > LARGEST_FEED:
        raise ValueError(f"{member.name} is larger than {LARGEST_FEED // 1024**2} MiB")
    for name, value in member.headers.items():
        if not can_be_kept(name, value):
            raise ValueError(f"{member.name} has a header that a bundle does not carry ({shown(name)})")


def _check_url(url: str) -> None:
    if len(url) > LONGEST_URL or not is_url(url) or clean_text(without_login(url)) != url:
        raise ValueError(f"{shown(url)!r} is not the address of a feed")


def _check_words(words: str) -> None:
    if clean_text(words) != words:
        raise ValueError(f"its manifest has words that hide something ({shown(words)})")


def _check_moment(moment: dt.datetime) -> None:
    if moment.utcoffset() != dt.timedelta(0):
        raise ValueError("its manifest has a time that is not in UTC")
    if moment.year not in _YEARS:  # calendars end, and a clock that was never set says 1970
        raise ValueError(f"its manifest has a time in the year {moment.year}")


def _check_unique(names: list[str]) -> None:
    """Refuse names that are one file to some file systems, and files that are folders of others."""
    folded = [unicodedata.normalize("NFC", name.casefold()) for name in names]
    files = set(folded)
    if len(files) < len(folded):
        twice = next(name for i, name in enumerate(folded) if name in folded[:i])
        raise ValueError(f"it lists {shown(twice)} twice")
    for name in folded:
        parts = name.split("/")
        if any("/".join(parts[:end]) in files for end in range(1, len(parts))):
            raise ValueError(f"{shown(name)} lies in a folder that is a file")
