"""A loopback web server whose pages are Python functions over the socket, so that they can misbehave in any way."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.client import parse_headers
from itertools import pairwise
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any


@dataclass
class Asked:
    """One request as the server saw it."""

    path: str
    headers: Message
    begun_s: float
    ended_s: float = 0.0
    at_once: int = 1  # requests in work when this one came, itself included
    connection: int = 0


class Exchange:
    """A request and the means to answer it, properly or not."""

    def __init__(self, server: Server, sock: socket.socket, asked: Asked) -> None:
        self.server = server
        self.sock = sock
        self.asked = asked
        self.keep = True

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.sock.sendall(data)

    def head(self, status: str = "200 OK", *lines: str) -> None:
        """Send a status line and headers, and the empty line."""
        self.raw(f"HTTP/1.1 {status}\r\n{''.join(line + chr(13) + chr(10) for line in lines)}\r\n".encode("latin-1"))

    def page(self, body: str | bytes = "", status: str = "200 OK", *lines: str) -> None:
        """Answer as a good server does."""
        data = body.encode() if isinstance(body, str) else body
        kind = () if any(line.lower().startswith("content-type") for line in lines) else ("Content-Type: text/html",)
        self.head(status, *kind, f"Content-Length: {len(data)}", *lines)
        self.raw(data)

    def redirect(self, location: str, status: str = "302 Found") -> None:
        """Send elsewhere."""
        self.page("", status, f"Location: {location}")

    def close(self) -> None:
        """End the connection after this answer."""
        self.keep = False

    def reset(self) -> None:
        """End the connection at once, without goodbye."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()
        self.keep = False


Answer = Callable[[Exchange], None]


@dataclass
class Server:
    """One host: an address of its own in 127.0.0.0/8, pages by path, a log of what was asked."""

    address: str = "127.3.0.1"
    pages: dict[str, Answer | str | bytes] = field(default_factory=dict)
    robots: Answer | str | None = None
    log: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    open: int = 0
    connections: int = 0
    port: int = 0
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """The address of the home page, without the last slash."""
        return f"http{'s' if self.tls else ''}://{self.address}:{self.port}"

    def answer(self, exchange: Exchange) -> None:
        """Answer one request; what nobody defined is a 404."""
        path = exchange.asked.path
        found = (
            self.robots
            if path.partition("?")[0] == "/robots.txt"
            else self.pages.get(path, self.pages.get(path.partition("?")[0]))
        )
        if found is None:
            exchange.page("not here", "404 Not Found")
        elif callable(found):
            found(exchange)
        else:
            exchange.page(found)

    def asked(self, *, robots: bool = False) -> list[str]:
        """Paths in the order they were asked for."""
        return [asked.path for asked in self.log if robots or asked.path != "/robots.txt"]

    def gaps_s(self) -> list[float]:
        """Seconds between the starts of requests that followed each other."""
        begun = [asked.begun_s for asked in self.log]
        return [after - before for before, after in pairwise(begun)]

    def most_at_once(self) -> int:
        """The largest number of requests that were in work together."""
        return max((asked.at_once for asked in self.log), default=0)


class _Handler(StreamRequestHandler):
    server: _Tcp

    def handle(self) -> None:
        host = self.server.host
        with host.lock:
            host.connections += 1
            number = host.connections
        keep = True
        while keep:
            try:
                line = self.rfile.readline(65536)
                if not line.strip():
                    return
                headers = parse_headers(self.rfile)
            except OSError:
                return
            with host.lock:
                host.open += 1
                asked = Asked(line.split()[1].decode("latin-1"), headers, time.monotonic(), 0.0, host.open, number)
                host.log.append(asked)
            exchange = Exchange(host, self.connection, asked)
            try:
                host.answer(exchange)
            except OSError:
                return  # the client had enough: what it was made for
            finally:
                asked.ended_s = time.monotonic()
                with host.lock:
                    host.open -= 1
            keep = exchange.keep


class _Tcp(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: Server) -> None:
        self.host = host
        super().__init__((host.address, 0), _Handler)
        host.port = self.server_address[1]

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Speak TLS first, if the host does."""
        if not self.host.tls:
            super().finish_request(request, client_address)
            return
        with suppress(OSError), self.host.tls.wrap_socket(request, server_side=True) as spoken:
            super().finish_request(spoken, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: connections end in every way here."""


@contextmanager
def serving(*hosts: Server) -> Iterator[None]:
    """Serve the hosts until the end of the block."""
    running = [_Tcp(host) for host in hosts]
    for tcp in running:
        threading.Thread(target=tcp.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield
    finally:
        for tcp in running:
            tcp.shutdown()
            tcp.server_close()
