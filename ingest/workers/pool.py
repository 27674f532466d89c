"""The pool: sends tasks to workers that are free, returns the results, replaces workers that died."""

from __future__ import annotations

import asyncio
import logging
import pickle
from typing import Any, Self

from ingest.errors import PageLost
from ingest.events import event
from ingest.workers import prestart
from ingest.workers.control import END_S, Child, ForkServer, PoolError
from ingest.workers.forkserver import START_S
from ingest.workers.limits import PageLimits, cause_of_exit, out_of_memory
from ingest.workers.worker import HEAD, MessageType, frame

log = logging.getLogger(__name__)

BUFFER_BYTES = 1 << 20
# Tasks that a worker has at a time. The second waits in its socket while it does the first: else the worker would idle
# after each task until the crawl, busy storing, has read the result and sent the next: a seventh of its time. Behind a
# slow task the second one waits, although another worker may be idle: rare, and bounded by the limits.
AHEAD = 2
KILL_S = 30.0  # between the request to kill a worker and the report of its exit, on a machine that swaps


class WorkError(Exception):
    """The function raised in its worker: a fault of ours. The text is the trace."""

    def __str__(self) -> str:
        """Return what was raised; the trace is in `args`."""
        return str(self.args[0]).strip().rpartition("\n")[2]


class _NotBegunError(Exception):
    """The worker ended before it began the task: another may do it."""


