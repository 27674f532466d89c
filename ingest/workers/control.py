"""The fork server as seen from the crawl: starts it, requests workers and receives their exit status."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

from ingest.workers.forkserver import ENDED, NUMBER, READY, START_S
from ingest.workers.limits import PageLimits

END_S = 1.0  # between the close of a socket and the exit of its process
CODE = (
    "import json, sys; control, work, warm, limits, sys.path[:] = json.loads(sys.argv[1]);"
    "from ingest.workers.limits import PageLimits; from ingest.workers.forkserver import run_fork_server;"
    "run_fork_server(control, work, warm, PageLimits(**limits))"
)


class PoolError(Exception):
    """No worker can be started, the fork server ended, or the pool was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A requested worker."""

    number: int
    line: socket.socket
    ended: asyncio.Future[int | None]  # its exit status, as subprocess has it; None: the server ended before it


class Launched:
    """The fork server's process while it imports, and our end of the socket to it. Raises PoolError."""

    def __init__(self, work: str, warm: str, limits: PageLimits) -> None:
        self.line, its = _pair()
        with its:
            about = json.dumps([its.fileno(), work, warm, asdict(limits), sys.path])
            try:
                self.process = subprocess.Popen(  # noqa: S603 - runs ourselves
                    [sys.executable, "-c", CODE, about],
                    pass_fds=[its.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,  # results of the command go there
                    stderr=subprocess.DEVNULL,
                    process_group=0,  # Ctrl-C in a terminal is for the crawl
                )
            except OSError as error:
                self.line.close()
                raise PoolError(f"no worker could be started: {error.strerror}") from error

    def end(self) -> int:
        """Make sure that it and its workers have ended; return its exit status."""
        self.line.close()
        if self.process.returncode is None:  # until it was waited for, the number of its group is nobody else's
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()


class ForkServer:
    """The process that forks the workers. When it ends, `lost` is called and all workers are gone with it.

    Lives in one event loop.
    """

    def __init__(self, launched: Launched, lost: Callable[[PoolError], None]) -> None:
        self._lost = lost
        self._last = READY
        self._loop = asyncio.get_running_loop()
        self._ended: dict[int, asyncio.Future[int | None]] = {READY: self._loop.create_future()}
        self._ready = self._ended[READY]
        self._launched = launched
        self.process, self._control = launched.process, launched.line
        self._control.setblocking(False)
        self._loop.add_reader(self._control, self._receive)

    async def ready(self) -> None:
        """Wait until it can fork. Raises PoolError when that takes too long; `lost` is called when it died."""
        await asyncio.wait([self._ready], timeout=START_S)
        if not self._ready.done():
            raise PoolError(f"the fork server was not ready after {START_S:g} s")

    def fork(self) -> Child:
        """Return a new worker. Raises PoolError when the server has ended, or no file is left to be opened."""
        if self.process.returncode is not None:
            raise PoolError("the fork server has ended")
        ours, its = _pair()
        self._last += 1
        ended = self._ended[self._last] = self._loop.create_future()
        with its:
            self._ask(self._last, its)
        return Child(number=self._last, line=ours, ended=ended)

    def kill(self, child: Child) -> None:
        """Have a worker killed that has not ended. Only the server knows which process still has its pid."""
        if child.number in self._ended:
            self._ask(child.number)

    def give_up(self, why: str) -> None:
        """End it and all workers because it does not work; `lost` is called with the reason."""
        if self.process.returncode is None:
            self._disconnect()
            self._lost(PoolError(f"the fork server {why}, exit code {self._reap()}"))

    def _ask(self, number: int, *lines: socket.socket) -> None:
        try:
            socket.send_fds(self._control, [NUMBER.pack(number)], [line.fileno() for line in lines])
        except BlockingIOError:  # hundreds of requests wait to be read
            self.give_up("control socket does not respond")
        except OSError:
            pass  # it has ended, which the next read will show

    def _receive(self) -> None:
        try:
            message = self._control.recv(ENDED.size)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if message:
            number, status = ENDED.unpack(message)
            _settle(self._ended.pop(number), status)
        else:
            self.give_up("ended")

    def close(self) -> None:
        """End it and all workers. It kills and waits for its children; before it was ready it had none."""
        if self.process.returncode is not None:
            return
        self._disconnect()
        if self._ready.done():
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(END_S)
        self._reap()

    def _disconnect(self) -> None:
        self._loop.remove_reader(self._control)
        self._control.close()

    def _reap(self) -> int:
        """Make sure that all have ended; return its exit status."""
        status = self._launched.end()
        for ended in self._ended.values():
            _settle(ended, None)
        self._ended.clear()
        return status


def _pair() -> tuple[socket.socket, socket.socket]:
    try:
        return socket.socketpair()
    except OSError as error:
        raise PoolError(f"no worker could be started: {error.strerror}") from error


def _settle(ended: asyncio.Future[int | None], status: int | None) -> None:
    if not ended.done():  # the caller may have been cancelled
        ended.set_result(status)
