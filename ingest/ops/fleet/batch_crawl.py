"""A bundle: up to 50 queued sources crawled by one process, and what becomes of each of their jobs.

The process is the usual crawl. It reads the names from its standard input and ends as by a signal when that is closed,
so that it does not outlive its worker; at its end it writes to its standard output which sources are done.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from ingest.errors import SIGNAL_BASE, IngestError, Locked, WrongUse
from ingest.events import event
from ingest.ops.fleet.due_queue import MAX_ATTEMPTS, back_off

log = logging.getLogger(__name__)

BUNDLE = 50  # sources in one process: starting one costs half a second of CPU
LEAST = 10  # fewer are not worth a process, even when other workers could share them
LONGEST_S = 3600.0  # for a bundle; what is left of it is queued again
OVERDUE_S = 300.0  # beyond that a crawl is hung, and killed
STOP_S = 20.0  # a crawl that is asked to end does so within 10 s and learns from what it has; then it is killed
HELD_AGAIN = timedelta(seconds=30)  # when another process had the host
LOCKED_AGAIN = timedelta(seconds=60)  # when a whole `ingest run` has the database, or nothing can be done here at all


class Next(Enum):
    """What becomes of a source's job."""

    DONE = auto()
    AGAIN = auto()  # queue it anew: nothing is wrong with it
    RETRY = auto()  # its crawl died: once more, later, counted
    GIVE_UP = auto()  # too often


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a bundle's process ended. `code`: negative for the signal that killed it."""

    code: int
    done: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()  # not crawled: another process had the host
    left: frozenset[str] = frozenset()  # cut off: the crawl was asked to end, or had its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of one job, and when."""

    next: Next
    after: timedelta = timedelta()
    alone: bool = False  # in a process of its own: it may be what killed the bundle


def decide(source: str, ended: Ended, attempts: int) -> Decision:
    """Return what becomes of a source's job; `attempts`: crawls of it that died before this one."""
    if source in ended.done:
        return Decision(next=Next.DONE)
    if source in ended.held:
        return Decision(next=Next.AGAIN, after=HELD_AGAIN)
    if ended.code in (Locked.exit_code, WrongUse.exit_code):  # the second: an old schema, while all are upgraded
        return Decision(next=Next.AGAIN, after=LOCKED_AGAIN)
    if source in ended.left or ended.code >= SIGNAL_BASE:  # another worker goes on with it
        return Decision(next=Next.AGAIN)
    if attempts + 1 >= MAX_ATTEMPTS:
        return Decision(next=Next.GIVE_UP)
    return Decision(next=Next.RETRY, after=back_off(attempts + 1), alone=ended.code < 0 or attempts > 0)


def size(runnable: int, crawls: int, most: int = BUNDLE) -> int:
    """Return how many sources to take into a bundle: a fair share of what waits, within bounds.

    `crawls`: what all workers run side by side.
    """
    return max(1, min(most, max(LEAST, -(-runnable // max(crawls, 1)))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The sources of one process."""

    names: tuple[str, ...]
    by_hand: tuple[str, ...] = ()  # of these, those crawled whether due or not

    def line(self) -> bytes:
        """Return the line that the process reads."""
        return json.dumps({"names": self.names, "by_hand": self.by_hand, "longest_s": LONGEST_S}).encode() + b"\n"


def read_end(code: int, output: bytes) -> Ended:
    """Read what a process wrote at its end; a killed one writes nothing."""
    try:
        said = json.loads(output.splitlines()[-1])
        return Ended(code=code, **{name: frozenset(said[name]) for name in ("done", "held", "left")})
    except (IndexError, KeyError, TypeError, ValueError):
        return Ended(code=code)


async def crawl(
    bundle: Bundle,
    command: Sequence[str],
    *,
    stopping: asyncio.Event,
    beat: Callable[[], Awaitable[None]],
    every_s: float,
) -> Ended:
    """Run the process to its end. When the worker is `stopping` it is asked to end, and killed when it does not.

    `beat` is called every so many seconds, also while the worker waits for it at its own end.
    """
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    event(log, logging.INFO, "bundle begun", sources=len(bundle.names), pid=process.pid)
    process.stdin.write(bundle.line())
    output = asyncio.ensure_future(process.stdout.read())
    halt = asyncio.ensure_future(stopping.wait())
    try:
        overdue = asyncio.get_running_loop().time() + LONGEST_S + OVERDUE_S
        while not output.done() and not halt.done() and asyncio.get_running_loop().time() < overdue:
            await asyncio.wait((output, halt), timeout=every_s, return_when=asyncio.FIRST_COMPLETED)
            await beat()
        process.stdin.close()
        deadline = asyncio.get_running_loop().time() + STOP_S
        while not output.done() and asyncio.get_running_loop().time() < deadline:
            await asyncio.wait((output,), timeout=min(every_s, STOP_S))
            await beat()
    finally:
        halt.cancel()
        if process.returncode is None and not output.done():
            process.kill()
    said = await output
    ended = read_end(await process.wait(), said)
    died = ended.code < 0 or ended.code == IngestError.exit_code
    level = logging.WARNING if died else logging.INFO
    event(log, level, "bundle died" if died else "bundle ended", pid=process.pid, code=ended.code, done=len(ended.done))
    return ended
