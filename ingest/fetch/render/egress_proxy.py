"""EgressProxy: the only way out of the browser. A proxy on loopback that opens connections as our own fetcher does.

Chromium sends everything through its proxy: documents, scripts, fetch, WebSockets, workers, what it does by itself. So
there is one place where names become addresses, and the address that was checked is the one that is connected to: a
name that changes between two looks, or a redirect that Chromium follows, gets no further than any request of ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from ingest.fetch.addresses import REFUSED_PORTS

MAX_HEAD_BYTES = 64 * 1024
MAX_CONNECTIONS = 64  # of one page at once; Chromium opens 6 a host
PIECE_BYTES = 64 * 1024
HEAD_S = 10.0  # for a request's first lines; Chromium sends them at once
# said anew for each connection, which carries one request: the next may be for another host
HOP = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"upgrade"})

Lookup = Callable[[str], Awaitable[tuple[str, ...]]]  # addresses of a host that may be connected to; () for none


class Refused(Exception):  # noqa: N818 - named for the intent, as our other exceptions are
    """A connection that is not made; the text says why, the status is the browser's answer."""

    def __init__(self, why: str, status: bytes = b"403 Forbidden") -> None:
        super().__init__(why)
        self.status = status


class Upstream:
    """The operator's own proxy: trusted, it gets what we have looked at."""

    def __init__(self, url: str, login: bytes | None) -> None:
        parts = urlsplit(url)
        self.tls = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.tls else 80)
        self.lines = b"" if login is None else b"Proxy-Authorization: " + login + b"\r\n"


class EgressProxy:
    """One page's way out, open while the page is rendered: `async with EgressProxy(...) as proxy: proxy.port`."""

    def __init__(self, lookup: Lookup, *, upstream: Upstream | None, connect_timeout_s: float, max_bytes: int) -> None:
        self.lookup = lookup
        self.upstream = upstream
        self.connect_timeout_s = connect_timeout_s
        self.left_bytes = max_bytes  # that may still come through, both ways together
        self.refused: dict[str, str] = {}  # "host:port" -> why
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0, limit=MAX_HEAD_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= MAX_CONNECTIONS:
            writer.close()
            return
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection of the browser's: one request, or one tunnel."""
        try:
            async with asyncio.timeout(HEAD_S):
                head = await reader.readuntil(b"\r\n\r\n")
            line, _, lines = head.partition(b"\r\n")
            method, _, rest = line.partition(b" ")
            target = rest.rpartition(b" ")[0]
            if method == b"CONNECT":
                await self._tunnel(target, reader, writer)
            else:
                await self._request(method, target, lines, reader, writer)
        except Refused as refused:
            writer.write(b"HTTP/1.1 " + refused.status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, ValueError):
            pass  # one of the two sides is gone or speaks no HTTP
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _tunnel(self, target: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = target.decode("ascii").rpartition(":")
        there, to_there = await self._connect(host, int(port))
        try:
            if self.upstream is not None:
                to_there.write(b"CONNECT " + target + b" HTTP/1.1\r\nHost: " + target + b"\r\n")
                to_there.write(self.upstream.lines + b"\r\n")
                answer = await there.readuntil(b"\r\n\r\n")
                if answer.split(b" ", 2)[1][:1] != b"2":
                    raise Refused("the proxy made no tunnel", b"502 Bad Gateway")
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await _first_of(self._pump(reader, to_there), self._pump(there, writer))
        finally:
            to_there.close()

    async def _request(
        self, method: bytes, target: bytes, lines: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        parts = urlsplit(target.decode("ascii"))
        if parts.scheme != "http" or not parts.hostname:
            raise Refused(f"{parts.scheme or 'no scheme'}: not a way out")
        there, to_there = await self._connect(parts.hostname, parts.port or 80)
        try:
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}".encode()
            asked = path if self.upstream is None else target
            own = b"" if self.upstream is None else self.upstream.lines
            to_there.write(method + b" " + asked + b" HTTP/1.1\r\n" + own + _once(lines))
            answering = asyncio.ensure_future(self._answer(there, writer))
            try:  # what the browser sends beyond this request's body never gets to the server: it may be for another
                await _first_of(answering, self._pump(reader, to_there, _length(lines)), then=answering)
            finally:
                answering.cancel()
        finally:
            to_there.close()

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand an answer on, saying that the connection ends with it."""
        while True:
            head = await there.readuntil(b"\r\n\r\n")
            line, _, lines = head.partition(b"\r\n")
            if line.split(b" ", 2)[1][:1] != b"1":  # what comes before the answer proper is not needed
                break
        writer.write(line + b"\r\n" + _once(lines))
        await self._pump(there, writer)

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection to an address that was looked at. Raises Refused, OSError, TimeoutError."""
        if port in REFUSED_PORTS:
            raise self._refuse(host, port, f"{port} is no port for pages")
        numbers = await self.lookup(host)
        if not numbers:
            raise self._refuse(host, port, "no address that may be fetched from")
        async with asyncio.timeout(self.connect_timeout_s):
            if self.upstream is not None:
                way = self.upstream
                return await asyncio.open_connection(way.host, way.port, ssl=way.tls or None, limit=MAX_HEAD_BYTES)
            for number in numbers[:-1]:
                with suppress(OSError):
                    return await asyncio.open_connection(number, port, limit=MAX_HEAD_BYTES)
            return await asyncio.open_connection(numbers[-1], port, limit=MAX_HEAD_BYTES)

    def _refuse(self, host: str, port: int, why: str) -> Refused:
        self.refused[f"{host}:{port}"] = why
        return Refused(why)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most_bytes: int | None = None
    ) -> None:
        """Hand bytes on until their end, `most_bytes`, or the end of what this page may have."""
        while most_bytes is None or most_bytes > 0:
            piece = await reader.read(PIECE_BYTES if most_bytes is None else min(PIECE_BYTES, most_bytes))
            self.left_bytes -= len(piece)
            if not piece or self.left_bytes < 0:
                return
            if most_bytes is not None:
                most_bytes -= len(piece)
            writer.write(piece)
            await writer.drain()


async def _first_of(one: Awaitable[None], other: Awaitable[None], *, then: asyncio.Future[None] | None = None) -> None:
    """Wait for one of two, `then` for the one named; neither goes on afterwards."""
    both = {asyncio.ensure_future(one), asyncio.ensure_future(other)}
    try:
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        if then is not None:
            await then
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


def _once(lines: bytes) -> bytes:
    """Return header lines, their empty line included, of a connection that ends with this message."""
    kept = [line for line in lines.split(b"\r\n") if line and line.partition(b":")[0].strip().lower() not in HOP]
    return b"\r\n".join((*kept, b"Connection: close", b"", b""))


def _length(lines: bytes) -> int:
    """Return how many bytes of body follow a browser's request; it never sends one in chunks over HTTP/1.1."""
    for line in lines.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
