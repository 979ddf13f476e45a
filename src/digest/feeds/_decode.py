"""Decompress what a server sends, never further than a limit: a bomb costs its fuse, not the memory."""

from __future__ import annotations

import importlib.util
import zlib
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 256 * 1024  # bytes decompressed at once
_ALLOWED = 1024 * 1024  # bytes that may come out of any input
_RATIO = 200  # of a feed's size to its compressed size; XML reaches 20, a gzip bomb 1000


class DecodingError(Exception):
    """What was sent cannot be, or must not be, decompressed; `passing` when another try may do better."""

    def __init__(self, words: str, *, passing: bool = False) -> None:
        super().__init__(words)
        self.passing = passing


class Decoder(Protocol):
    """Decompress one body, piece by piece."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield what `data` holds, in pieces of bounded size."""
        ...

    def finish(self) -> None:
        """Say that no more data comes.

        Raises:
            DecodingError: It is cut off.
        """
        ...


def accepted_encodings() -> str:
    """Return what to ask for: gzip, and brotli where a library that can be bounded is installed."""
    return "gzip, deflate, br" if _brotli() is not None else "gzip, deflate"


def decoder_for(encoding: str) -> Decoder:
    """Return a decoder for a `Content-Encoding`.

    Raises:
        DecodingError: It is unknown.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "x-gzip"):
        return _Zlib(16 + zlib.MAX_WBITS)
    if name == "deflate":
        return _Deflate()
    if name == "br" and (brotli := _brotli()) is not None:
        return _Brotli(brotli)
    raise DecodingError(f"is compressed in a way that is not known ({name[:40]})")


class BoundedBody:
    """Collect a body within limits.

    Args:
        encoding: The `Content-Encoding`.
        largest: Bytes after decompression.
    """

    def __init__(self, encoding: str, largest: int) -> None:
        self._decoder = decoder_for(encoding)
        self._largest = largest
        self._received = 0
        self._body = bytearray()

    def add(self, data: bytes) -> None:
        """Take what was received.

        Raises:
            DecodingError: It is too large, a bomb, or not what it says.
        """
        self._received += len(data)
        for piece in self._decoder.pieces(data):
            self._body += piece
            size = len(self._body)
            if size > self._largest:
                raise DecodingError(f"is larger than {self._largest / 1024**2:.0f} MiB")
            if size > _ALLOWED and size > _RATIO * self._received:
                raise DecodingError(f"grows more than {_RATIO} times when decompressed")

    def finish(self) -> bytes:
        """Return the whole body.

        Raises:
            DecodingError: It is cut off.
        """
        self._decoder.finish()
        return bytes(self._body)


class _Plain:
    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        pass


class _Zlib:
    def __init__(self, window_bits: int) -> None:
        self._bits = window_bits
        self._stream = zlib.decompressobj(window_bits)

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:
                if self._bits <= zlib.MAX_WBITS or not data.startswith(b"\x1f\x8b"):
                    return  # what follows the end is padding
                self._stream = zlib.decompressobj(self._bits)  # a gzip file may have several members
            piece = self._decompress(data)
            yield piece
            data = self._stream.unconsumed_tail
            while not data and len(piece) == _PIECE:  # all was taken in, and not all came out
                piece = self._decompress(b"")
                yield piece
            data = data or self._stream.unused_data

    def _decompress(self, data: bytes) -> bytes:
        try:
            return self._stream.decompress(data, _PIECE)
        except zlib.error:
            raise DecodingError("is not compressed as it says", passing=True) from None

    def finish(self) -> None:
        if not self._stream.eof:
            raise DecodingError("was cut off", passing=True)


class _Deflate:
    """RFC 9110 means zlib's format; some servers send the bare stream."""

    def __init__(self) -> None:
        self._inner: _Zlib | None = None

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._inner is None and data:
            has_header = data[0] & 0x0F == zlib.DEFLATED
            self._inner = _Zlib(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
        if self._inner is not None:
            yield from self._inner.pieces(data)

    def finish(self) -> None:
        if self._inner is not None:
            self._inner.finish()


class _Brotli:
    def __init__(self, brotli: Any) -> None:  # noqa: ANN401 - brotli has no types
        self._stream = brotli.Decompressor()
        self._error: type[Exception] = brotli.error

    def pieces(self, data: bytes) -> Iterator[bytes]:
        try:
            piece = self._stream.process(data, output_buffer_limit=_PIECE)
            while piece or not self._stream.can_accept_more_data():
                yield piece
                is_over = self._stream.is_finished()
                piece = b"" if is_over else self._stream.process(b"", output_buffer_limit=_PIECE)
        except self._error:
            raise DecodingError("is not compressed as it says", passing=True) from None

    def finish(self) -> None:
        if not self._stream.is_finished():
            raise DecodingError("was cut off", passing=True)


def _brotli() -> Any:  # noqa: ANN401 - brotli has no types
    """Return the module if it is there and can stop at a limit, as it can since 1.2."""
    if importlib.util.find_spec("brotli") is None:
        return None
    import brotli

    return brotli if hasattr(brotli.Decompressor, "can_accept_more_data") else None
