"""Renderers: a `Digest` becomes a page. They know `digest.paper` and `digest.text` only."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from digest.text.clean import clean_text

if TYPE_CHECKING:
    from digest.paper import Digest


def cleaned(digest: Digest) -> Digest:
    """Return the digest with every text in it cleaned, whatever path it came by.

    File names, errors and model names reach a renderer past the cleaning of feeds; what is clean
    already stays as it is.
    """
    return cast("Digest", _cleaned(digest))


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - any value of a digest
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _cleaned(getattr(value, field.name)) for field in fields(value)})
    return value
