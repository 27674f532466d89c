"""Content-Encoding undone within bounds: pure, piece by piece, never more memory than the limit and one piece."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Generator, Iterator, Sequence
from io import BytesIO
from typing import Any

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE_BYTES = 1 << 16
MAX_RATIO = 200  # decoded : sent; HTML of real sites stays under 30, deflate's own limit is 1,032
RATIO_FROM_BYTES = 1 << 20  # a small page may well be 1,000 times the same blank
MAX_LAYERS = 3
MAX_MEMBERS = 10_000  # of gzip, frames of zstd; bgzip makes 800 of a sitemap of the largest size
ZSTD_WINDOW_LOG = 23  # 8 MiB, the most a server may use (RFC 9659)
GZIP_MAGIC = b"\x1f\x8b\x08"
GZIP = frozenset({"gzip", "x-gzip"})
NOTHING = frozenset({"", "identity", "none"})
UNREADABLE = frozenset({"compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"})


class UndecodableError(ValueError):
    """A body that cannot or must not be unpacked; `reason` is a slug."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def decode(body: bytes, encodings: Sequence[str], *, max_bytes: int, cut: bool = False) -> bytes:
    """Return the body as it was before it was packed; `encodings` in the order of the Content-Encoding header.

    A body that begins as gzip in spite of its headers (a sitemap.xml.gz) is unpacked too. With `cut` the first
    `max_bytes` are returned where the limit would refuse. Names no browser knows are passed over, as browsers do.
    Raises UndecodableError: too-large, bomb, truncated, bad-encoding.
    """
    layers = [name for name in (encoding.strip().lower() for encoding in encodings) if name not in NOTHING]
    if len(layers) > MAX_LAYERS:
        raise UndecodableError("bomb", f"{len(layers)} layers of encoding")
    sent = len(body)
    for name in reversed(layers):
        body = _unpack(body, name, sent, max_bytes, cut=cut)
    for _ in range(MAX_LAYERS - len(layers)):
        if not body.startswith(GZIP_MAGIC):
            break
        body = _unpack(body, "gzip", sent, max_bytes, cut=cut)
    if len(body) <= max_bytes:
        return body
    if cut:
        return body[:max_bytes]
    raise UndecodableError("too-large", f"{len(body):,} bytes, the limit is {max_bytes:,}")


def _unpack(body: bytes, name: str, sent: int, max_bytes: int, *, cut: bool) -> bytes:
    pieces = _pieces(body, name)
    if pieces is None or not body:
        return body
    with BytesIO() as out:  # gives its bytes without a second copy, and them back when an error keeps this frame alive
        try:
            _fill(out, pieces, sent, max_bytes, cut=cut)
        except (zlib.error, brotli.error, zstd.ZstdError, EOFError) as error:
            raise UndecodableError("bad-encoding", f"{name}: {error}") from error
        return out.getvalue()


def _fill(out: BytesIO, pieces: Iterator[bytes], sent: int, max_bytes: int, *, cut: bool) -> None:
    for piece in pieces:
        out.write(piece)
        size = out.tell()
        if size > max_bytes:
            if cut:
                return
            raise UndecodableError("too-large", f"over {max_bytes:,} bytes, from {sent:,} sent")
        if size > RATIO_FROM_BYTES and size > MAX_RATIO * sent:
            raise UndecodableError("bomb", f"over {size:,} bytes from {sent:,} sent")


def _pieces(body: bytes, name: str) -> Iterator[bytes] | None:
    if name in GZIP:
        return _gzip(body) if body.startswith(b"\x1f\x8b") else None  # plain bytes under a wrong name
    if name == "deflate":
        return _deflate(body)
    if name == "br":
        return _brotli(body)
    if name == "zstd":
        return _zstd(body)
    if name in UNREADABLE:
        raise UndecodableError("bad-encoding", f"{name} is not read")
    return None


def _gzip(body: bytes) -> Iterator[bytes]:
    """Yield the pieces of all members; what follows the last and is no member (zeros, a proxy's advert) is let go."""
    at = 0
    for _ in range(MAX_MEMBERS):
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        at = yield from _inflate(unpacker, body, at)
        if not body.startswith(GZIP_MAGIC, at):
            return
    raise UndecodableError("bomb", f"over {MAX_MEMBERS:,} members")


def _deflate(body: bytes) -> Iterator[bytes]:
    """Yield the pieces; "deflate" is zlib by RFC 9110, raw deflate by habit of some servers."""
    try:
        zlib.decompressobj().decompress(body[:PIECE_BYTES], 1)
    except zlib.error:
        yield from _inflate(zlib.decompressobj(-zlib.MAX_WBITS), body, 0)
    else:
        yield from _inflate(zlib.decompressobj(), body, 0)


def _inflate(unpacker: Any, body: bytes, at: int) -> Generator[bytes, None, int]:
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


def _brotli(body: bytes) -> Iterator[bytes]:
    unpacker = brotli.Decompressor()
    yield unpacker.process(body, output_buffer_limit=PIECE_BYTES)
    while not unpacker.is_finished():
        piece = unpacker.process(b"", output_buffer_limit=PIECE_BYTES)
        if not piece:
            raise UndecodableError("truncated", "the stream ends early")
        yield piece


def _zstd(body: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(MAX_MEMBERS):
        if at >= len(body):
            return
        unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})
        while not unpacker.eof:
            piece = body[at : at + PIECE_BYTES] if unpacker.needs_input else b""
            if unpacker.needs_input and not piece:
                raise UndecodableError("truncated", "the stream ends early")
            at += len(piece)
            yield unpacker.decompress(piece, PIECE_BYTES)
        at -= len(unpacker.unused_data)
    raise UndecodableError("bomb", f"over {MAX_MEMBERS:,} frames")
