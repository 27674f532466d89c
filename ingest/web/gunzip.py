"""Gzip undone within bounds, piece by piece: never more memory than the limit and one piece."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from io import BytesIO
from typing import Any

PIECE_BYTES = 1 << 16
MAX_RATIO = 200  # unpacked : packed; HTML of real sites stays under 30, deflate's own limit is 1,032
RATIO_FROM_BYTES = 1 << 20  # a small page may well be 1,000 times the same blank
MAX_MEMBERS = 10_000  # bgzip makes 800 of a sitemap of the largest size
GZIP_START = b"\x1f\x8b"
MEMBER_START = b"\x1f\x8b\x08"  # with the only method there is


class UndecodableError(ValueError):
    """A body that cannot or must not be unpacked; `reason` is a slug: too-large, bomb, truncated, bad-encoding."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def gunzip(body: bytes) -> Iterator[bytes]:
    """Yield the pieces of all members; what follows the last and is no member (zeros, a proxy's advert) is let go.

    Raises UndecodableError("bomb" or "truncated") and zlib.error.
    """
    at = 0
    for _ in range(MAX_MEMBERS):
        at = yield from inflate(zlib.decompressobj(zlib.MAX_WBITS | 16), body, at)
        if not body.startswith(MEMBER_START, at):
            return
    raise UndecodableError("bomb", f"over {MAX_MEMBERS:,} members")


def inflate(unpacker: Any, body: bytes, at: int) -> Generator[bytes, None, int]:
    """Yield what the stream that begins at a place unpacks to; return the place behind it.

    Fed in pieces: of what it is given, zlib copies the rest each time it stops, and after each of a million members.
    """
    packed = b""
    while not unpacker.eof:
        if not packed:
            packed = body[at : at + PIECE_BYTES]
            at += len(packed)
        piece = unpacker.decompress(packed, PIECE_BYTES)
        if not piece and not packed and not unpacker.eof:
            raise UndecodableError("truncated", "the stream ends early")
        packed = unpacker.unconsumed_tail
        yield piece
    return at - len(unpacker.unused_data)


def collect(out: BytesIO, pieces: Iterator[bytes], *, packed_bytes: int, max_bytes: int, cut: bool = False) -> None:
    """Write the pieces; with `cut` stop at the limit. Raises UndecodableError("too-large" or "bomb")."""
    for piece in pieces:
        out.write(piece)
        size = out.tell()
        if size > max_bytes:
            if cut:
                return
            raise UndecodableError("too-large", f"over {max_bytes:,} bytes, from {packed_bytes:,} sent")
        if size > RATIO_FROM_BYTES and size > MAX_RATIO * packed_bytes:
            raise UndecodableError("bomb", f"over {size:,} bytes from {packed_bytes:,} sent")
