"""The payload of a WARC record's HTTP response, with its transfer and content codings undone.

Crawls and archives share one decoder (ingest.web.decoding). warcio's own `content_stream` is not used: version 1.8.1
raises for br with Google's brotli, and returns zstd, x-gzip and doubled codings still compressed.
"""

from __future__ import annotations

from typing import Any

from ingest.web.decoding import decode
from ingest.web.gunzip import UndecodableError

READ_BYTES = 1 << 16
CHUNK_HEAD_BYTES = 64  # of the line before a chunk: its size in hexadecimal, maybe an extension
MARKUP_START_BYTES = 64


class PayloadError(ValueError):
    """A payload that cannot be used; `reason` is too-large, bomb, truncated or bad-encoding."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def payload(record: Any, most_bytes: int) -> bytes:
    """Return the decoded body of a warcio record, at most `most_bytes`. Raises PayloadError.

    A record that ends before its declared length is truncated, unless it declares none.
    """
    raw = _bounded(record.raw_stream, 2 * most_bytes)
    if getattr(record.raw_stream, "limit", 0) > 0 and len(raw) <= 2 * most_bytes and not record.raw_stream.read(1):
        raise PayloadError("truncated")
    if len(raw) > 2 * most_bytes:
        raise PayloadError("too-large")
    http = record.http_headers
    if http is None:
        if len(raw) > most_bytes:
            raise PayloadError("too-large")
        return raw
    if "chunked" in _values(http, "transfer-encoding"):
        raw = dechunked(raw)
    codings = _values(http, "content-encoding")
    try:
        return decode(raw, codings, max_bytes=most_bytes)
    except UndecodableError as error:
        if error.reason == "bad-encoding" and raw[:MARKUP_START_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return raw  # the archiver decoded the body and kept the header
        raise PayloadError(error.reason) from error


def dechunked(data: bytes) -> bytes:
    """Return a body without its chunk sizes; a body that is not chunked, in spite of its header, is returned as is."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = data.find(b"\r\n", at, at + CHUNK_HEAD_BYTES)
        try:
            size = int(data[at:end].split(b";")[0], 16) if end >= 0 else -1
        except ValueError:
            size = -1
        if size < 0:
            return data if not parts else b"".join([*parts, data[at:]])
        if size == 0:
            return b"".join(parts)
        parts.append(data[end + 2 : end + 2 + size])
        at = end + 2 + size
        if at >= len(data):
            return b"".join(parts)
        at += 2 if data.startswith(b"\r\n", at) else 0


def _values(http: Any, name: str) -> tuple[str, ...]:
    """Return all values of a header that may be repeated or hold a list, in order, in lower case."""
    lines = (value for key, value in http.headers if key.lower() == name)
    return tuple(part.strip().lower() for line in lines for part in line.split(","))


def _bounded(stream: Any, most_bytes: int) -> bytes:
    """Return what a stream gives, at most `most_bytes` and one more."""
    parts: list[bytes] = []
    left = most_bytes + 1
    while left > 0 and (part := stream.read(min(left, READ_BYTES))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
