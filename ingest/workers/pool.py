"""The pool: hands things to idle workers, tells what became of them, replaces the dead by fresh processes."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import socket
import subprocess
import sys
from dataclasses import asdict
from typing import Any, Self

from ingest.errors import PageLost
from ingest.events import event
from ingest.workers.limits import Limits, swollen, verdict
from ingest.workers.worker import HEAD, Said, frame

log = logging.getLogger(__name__)

START_S = 60.0  # for imports, on a machine that is busy with other things; 0.5 s when it is not
END_S = 1.0  # between the end of a worker's line and the end of its process
BUFFER_BYTES = 1 << 20
CODE = (
    "import json, sys; line, work, limits, sys.path[:] = json.loads(sys.argv[1]);"
    "from ingest.workers.limits import Limits; from ingest.workers.worker import serve;"
    "serve(line, work, Limits(**limits)); import os; os._exit(0)"  # no need to tidy up what the kernel takes whole
)


class PoolError(Exception):
    """No worker can be started, or the pool was closed."""


class WorkError(Exception):
    """The function raised in its worker: a fault of ours. The text is the trace."""

    def __str__(self) -> str:
        """Return what was raised; the trace is in `args`."""
        return str(self.args[0]).strip().rpartition("\n")[2]


class Worker:
    """One process and the line to it."""

    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.process = process
        self.reader = reader
        self.writer = writer
        self.retired = False  # it has given its last answer

    @classmethod
    async def start(cls, work: str, limits: Limits) -> Self:
        """Start one and wait until it is ready. Raises PoolError."""
        ours, its = socket.socketpair()
        with its:
            about = json.dumps([its.fileno(), work, asdict(limits), sys.path])
            try:
                process = subprocess.Popen(  # noqa: ASYNC220, S603 - takes milliseconds; runs ourselves
                    [sys.executable, "-c", CODE, about],
                    pass_fds=[its.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,  # results of the command go there
                    stderr=subprocess.DEVNULL,
                    process_group=0,  # Ctrl-C in a terminal is for the crawl
                )
            except OSError as error:
                ours.close()
                raise PoolError(f"no worker could be started: {error.strerror}") from error
        reader, writer = await asyncio.open_connection(sock=ours, limit=BUFFER_BYTES)
        worker = cls(process, reader, writer)
        try:
            async with asyncio.timeout(START_S):
                await worker.hear()
        except (OSError, EOFError, TimeoutError) as error:
            raise PoolError(f"a worker ended while starting, exit code {worker.end(0.1)}") from error
        except BaseException:  # the crawl ended meanwhile
            worker.end(0.0)
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

    def end(self, after_s: float = END_S) -> int:
        """See to it that the process is gone; return its exit status."""
        self.writer.close()
        try:
            return self.process.wait(after_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class Pool:
    """`count` processes that run one function, each on one thing at a time. Lives in one event loop."""

    def __init__(self, work: str, count: int, limits: Limits | None = None) -> None:
        self.work = work
        self.limits = limits or Limits()
        self.count = count
        self._idle: asyncio.LifoQueue[Worker | None] = asyncio.LifoQueue()
        self._alive: set[Worker] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self.ready = False  # a worker has been started: from now on things can be done
        self.trouble: PoolError | None = None

    def start(self) -> None:
        """Start the processes in the background."""
        for _ in range(self.count):
            self._begin()

    def _begin(self) -> None:
        task = asyncio.ensure_future(self._add())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _add(self) -> None:
        try:
            worker = await Worker.start(self.work, self.limits)
        except PoolError as error:
            self._fail(error)
            return
        if self.trouble is not None:  # closed meanwhile
            worker.end(0.0)
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
            if self.trouble is not None:
                raise self.trouble from None
            raise self._lost(worker) from None
        except BaseException:  # whoever asked has gone: what the worker says next would be for another thing
            self._replace(worker, 0.0)
            raise
        if worker.retired:
            self._replace(worker)
        else:
            self._idle.put_nowait(worker)
        if said is Said.SWOLLEN:
            raise swollen(self.limits.memory_bytes)
        if said is Said.BROKE:
            raise WorkError(answer)
        return answer

    def _lost(self, worker: Worker) -> PageLost:
        lost = verdict(self._replace(worker), self.limits)
        event(log, logging.WARNING, "worker died", reason=lost.reason, detail=lost.detail)
        return lost

    def _replace(self, worker: Worker, after_s: float = END_S) -> int:
        self._alive.discard(worker)
        status = worker.end(after_s)
        if self.trouble is None:
            self._begin()
        return status

    def close(self) -> None:
        """End all processes at once; they hold nothing that anybody waits for."""
        self._end(PoolError("the pool is closed"))
        for task in tuple(self._starting):
            task.cancel()
        for worker in self._alive:
            worker.end(0.0)
        self._alive.clear()
