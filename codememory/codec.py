"""Payloads on disk: small ones as they are, large ones compressed."""

from __future__ import annotations

from codememory import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

RAW = 0
ZLIB = 1

COMPRESS_BYTES_MIN = 400
"""Below this, compression saved less than 20% on real transcripts and its import is not worth paying."""

ZLIB_LEVEL = 1
"""Level 6 took 1.5 times as long and made a store of real transcripts 2% smaller, measured."""


_compress: Callable[[bytes], bytes] | None = None


def compress_with(compress: Callable[[bytes], bytes]) -> None:
    """Have another implementation of the same format do the work, where much is to be packed at once."""
    global _compress
    _compress = compress


def packed(text: str) -> tuple[int, bytes]:
    """Return (codec, payload) for a text, lone surrogates included."""
    return packed_bytes(wire.to_bytes(text))


def packed_bytes(data: bytes) -> tuple[int, bytes]:
    """Return (codec, payload) for a text that is encoded already."""
    if len(data) < COMPRESS_BYTES_MIN:
        return RAW, data
    if _compress is not None:
        small = _compress(data)
    else:
        import zlib

        small = zlib.compress(data, ZLIB_LEVEL)
    return (ZLIB, small) if len(small) < len(data) else (RAW, data)


def unpacked(codec: int, payload: bytes) -> str:
    """Return the text of a payload.

    Raises:
        ValueError: The codec is of a later version, or the payload is damaged.

    """
    return wire.from_bytes(unpacked_bytes(codec, payload))


def unpacked_bytes(codec: int, payload: bytes) -> bytes:
    """Return the encoded text of a payload.

    Raises:
        ValueError: The codec is of a later version, or the payload is damaged.

    """
    if codec == RAW:
        return payload
    if codec == ZLIB:
        import zlib

        try:
            return zlib.decompress(payload)
        except zlib.error as error:
            raise ValueError(f"damaged payload: {error}") from error
    raise ValueError(f"unknown codec {codec}")
