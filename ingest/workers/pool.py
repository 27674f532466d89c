"""The pool: hands things to idle workers, tells what became of them, replaces the dead by fresh processes."""

from __future__ import annotations

import asyncio
import logging
import pickle
from typing import Any, Self

from ingest.errors import PageLost
from ingest.events import event
from ingest.workers import early
from ingest.workers.control import END_S, Child, ForkServer, PoolError
from ingest.workers.forkserver import START_S
from ingest.workers.limits import Limits, swollen, verdict
from ingest.workers.worker import HEAD, Said, frame

log = logging.getLogger(__name__)

BUFFER_BYTES = 1 << 20
KILL_S = 30.0  # between the order to kill a worker and word of its end, on a machine that swaps


class WorkError(Exception):
    """The function raised in its worker: a fault of ours. The text is the trace."""

    def __str__(self) -> str:
        """Return what was raised; the trace is in `args`."""
        return str(self.args[0]).strip().rpartition("\n")[2]


class Worker:
    """One process and the line to it."""

    def __init__(
        self, server: ForkServer, child: Child, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.child = child
        self.reader = reader
        self.writer = writer
        self.pid = 0  # told when it is ready, for the log
        self.retired = False  # it has given its last answer

    @classmethod
    async def start(cls, server: ForkServer) -> Self:
        """Start one and wait until it is ready. Raises PoolError."""
        child = server.fork()
        worker = cls(server, child, *await asyncio.open_connection(sock=child.line, limit=BUFFER_BYTES))
        try:
            async with asyncio.timeout(START_S):
                _, worker.pid = await worker.hear()
        except (OSError, EOFError, TimeoutError) as error:
            status = await worker.ended()
            raise PoolError(f"a worker ended while starting, exit code {status}") from error
        except BaseException:  # the crawl ended meanwhile
            worker.kill()
            raise
        return worker

    async def ask(self, thing: object) -> tuple[Said, Any]:
        """Return what it says of a thing. Raises OSError or EOFError when it dies over it."""
        self.writer.write(frame(thing))
        await self.writer.drain()
        return await self.hear()

    async def hear(self) -> tuple[Said, Any]:
        """Return the next it says."""
        (size,) = HEAD.unpack(await self.reader.readexactly(HEAD.size))
        said, answer = pickle.loads(await self.reader.readexactly(size))  # noqa: S301 - of our own worker
        if said is Said.LAST:
            self.retired = True
            return await self.hear()
        return said, answer

    async def ended(self) -> int | None:
        """See to it that the process is gone; return its exit status, None when the fork server has gone too."""
        self.writer.close()
        await asyncio.wait([self.child.ended], timeout=END_S)
        self.server.kill(self.child)
        await asyncio.wait([self.child.ended], timeout=KILL_S)
        if not self.child.ended.done():
            self.server.give_up("buries nobody")
        return await self.child.ended

    def kill(self) -> None:
        """End the process at once."""
        self.writer.close()
        self.server.kill(self.child)


class Pool:
    """`count` processes that run one function, each on one thing at a time. Lives in one event loop.

    `work` is the "module:function", `warm` one without arguments that makes it load what it needs.
    """

    def __init__(self, work: str, count: int, limits: Limits | None = None, *, warm: str = "") -> None:
        self.work = work
        self.warm = warm
        self.limits = limits or Limits()
        self.count = count
        self._server: ForkServer | None = None
        self._idle: asyncio.LifoQueue[Worker | None] = asyncio.LifoQueue()
        self._alive: set[Worker] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self.ready = False  # a worker has been started: from now on things can be done
        self.trouble: PoolError | None = None

    def start(self) -> None:
        """Start the processes in the background."""
        try:
            self._server = ForkServer(early.launched(self.work, self.warm, self.limits), self._fail)
        except PoolError as error:
            self._fail(error)
        else:
            for _ in range(self.count):
                self._begin(self._server)

    def _begin(self, server: ForkServer) -> None:
        task = asyncio.ensure_future(self._add(server))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _add(self, server: ForkServer) -> None:
        try:
            await server.ready()
            worker = await Worker.start(server)
        except PoolError as error:
            self._fail(error)
            return
        if self.trouble is not None:  # closed meanwhile
            worker.kill()
            return
        self._alive.add(worker)
        self._idle.put_nowait(worker)
        self.ready = True

    def _fail(self, error: PoolError) -> None:
        if self.trouble is None:
            event(log, logging.WARNING, "no workers", why=str(error))
        self._end(error)

    def _end(self, error: PoolError) -> None:
        self.trouble = self.trouble or error
        self._idle.put_nowait(None)  # wakes one who waits, who wakes the next

    async def do(self, thing: object) -> Any:
        """Return what the function makes of a thing.

        Raises PageLost when it used more than it may or its worker died over it, WorkError when the function raised,
        PoolError when there is no worker to do it.
        """
        worker = await self._idle.get()
        if worker is None or self.trouble is not None:
            self._idle.put_nowait(None)
            raise self.trouble or PoolError("the pool is closed")
        try:
            said, answer = await worker.ask(thing)
        except (OSError, EOFError):
            raise await self._lost(worker) from None
        except BaseException:  # whoever asked has gone: what the worker says next would be for another thing
            worker.kill()
            self._replace(worker)
            raise
        if worker.retired:
            worker.kill()
            self._replace(worker)
        else:
            self._idle.put_nowait(worker)
        if said is Said.SWOLLEN:
            raise swollen(self.limits.memory_bytes)
        if said is Said.BROKE:
            raise WorkError(answer)
        return answer

    async def _lost(self, worker: Worker) -> PageLost | PoolError:
        self._replace(worker)
        status = await worker.ended()
        if status is None or self.trouble is not None:
            return self.trouble or PoolError("the pool is closed")
        lost = verdict(status, self.limits)
        event(log, logging.WARNING, "worker died", pid=worker.pid, reason=lost.reason, detail=lost.detail)
        return lost

    def _replace(self, worker: Worker) -> None:
        self._alive.discard(worker)
        if self.trouble is None and self._server is not None:
            self._begin(self._server)

    def close(self) -> None:
        """End all processes; they hold nothing that anybody waits for. Takes END_S at most."""
        self._end(PoolError("the pool is closed"))
        for task in tuple(self._starting):
            task.cancel()
        for worker in self._alive:
            worker.writer.close()
        self._alive.clear()
        if self._server is not None:
            self._server.close()
