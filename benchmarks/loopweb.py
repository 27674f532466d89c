"""Loopback hosts that serve pages from memory, in a process of their own: `with serving(hosts) as port`.

    python -m benchmarks.loopweb PAGES.pickle

One thread with asyncio answers thousands of requests a second, far more than anything here asks for.
"""

from __future__ import annotations

import asyncio
import gzip
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One address's answer: `body` is packed with gzip."""

    body: bytes
    kind: str = "text/html"


Pages = Mapping[str, Mapping[str, Served]]  # host -> path -> answer
PORT_HERE = b"{port}"  # in XML: the port is known when the server runs


def packed(text: str, kind: str) -> Served:
    """Return an answer of text; "{port}" in it is filled in when it is served."""
    return Served(body=gzip.compress(text.encode(), 6, mtime=0), kind=kind)


class Web:
    """Answers by host and path, counts what was asked, knows validators when told to."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.port = 0
        self._filled: dict[tuple[str, str], bytes] = {}

    async def serve(self) -> None:
        """Listen on all hosts at one port, say which on stdout, answer until killed."""
        first, *others = self.pages
        server = await asyncio.start_server(self._answer, first, 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        servers = [server] + [await asyncio.start_server(self._answer, host, self.port, backlog=512) for host in others]
        print(self.port, flush=True)
        await asyncio.gather(*(one.serve_forever() for one in servers))

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("sockname")[0]
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._response(host, head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _response(self, host: str, head: bytes) -> bytes:
        path = head.split(b" ", 2)[1].decode("latin-1")
        served = self.pages[host].get(path)
        if served is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        tag = b'"1"'
        if b"\nif-none-match: " + tag in head.lower():
            return b"HTTP/1.1 304 Not Modified\r\nETag: " + tag + b"\r\n\r\n"
        body = self._body(host, path, served)
        return (
            b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Encoding: gzip\r\nETag: %s\r\nContent-Length: %d\r\n\r\n"
            % (served.kind.encode(), tag, len(body))
        ) + body

    def _body(self, host: str, path: str, served: Served) -> bytes:
        if served.kind == "text/html":
            return served.body
        if (host, path) not in self._filled:
            plain = gzip.decompress(served.body).replace(PORT_HERE, str(self.port).encode())
            self._filled[host, path] = gzip.compress(plain, 6, mtime=0)
        return self._filled[host, path]


def sitemap(host: str, paths: Mapping[str, str] | list[str]) -> Served:
    """Return a sitemap of pages of a host."""
    entries = "".join(f"<url><loc>http://{host}:{{port}}{path}</loc></url>" for path in paths)
    text = f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    return packed(text, "application/xml")


@contextmanager
def serving(pages: Pages) -> Iterator[int]:
    """Serve the pages until the end of the block; give the port."""
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        pickle.dump(pages, file)
        file.flush()
        with subprocess.Popen(
            [sys.executable, "-m", "benchmarks.loopweb", file.name], stdout=subprocess.PIPE, cwd=ROOT, encoding="utf-8"
        ) as process:
            try:
                assert process.stdout is not None
                yield int(process.stdout.readline())
            finally:
                process.kill()


if __name__ == "__main__":
    with Path(sys.argv[1]).open("rb") as kept:
        asyncio.run(Web(pickle.load(kept)).serve())
