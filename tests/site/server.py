"""The loopback web: several hosts on 127.4.0.0/16, one port for all, an event loop in a thread of its own.

with Web() as web:
    web.url("post")                                  # http://127.4.1.1:PORT/
    web.day = 1                                      # the next day: new, changed and removed articles
    web.misbehave("post", "/feed", "500", times=1)   # from now on, or for the next so many requests
    web.expected("post")                             # URL -> words of every article that is there today
    web.log                                          # every request, with times; web.articles_asked(), web.at_once()
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.site.answers import Request, Response, answer, is_known
from tests.site.misbehaviours import MISBEHAVIOURS, Options, Told, send
from tests.site.sites import Site, family
from tests.site.writing import Words

NETWORK = "127.4.0.0/16"  # every host lies in it
IDLE_S = 30.0
START_S = 10.0
SETTLE_S = 1.0
PORT_TRIES = 20


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and how it was answered; times of the monotonic clock, status 0 for no answer."""

    key: str  # of the site
    host: str
    method: str
    target: str
    status: int
    started: float
    ended: float
    headers: dict[str, str]


@dataclass(kw_only=True)
class _Fault:
    name: str
    left: int | None  # None: for ever
    options: Options


class Web:
    """Serve a family of sites until the block is left."""

    def __init__(self, sites: Iterable[Site] | None = None, *, latency_s: float = 0.0) -> None:
        chosen = family() if sites is None else tuple(sites)
        self.sites = {site.key: site for site in chosen}
        self.day = 0
        self.latency_s = latency_s
        self.port = 0
        self._answers: dict[tuple[str, str], Response] = {}
        self._faults: dict[tuple[str, str], _Fault] = {}
        self._log: list[Exchange] = []
        self._open = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="loopback-web", daemon=True)
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._connections: dict[asyncio.Task[None], socket.socket] = {}
        self._failure: BaseException | None = None

    # ------------------------------------------------------------ what tests say

    def url(self, key: str, path: str = "/") -> str:
        return f"http://{self.sites[key].host}:{self.port}{path}"

    def misbehave(self, key: str, path: str, name: str, *, times: int | None = None, **options: str) -> None:
        """Let a path misbehave; "*" is every path of the site but robots.txt."""
        assert name in MISBEHAVIOURS, f"no misbehaviour {name!r}; there are {', '.join(MISBEHAVIOURS)}"
        self._faults[key, path] = _Fault(name=name, left=times, options=options)

    def behave(self) -> None:
        self._faults.clear()

    def answer_with(
        self,
        key: str,
        path: str,
        body: bytes,
        *,
        media_type: str = "text/html",
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Let a path answer with this instead of what the site would say."""
        self._answers[key, path] = Response(status=status, media_type=media_type, body=body, headers=headers)

    def answer_as_usual(self) -> None:
        """Take back all that `answer_with` said."""
        self._answers.clear()

    # ------------------------------------------------------------ what tests ask

    @property
    def log(self) -> tuple[Exchange, ...]:
        """Every answered request; what is being answered now is waited for, a moment."""
        self._settle()
        return tuple(self._log)

    def clear_log(self) -> None:
        """Forget every request; what is being answered now is waited for, so that it is forgotten too."""
        self._settle()
        self._log.clear()

    def _settle(self) -> None:
        deadline = time.monotonic() + SETTLE_S
        while self._open and time.monotonic() < deadline:
            time.sleep(0.005)

    def expected(self, *keys: str, day: int | None = None) -> dict[str, Words]:
        """Return the words of each article that is there on a day, by URL."""
        day = self.day if day is None else day
        return {
            self.url(key, article.path): article.words_on(day)
            for key in keys or self.sites
            for article in self.sites[key].on(day)
        }

    def articles_asked(self, *keys: str) -> list[Exchange]:
        """Return the requests for article pages, whatever the answer was."""
        paths = {(key, article.path) for key in self.sites for article in self.sites[key].articles}
        return [
            one
            for one in self.log
            if (one.key, one.target.partition("?")[0].rstrip("/")) in paths and (not keys or one.key in keys)
        ]

    def at_once(self, key: str) -> int:
        """Return the largest number of requests that were open on a site at the same time."""
        edges = sorted(edge for one in self.log if one.key == key for edge in ((one.started, 1), (one.ended, -1)))
        most = now = 0
        for _, step in edges:
            now += step
            most = max(most, now)
        return most

    def gaps_s(self, key: str) -> list[float]:
        """Return the seconds between the starts of successive requests on a site."""
        starts = sorted(one.started for one in self.log if one.key == key)
        return [after - before for before, after in itertools.pairwise(starts)]

    # ------------------------------------------------------------ the server

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(START_S)
        if self._failure is not None:
            raise RuntimeError("the loopback web did not start") from self._failure
        assert self.port, "the loopback web did not start in time"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed if it never started
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as failure:  # told to the thread that waits for the start
            self._failure = failure
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        listeners = self._listen()
        for site, listener in listeners:
            self._loop.add_reader(listener, self._accept, site, listener)
        self._ready.set()
        await self._stop.wait()
        for _, listener in listeners:
            self._loop.remove_reader(listener)
        connections = dict(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await asyncio.sleep(0)  # transports close in the loop's next turn
        for one in (*connections.values(), *(listener for _, listener in listeners)):
            one.close()  # of the connections only those whose task never took its first step are still open

    def _listen(self) -> list[tuple[Site, socket.socket]]:
        """Listen on every host at one port that is free on all of them."""
        for _ in range(PORT_TRIES):
            listeners: list[tuple[Site, socket.socket]] = []
            port = 0
            try:
                for site in self.sites.values():
                    listener = socket.create_server((site.host, port), backlog=128)
                    listener.setblocking(False)
                    listeners.append((site, listener))
                    port = listener.getsockname()[1]
            except OSError:
                for _, listener in listeners:
                    listener.close()
                continue
            self.port = port
            return listeners
        raise RuntimeError(f"no port free on all hosts in {PORT_TRIES} tries")

    def _accept(self, site: Site, listener: socket.socket) -> None:
        """Take a connection by hand: asyncio.Server leaks one that arrives while it closes."""
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            connection, _ = listener.accept()
            connection.setblocking(False)
            task = self._loop.create_task(self._converse(site, connection))
            self._connections[task] = connection
            task.add_done_callback(self._connections.pop)

    async def _converse(self, site: Site, connection: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=connection)
        try:
            while True:
                async with asyncio.timeout(IDLE_S):
                    head = await reader.readuntil(b"\r\n\r\n")
                if not await self._exchange(site, _parsed(site, head), writer):
                    break
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ConnectionError):
            pass  # the other side is done, or is no HTTP client
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _exchange(self, site: Site, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer one request and log it; False when the connection is not to be used again."""
        started, told = time.monotonic(), Told()
        self._open += 1
        try:
            if self.latency_s:
                await asyncio.sleep(self.latency_s)
            told_to = self._answers.get((site.key, request.path))
            usual = told_to or answer(site, request, self.day, f"http://{site.host}:{self.port}")
            if told_to is not None and is_known(request, told_to):
                usual = Response(status=304, headers=told_to.headers)
            if (fault := self._fault(site, request)) is not None:
                return await MISBEHAVIOURS[fault.name](writer, request, usual, told, fault.options)
            if request.method == "HEAD":
                await send(writer, Response(status=usual.status, headers=usual.headers), told)
            else:
                await send(writer, usual, told)
            return request.headers.get("connection", "").lower() != "close"
        finally:
            self._log.append(
                Exchange(
                    key=site.key,
                    host=site.host,
                    method=request.method,
                    target=request.target,
                    status=told.status,
                    started=started,
                    ended=time.monotonic(),
                    headers=request.headers,
                )
            )
            self._open -= 1

    def _fault(self, site: Site, request: Request) -> _Fault | None:
        fault = self._faults.get((site.key, request.path))
        if fault is None and request.path != "/robots.txt":
            fault = self._faults.get((site.key, "*"))
        if fault is None or fault.left == 0:
            return None
        if fault.left is not None:
            fault.left -= 1
        return fault


def _parsed(site: Site, head: bytes) -> Request:
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, target, _ = (*first.split(" "), "", "")[:3]
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Request(host=site.host, method=method, target=target, headers=headers)
