"""The small sites on loopback: each on an address of its own, with a count of its requests."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from tests.smallsites.sites import SmallSite

NETWORK = "127.5.0.0/16"


@dataclass
class Served:
    """A site and what was asked of it."""

    site: SmallSite
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def articles(self) -> set[str]:
        """The addresses of its articles."""
        return {f"{self.url}{path}" for path in self.site.articles}


@contextmanager
def serving(sites: Sequence[SmallSite]) -> Iterator[list[Served]]:
    """Serve the sites until the end of the block."""
    by_host: dict[str, Served] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the library's name
            served = by_host[str(self.connection.getsockname()[0])]
            served.asked[self.path] += 1
            pages = served.site.pages
            page = pages.get(self.path) or pages.get(unquote(self.path))
            body = (page or "<h1>Not Found</h1>").encode()
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    servers = []
    for number, site in enumerate(sites, 1):
        host = f"127.5.{number}.1"
        server = ThreadingHTTPServer((host, 0), Handler)
        by_host[host] = Served(site, f"http://{host}:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        servers.append(server)
    try:
        yield list(by_host.values())
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
