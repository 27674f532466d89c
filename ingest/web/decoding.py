"""Content-Encoding undone within bounds: pure, piece by piece, never more memory than the limit and one piece."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO

import brotli

from ingest.web.gunzip import (
    GZIP_START,
    MAX_MEMBERS,
    MEMBER_START,
    PIECE_BYTES,
    UndecodableError,
    collect,
    gunzip,
    inflate,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MAX_LAYERS = 3
ZSTD_WINDOW_LOG = 23  # 8 MiB, the most a server may use (RFC 9659)
GZIP = frozenset({"gzip", "x-gzip"})
NOTHING = frozenset({"", "identity", "none"})
UNREADABLE = frozenset({"compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"})


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
        if not body.startswith(MEMBER_START):
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
            collect(out, pieces, packed_bytes=sent, max_bytes=max_bytes, cut=cut)
        except (zlib.error, brotli.error, zstd.ZstdError, EOFError) as error:
            raise UndecodableError("bad-encoding", f"{name}: {error}") from error
        return out.getvalue()


def _pieces(body: bytes, name: str) -> Iterator[bytes] | None:
    if name in GZIP:
        return gunzip(body) if body.startswith(GZIP_START) else None  # plain bytes under a wrong name
    if name == "deflate":
        return _deflate(body)
    if name == "br":
        return _brotli(body)
    if name == "zstd":
        return _zstd(body)
    if name in UNREADABLE:
        raise UndecodableError("bad-encoding", f"{name} is not read")
    return None


def _deflate(body: bytes) -> Iterator[bytes]:
    """Yield the pieces; "deflate" is zlib by RFC 9110, raw deflate by habit of some servers."""
    try:
        zlib.decompressobj().decompress(body[:PIECE_BYTES], 1)
    except zlib.error:
        yield from inflate(zlib.decompressobj(-zlib.MAX_WBITS), body, 0)
    else:
        yield from inflate(zlib.decompressobj(), body, 0)


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
