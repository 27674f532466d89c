"""The fork server: a process with one thread that imports and warms up once, then forks a worker on request.

Over the control socket the crawl sends the number of a worker: with the worker's end of a socket it is to be forked,
without it is to be killed. The server reports that it is ready, then the number and exit status of each that ended.
It ends with the crawl, and all its workers with it.
"""

from __future__ import annotations

import gc
import importlib
import os
import selectors
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

from ingest.workers.limits import PageLimits
from ingest.workers.worker import serve

NUMBER = struct.Struct("!Q")  # of a worker, from 1
ENDED = struct.Struct("!Qi")  # number and exit status, as subprocess has it
READY = 0  # the number that no worker has
START_S = 60.0  # for imports and warming up, on a machine that is busy with other things; 1.5 s when it is not
GC_THRESHOLD = 50_000  # a page's trees are dropped whole; looking for cycles every 700 objects is 0.4 ms a page
NICE = 5  # below the crawl's own process, whose timers and connections come first
# Numerical libraries start a thread a core as they are imported; what other threads hold, a fork never gets back.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")


def run_fork_server(control: int, work: str, warm: str, limits: PageLimits) -> NoReturn:
    """Run as the fork server: `control` is the number of the socket to the crawl.

    `work` is a "module:function" of one argument, `warm` one of none that makes it load what it needs, or "".
    """
    for asked in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
    ):  # a terminal and systemd signal whole groups; the crawl decides
        signal.signal(asked, signal.SIG_IGN)
    for ours in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(ours, signal.SIG_DFL)
    os.nice(NICE)
    _to_the_end(lambda: _serve_forks(socket.socket(fileno=control), work, warm, limits))


def _serve_forks(control: socket.socket, work: str, warm: str, limits: PageLimits) -> None:
    function = _warmed_up(work, warm)
    with suppress(ConnectionError):
        control.sendall(ENDED.pack(READY, 0))
        _Workers(control, lambda line: serve(line, function, limits)).loop()


def _to_the_end(run_fork_server: Callable[[], None]) -> NoReturn:
    """Run and end the process: exit code 1 if that raised. The kernel frees what the process holds.

    os._exit also makes sure that the exit status is set before the crawl sees the socket closed.
    """
    status = 1
    try:
        run_fork_server()
        status = 0
    finally:
        os._exit(status)


def _warmed_up(work: str, warm: str) -> Callable[[Any], Any]:
    """Return the function with all it needs in memory."""
    signal.setitimer(signal.ITIMER_REAL, START_S)  # one that hangs here does not see that the crawl has ended
    gc.set_threshold(GC_THRESHOLD)
    for name in THREADS:
        os.putenv(name, "1")
    function = _load(work)
    if warm:
        _load(warm)()
    gc.collect()
    gc.freeze()  # what is loaded stays; a search for cycles that looked at it would copy its memory to each worker
    signal.setitimer(signal.ITIMER_REAL, 0)
    return function


def _load(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    loaded: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return loaded


class _Workers:
    """The running workers by pid: one is killed by its number, and only until its exit was reported."""

    def __init__(self, control: socket.socket, serve: Callable[[socket.socket], None]) -> None:
        self.control = control
        self.serve = serve
        self.numbers: dict[int, int] = {}
        self.ends, self.wakeup_fd = socket.socketpair()  # SIGCHLD writes a byte
        self.selector = selectors.DefaultSelector()  # select() knows no file beyond its 1,024th
        for one in (self.control, self.ends):
            self.selector.register(one, selectors.EVENT_READ)

    def loop(self) -> None:
        """Fork and kill as the crawl asks and report exits, until the crawl has ended."""
        self.ends.setblocking(False)
        self.wakeup_fd.setblocking(False)
        signal.signal(
            signal.SIGCHLD, lambda _signum, _frame: None
        )  # the wake-up byte is written for signals with a handler
        signal.set_wakeup_fd(self.wakeup_fd.fileno(), warn_on_full_buffer=False)
        try:
            while self._handle_one():
                pass
        finally:
            self._end()

    def _handle_one(self) -> bool:
        """Wait for one event and handle it; return whether the crawl still runs."""
        ready = {key.fileobj for key, _ in self.selector.select()}
        if self.ends in ready:
            self.ends.recv(1024)
            for pid, status in _reaped():
                self.control.sendall(ENDED.pack(self.numbers.pop(pid), status))
        return self.control not in ready or self._execute_request()

    def _execute_request(self) -> bool:
        asked, ends, _, _ = socket.recv_fds(self.control, NUMBER.size, 1)
        if not asked:
            return False
        (number,) = NUMBER.unpack(asked)
        if ends:
            with socket.socket(fileno=ends[0]) as line:
                self._fork(number, line)
        else:
            for pid, known in self.numbers.items():
                if known == number:
                    os.kill(pid, signal.SIGKILL)
        return True

    def _fork(self, number: int, line: socket.socket) -> None:
        try:
            pid = os.fork()
        except OSError:
            self.control.sendall(ENDED.pack(number, 1))
            return
        if pid:
            self.numbers[pid] = number
        else:
            _to_the_end(lambda: self._become_worker(line))

    def _become_worker(self, line: socket.socket) -> None:
        """Serve in the forked process, which closes everything of the server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for its in (self.selector, self.control, self.ends, self.wakeup_fd):
            its.close()
        self.serve(line)

    def _end(self) -> None:
        for pid in self.numbers:
            os.kill(pid, signal.SIGKILL)
        for pid in self.numbers:
            os.waitpid(pid, 0)  # what they used counts as used by the crawl


def _reaped() -> Iterator[tuple[int, int]]:
    """Yield pid and exit status of each child that has ended."""
    with suppress(ChildProcessError):  # none is left
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            yield pid, os.waitstatus_to_exitcode(status)
