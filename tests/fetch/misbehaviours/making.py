"""What a misbehaviour is, and what misbehaving takes.

`told` is the reason slug, "" when the page must come whole; then `body` is what it must be. Each costs that page only.
"""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import brotli

from tests.fetch.server import Answer, Exchange

try:
    from compression import zstd
except ImportError:
    from backports import zstd

PAGE = b"<html><body><article><h1>Harvest</h1><p>The apples were early this year.</p></article></body></html>" * 20
ZEROS = b"\0" * (12 << 20)  # unpacked past every limit
LINGER_S = 12.0  # longer than any time limit in the tests


@dataclass(frozen=True)
class Case:
    name: str
    answer: Answer
    told: str = ""
    body: bytes = PAGE


CASES: list[Case] = []


def case(name: str, told: str = "", body: bytes = PAGE) -> Callable[[Answer], Answer]:
    def add(answer: Answer) -> Answer:
        CASES.append(Case(name, answer, told, body))
        return answer

    return add


def linger(exchange: Exchange, piece: bytes = b"", every_s: float = 0.2) -> None:
    """Keep the connection, sending a little from time to time, until the client has enough."""
    end = time.monotonic() + LINGER_S
    exchange.close()
    while time.monotonic() < end:
        exchange.raw(piece)  # raises when the client is gone; with nothing to send it waits to the end
        time.sleep(every_s)


def flood(exchange: Exchange, piece: bytes, most_bytes: int = 200 << 20) -> None:
    """Send without end, or nearly so."""
    exchange.close()
    for _ in range(most_bytes // len(piece)):
        exchange.raw(piece)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


@cache
def packed(how: str) -> bytes:
    if how == "deflate":
        return zlib.compress(ZEROS, 9)
    if how == "raw deflate":
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(ZEROS) + packer.flush()
    return {"gzip": lambda data: gzip.compress(data, 9), "br": brotli.compress, "zstd": zstd.compress}[how](ZEROS)


def packed_page(how: str, data: bytes = PAGE) -> bytes:
    return {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}[how](data)


def wide_zstd() -> bytes:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 30})
    return packer.compress(PAGE) + packer.flush()


def sent(body: bytes, encoding: str | None, status: str = "200 OK") -> Answer:
    lines = () if encoding is None else (f"Content-Encoding: {encoding}",)
    return lambda exchange: exchange.page(body, status, *lines)


def to(location: str, status: str = "302 Found") -> Answer:
    return lambda exchange: exchange.redirect(location, status)