class Worker:
    """One process and the socket to it."""

    def __init__(
        self, server: ForkServer, child: Child, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.child = child
        self.reader = reader
        self.writer = writer
        self.pid = 0  # known when it is ready; for the log
        self.given = 0  # tasks without a result
        self.asked_at = 0  # the number of what it was asked last
        self.over = False  # it does nothing more: it has given its last answer, or died, or was killed
        self.retired = False  # it has given its last answer
        self._last: asyncio.Future[None] | None = None  # done when what it was asked last is answered

    @classmethod
    async def start(cls, server: ForkServer) -> Self:
        """Start one and wait until it is ready. Raises PoolError."""
        child = server.fork()
        worker = cls(server, child, *await asyncio.open_connection(sock=child.line, limit=BUFFER_BYTES))
        try:
            async with asyncio.timeout(START_S):
                _, worker.pid = await worker.receive()
        except (OSError, EOFError, TimeoutError) as error:
            status = await worker.ended()
            raise PoolError(f"a worker ended while starting, exit code {status}") from error
        except BaseException:  # the crawl ended meanwhile
            worker.kill()
            raise
        return worker

    async def ask(self, task: object) -> tuple[MessageType, Any]:
        """Return its answer to a task, after those to the tasks sent before.

        Raises OSError or EOFError when it dies over this one, _NotBegunError when it ended before.
        """
        self.writer.write(frame(task))
        before, answered = self._last, asyncio.get_running_loop().create_future()
        self._last = answered
        self.given += 1
        try:
            if before is not None:
                await asyncio.shield(before)  # it is another's
            if self.over:
                raise _NotBegunError
            await self.writer.drain()
            return await self.receive()
        except (OSError, EOFError):
            if self.over:  # killed because of another task
                raise _NotBegunError from None
            self.over = True
            raise
        finally:
            self.given -= 1
            answered.set_result(None)

    async def receive(self) -> tuple[MessageType, Any]:
        """Return its next message."""
        (size,) = HEAD.unpack(await self.reader.readexactly(HEAD.size))
        kind, answer = pickle.loads(await self.reader.readexactly(size))  # noqa: S301 - of our own worker
        if kind is MessageType.LAST:
            answer = await self.receive()
            self.over = self.retired = True
            return answer
        return kind, answer

    async def ended(self) -> int | None:
        """See to it that the process is gone; return its exit status, None when the fork server has gone too."""
        self.writer.close()
        await asyncio.wait([self.child.ended], timeout=END_S)
        self.server.kill(self.child)
        await asyncio.wait([self.child.ended], timeout=KILL_S)
        if not self.child.ended.done():
            self.server.give_up("no worker exit reported")
        return await self.child.ended

    def kill(self) -> None:
        """End the process at once."""
        self.over = True
        self.writer.close()
        self.server.kill(self.child)


class Pool:
    """`count` processes that run one function, each on one task after the other. Lives in one event loop.

    `work` is the "module:function", `warm` one without arguments that makes it load what it needs.
    """

    def __init__(self, work: str, count: int, limits: PageLimits | None = None, *, warm: str = "") -> None:
        self.work = work
        self.warm = warm
        self.limits = limits or PageLimits()
        self.count = count
        self._server: ForkServer | None = None
        # an entry for each task that a worker can take, some for workers that have ended; None: the pool has failed
        self._places: asyncio.Queue[bool | None] = asyncio.Queue()
        self._asked = 0
        self._alive: set[Worker] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self.ready = False  # a worker has been started: from now on tasks can be done
        self.failure: PoolError | None = None

    def start(self) -> None:
        """Start the processes in the background."""
        try:
            self._server = ForkServer(prestart.launched(self.work, self.warm, self.limits), self._fail)
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
        if self.failure is not None:  # closed meanwhile
            worker.kill()
            return
        self._alive.add(worker)
        for _ in range(AHEAD):
            self._places.put_nowait(True)
        self.ready = True

    def _fail(self, error: PoolError) -> None:
        if self.failure is None:
            event(log, logging.WARNING, "no workers", why=str(error))
        self._end(error)

    def _end(self, error: PoolError) -> None:
        self.failure = self.failure or error
        self._places.put_nowait(None)  # wakes one waiting caller, which wakes the next

    async def do(self, task: object) -> Any:
        """Return what the function makes of a task.

        Raises PageLost when it used more than it may or its worker died over it, WorkError when the function raised,
        PoolError when there is no worker to do it.
        """
        while True:
            worker = await self._free()
            try:
                kind, answer = await worker.ask(task)
            except _NotBegunError:
                continue
            except (OSError, EOFError):
                raise await self._lost(worker) from None
            except BaseException:  # the caller was cancelled: the next answer would be taken for another task's
                worker.kill()
                self._replace(worker)
                raise
            if worker.retired:
                worker.kill()
                self._replace(worker)
            else:
                self._places.put_nowait(True)
            if kind is MessageType.OUT_OF_MEMORY:
                raise out_of_memory(self.limits.memory_bytes)
            if kind is MessageType.RAISED:
                raise WorkError(answer)
            return answer

    async def _free(self) -> Worker:
        """Return the worker with the fewest tasks, as soon as one can take a task; of several the one used last."""
        while True:
            place = await self._places.get()
            if place is None or self.failure is not None:
                self._places.put_nowait(None)
                raise self.failure or PoolError("the pool is closed")
            free = [worker for worker in self._alive if worker.given < AHEAD and not worker.over]
            if free:  # else the entry was that of a worker that has ended
                worker = min(free, key=lambda one: (one.given, -one.asked_at))
                self._asked += 1
                worker.asked_at = self._asked
                return worker

    async def _lost(self, worker: Worker) -> PageLost | PoolError:
        self._replace(worker)
        status = await worker.ended()
        if status is None or self.failure is not None:
            return self.failure or PoolError("the pool is closed")
        lost = cause_of_exit(status, self.limits)
        event(log, logging.WARNING, "worker died", pid=worker.pid, reason=lost.reason, detail=lost.detail)
        return lost

    def _replace(self, worker: Worker) -> None:
        if worker in self._alive:  # its other task may have found out first
            self._alive.discard(worker)
            if self.failure is None and self._server is not None:
                self._begin(self._server)

    def close(self) -> None:
        """End all processes at once; no result is awaited any more. Takes END_S at most."""
        self._end(PoolError("the pool is closed"))
        for task in tuple(self._starting):
            task.cancel()
        for worker in self._alive:
            worker.writer.close()
        self._alive.clear()
        if self._server is not None:
            self._server.close()
