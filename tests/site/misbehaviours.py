"""What servers do wrong, by name. Each is bounded in time and bytes, and tells the status it sent (0: none).

A misbehaviour gets the answer the site would have given and the means to send something else. It returns whether the
connection can be used again.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import cache

from tests.site.answers import Request, Response

HANG_S = 60.0  # longer than any limit a test sets, shorter than a test may take
BIG_BYTES = 64 * 2**20
BOMB_BYTES = 64 * 2**20


class Told:
    """The status that was sent, for the log."""

    def __init__(self) -> None:
        self.status = 0


async def send(writer: asyncio.StreamWriter, response: Response, told: Told, *, length: int | None = None) -> None:
    """Send a response; `length` is a Content-Length that may be a lie, -1 for none."""
    told.status = response.status
    lines = [f"HTTP/1.1 {response.status} -", *(f"{name}: {value}" for name, value in response.headers)]
    if response.status != 304:
        lines.append(f"Content-Type: {response.media_type}")
    length = len(response.body) if length is None else length
    if length >= 0:
        lines.append(f"Content-Length: {length}")
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + response.body)
    await writer.drain()


Options = dict[str, str]
Misbehaviour = Callable[[asyncio.StreamWriter, Request, Response, Told, Options], Awaitable[bool]]


def _status(status: int, *headers: tuple[str, str]) -> Misbehaviour:
    async def misbehave(
        writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options
    ) -> bool:
        extra = (("Retry-After", options["retry_after"]),) if "retry_after" in options else headers
        body = f"<!DOCTYPE html><title>{status}</title><h1>{status}</h1>".encode()
        await send(writer, Response(status=status, body=body, headers=extra), told)
        return True

    return misbehave


async def slow(writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options) -> bool:
    """Dribble the body, a byte a second."""
    await send(writer, replace(usual, body=b""), told, length=len(usual.body))
    for byte in usual.body[: int(HANG_S)]:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)
    return False


async def hang(writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options) -> bool:
    """Accept the request and say nothing."""
    await asyncio.sleep(HANG_S)
    return False


async def reset(writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options) -> bool:
    """Close without an answer."""
    return False


async def truncated(
    writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options
) -> bool:
    """Announce the whole body, send two thirds, close."""
    short = replace(usual, body=usual.body[: len(usual.body) * 2 // 3])
    await send(writer, short, told, length=len(usual.body))
    return False


async def truncated_gzip(
    writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options
) -> bool:
    """Send two thirds of a gzip stream with a Content-Length that fits."""
    packed = gzip.compress(usual.body)
    short = replace(usual, body=packed[: len(packed) * 2 // 3], headers=(*usual.headers, ("Content-Encoding", "gzip")))
    await send(writer, short, told)
    return True


async def redirect(
    writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options
) -> bool:
    """Send elsewhere: option target, or to itself, for ever."""
    target = options.get("target", request.target)
    await send(writer, Response(status=int(options.get("status", "302")), headers=(("Location", target),)), told)
    return True


async def big(writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options) -> bool:
    """Send 64 MiB of paragraphs without saying how many."""
    await send(writer, replace(usual, body=b"<!DOCTYPE html><title>Big</title>"), told, length=-1)
    piece = b"<p>And then there was more of it, and no end to be seen.</p>\n" * 1000
    for _ in range(BIG_BYTES // len(piece)):
        writer.write(piece)
        await writer.drain()
    return False


async def bomb(writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options) -> bool:
    """Send 64 MiB of spaces in 64 KiB of gzip."""
    await send(writer, replace(usual, body=_bomb(), headers=(("Content-Encoding", "gzip"),)), told)
    return True


async def wrong_charset(
    writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options
) -> bool:
    """Say one charset in the header and send another: option says, option sends."""
    says, sends = options.get("says", "iso-8859-1"), options.get("sends", "utf-8")
    _, _, was = usual.media_type.partition("charset=")
    body = usual.body.decode(was or "utf-8").encode(sends, errors="xmlcharrefreplace")
    await send(writer, replace(usual, body=body, media_type=f"text/html; charset={says}"), told)
    return True


async def soft_404(
    writer: asyncio.StreamWriter, request: Request, usual: Response, told: Told, options: Options
) -> bool:
    """Answer 200 with a page that says there is none."""
    body = (
        b"<!DOCTYPE html><html lang=en><title>Page not found</title><body><h1>Page not found</h1>"
        b"<p>Sorry, the page you are looking for does not exist or has been moved. Please check the address, go back to"
        b" the home page, or use the search to find what you were looking for.</p></body></html>"
    )
    await send(writer, Response(body=body), told)
    return True


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b" " * 2**20
    packed = [packer.compress(piece) for _ in range(BOMB_BYTES // len(piece))]
    return b"".join([*packed, packer.flush()])


MISBEHAVIOURS: dict[str, Misbehaviour] = {
    "slow": slow,
    "hang": hang,
    "reset": reset,
    "403": _status(403),
    "404": _status(404),
    "410": _status(410),
    "429": _status(429, ("Retry-After", "2")),
    "500": _status(500),
    "503": _status(503),
    "503-retry-after": _status(503, ("Retry-After", "120")),
    "truncated": truncated,
    "truncated-gzip": truncated_gzip,
    "redirect": redirect,
    "redirect-loop": redirect,
    "redirect-private": lambda w, r, u, t, o: redirect(w, r, u, t, {"target": "http://10.11.12.13/secret", **o}),
    "redirect-file": lambda w, r, u, t, o: redirect(w, r, u, t, {"target": "file:///etc/passwd", **o}),
    "big": big,
    "gzip-bomb": bomb,
    "wrong-charset": wrong_charset,
    "soft-404": soft_404,
}
