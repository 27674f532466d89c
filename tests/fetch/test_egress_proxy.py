"""The browser's only way out: what goes through, what does not, and that one connection asks one host once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from ingest.fetch.render.egress_proxy import EgressProxy, Upstream

Talk = Callable[[EgressProxy, "Site"], Awaitable[bytes]]


class Site:
    """A server that notes each request as it came, and keeps its connections open as it was not asked to."""

    def __init__(self, body: bytes = b"hello") -> None:
        self.body = body
        self.heads: list[bytes] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(EOFError, OSError):
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                head = b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: %d\r\n\r\n" % len(self.body)
                writer.write(head + self.body)
                await writer.drain()
                if b"connection: close" in self.heads[-1].lower():
                    break
        writer.close()


def through(talk: Talk, site: Site, **options: Any) -> tuple[bytes, EgressProxy]:
    """Have a talk with a door that leads to 127.0.0.1 by the name of site.test, and nowhere else."""

    async def lookup(host: str) -> tuple[str, ...]:
        return ("127.0.0.1",) if host == "site.test" else ()

    async def all_of_it() -> tuple[bytes, EgressProxy]:
        server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
        site.port = server.sockets[0].getsockname()[1]
        upstream = Upstream(f"http://127.0.0.1:{site.port}", b"Basic x") if options.pop("proxied", False) else None
        async with asyncio.timeout(10):
            async with EgressProxy(
                lookup, upstream=upstream, connect_timeout_s=2, **{"max_bytes": 9_999, **options}
            ) as egress_proxy:
                said = await talk(egress_proxy, site)
        server.close()
        return said, egress_proxy

    return asyncio.run(all_of_it())


def saying(text: str) -> Talk:
    """Say something to the door, PORT for the site's, and return all that comes back."""

    async def talk(egress_proxy: EgressProxy, site: Site) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", egress_proxy.port)
        writer.write(text.replace("PORT", str(site.port)).encode())
        said = b""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(0.5):
                while piece := await reader.read(65536):
                    said += piece
        writer.close()
        return said

    return talk


GET = "GET http://site.test:PORT/a?b HTTP/1.1\r\nHost: site.test:PORT\r\nProxy-Connection: keep-alive\r\n\r\n"


def test_a_request_goes_to_the_address_that_was_looked_at_and_ends_its_connection() -> None:
    site = Site()
    said, _ = through(saying(GET), site)
    assert said.endswith(b"\r\n\r\nhello")
    assert b"Connection: close" in said
    assert b"keep-alive" not in said
    (head,) = site.heads
    assert head.startswith(b"GET /a?b HTTP/1.1\r\nHost: site.test:")
    assert b"proxy" not in head.lower()


def test_a_second_request_on_one_connection_does_not_reach_the_first_ones_host() -> None:
    site = Site()
    through(saying(GET + "GET http://other.test/secret HTTP/1.1\r\nHost: other.test\r\n\r\n"), site)
    assert [head.split(b" ")[1] for head in site.heads] == [b"/a?b"]


def test_a_tunnel_carries_bytes_both_ways() -> None:
    site = Site()
    inner = "GET /tunnel HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    said, _ = through(saying(f"CONNECT site.test:PORT HTTP/1.1\r\nHost: site.test:PORT\r\n\r\n{inner}"), site)
    assert said.startswith(b"HTTP/1.1 200")
    assert said.endswith(b"hello")


REFUSED = (
    "GET http://inside.test:PORT/ HTTP/1.1\r\n\r\n",
    "CONNECT inside.test:PORT HTTP/1.1\r\n\r\n",
    "CONNECT site.test:25 HTTP/1.1\r\n\r\n",
    "GET http://site.test:6667/ HTTP/1.1\r\n\r\n",
    "GET ftp://site.test:PORT/ HTTP/1.1\r\n\r\n",
    "GET file:///etc/hostname HTTP/1.1\r\n\r\n",
)
BROKEN = (
    "GET / HTTP/1.1\r\n\r\n",
    "CONNECT site.test HTTP/1.1\r\n\r\n",
    "CONNECT :PORT HTTP/1.1\r\n\r\n",
    "\r\n\r\n",
    "GET http://[::1/ HTTP/1.1\r\n\r\n",
    "GET " + "x" * 70_000,
)


@pytest.mark.parametrize("text", [*REFUSED, *BROKEN], ids=lambda text: text[:24])
def test_no_connection_is_made_for(text: str) -> None:
    site = Site()
    said, egress_proxy = through(saying(text), site)
    assert site.heads == []
    assert not said.startswith(b"HTTP/1.1 2")
    if text in REFUSED:
        assert said.startswith(b"HTTP/1.1 403")
    if "inside" in text:
        assert list(egress_proxy.refused.values()) == ["no address that may be fetched from"]


def test_a_page_gets_so_many_bytes_and_no_more() -> None:
    site = Site(b"x" * 400_000)
    said, _ = through(saying(GET), site, max_bytes=100_000)
    assert len(said) < 200_000


def test_the_operators_proxy_is_asked_for_what_was_looked_at_only() -> None:
    site = Site()
    through(saying(GET), site, proxied=True)
    through(saying("GET http://inside.test/ HTTP/1.1\r\n\r\n"), site, proxied=True)
    through(saying("CONNECT site.test:PORT HTTP/1.1\r\n\r\n"), site, proxied=True)
    plain, tunnel = site.heads
    assert plain.startswith(b"GET http://site.test:")
    assert tunnel.startswith(b"CONNECT site.test:")
    assert b"\r\nProxy-Authorization: Basic x\r\n" in plain
    assert b"\r\nProxy-Authorization: Basic x\r\n" in tunnel


def test_closing_the_door_ends_what_goes_through_it() -> None:
    async def all_of_it() -> bytes:
        site = Site()
        server = await asyncio.start_server(site.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with (
            asyncio.timeout(10),
            EgressProxy(_there, upstream=None, connect_timeout_s=2, max_bytes=9_999) as egress_proxy,
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", egress_proxy.port)
            writer.write(f"CONNECT site.test:{port} HTTP/1.1\r\n\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
        server.close()
        left = await asyncio.wait_for(reader.read(), 2)
        writer.close()
        return left

    assert asyncio.run(all_of_it()) == b""


async def _there(host: str) -> tuple[str, ...]:
    return ("127.0.0.1",)
