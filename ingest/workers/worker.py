"""What a worker process does: read a task, send the result of a function, again, until the socket is closed.

No process watches it: kernel timers end it when a task takes too long, even in the middle of a C library, so that no
worker outlives a killed crawl by more than one task's time.
"""

from __future__ import annotations

import os
import pickle
import re
import resource
import signal
import socket
import struct
import traceback
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any

from ingest.workers.limits import PageLimits

HEAD = struct.Struct("!Q")  # bytes that follow
TRACE_CHARS = 4_000
# A library that got no memory may go on with half a page and report nothing: so near to the limit, it has been met.
FULL = 0.95  # libxml2 asks for a few kilobytes at a time and stops within 0.1 % of it
KEPT = 0.5  # of the limit: what does not come back leaves too little for the next
SIZES = re.compile(rb"^(VmSize|VmPeak):\s+(\d+) kB", re.MULTILINE)


class MessageType(Enum):
    """The kinds of messages a worker sends."""

    DONE = "done"  # with the result
    RAISED = "raised"  # with the trace of an exception that is a fault of ours
    OUT_OF_MEMORY = "out-of-memory"
    READY = "ready"  # to begin with, with its pid
    LAST = "last"  # before the last answer it gives


def frame(value: object) -> bytes:
    """Return a value as it is sent over the socket."""
    packed = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(packed)) + packed


def serve(line: socket.socket, function: Callable[[Any], Any], limits: PageLimits) -> None:
    """Run as a worker on the socket to the crawl; signals are as the fork server left them."""
    with suppress(ConnectionError, EOFError):
        idle_bytes, _ = mapped_bytes()
        _limit_memory(idle_bytes + limits.memory_bytes)
        line.sendall(frame((MessageType.READY, os.getpid())))
        _serve(line, function, limits, idle_bytes)


def _serve(sock: socket.socket, function: Callable[[Any], Any], limits: PageLimits, idle_bytes: int) -> None:
    """Answer until the socket is closed, or until memory is not freed: a new process then has all of it again."""
    lines = sock.makefile("rb")
    while head := lines.read(HEAD.size):
        task = pickle.loads(_exactly(lines.read(HEAD.unpack(head)[0]), head))  # noqa: S301 - from our own crawl
        signal.setitimer(signal.ITIMER_PROF, limits.cpu_s)
        signal.setitimer(signal.ITIMER_REAL, limits.wall_s)
        kind, answer = _answer(function, task)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        del task
        now, peak = (mapped - idle_bytes for mapped in mapped_bytes())
        if peak > FULL * limits.memory_bytes:
            kind, answer = MessageType.OUT_OF_MEMORY, frame((MessageType.OUT_OF_MEMORY, None))
        full = kind is MessageType.OUT_OF_MEMORY or now > KEPT * limits.memory_bytes
        sock.sendall(frame((MessageType.LAST, None)) + answer if full else answer)
        if full:
            while lines.read(
                1 << 16
            ):  # until the crawl closes it: an answer is lost when its socket closes before it is read
                pass
            return


def _answer(function: Callable[[Any], Any], task: object) -> tuple[MessageType, bytes]:
    try:
        return MessageType.DONE, frame((MessageType.DONE, function(task)))
    except MemoryError:
        return MessageType.OUT_OF_MEMORY, frame((MessageType.OUT_OF_MEMORY, None))
    except Exception:  # the edge of a process: the crawl gets the trace
        return MessageType.RAISED, frame((MessageType.RAISED, traceback.format_exc()[-TRACE_CHARS:]))


def _exactly(got: bytes, head: bytes) -> bytes:
    if len(got) < HEAD.unpack(head)[0]:
        raise EOFError  # the crawl died while it was sending
    return got


def mapped_bytes() -> tuple[int, int]:
    """Return the address space in use now and at its peak, zeros where the system does not report it."""
    try:
        status = Path("/proc/self/status").read_bytes()
    except OSError:
        return 0, 0
    found = dict(SIZES.findall(status))
    return int(found[b"VmSize"]) * 1024, int(found[b"VmPeak"]) * 1024


def _limit_memory(most_bytes: int) -> None:
    with suppress(OSError, ValueError):  # less is allowed already, or the system knows no such limit
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, hard))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is reported, no core file is written
