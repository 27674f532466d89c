"""What extracting one page may use, enforced by the kernel in a worker and by a timer in the crawl's own process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from ingest.errors import PageLost

AGAIN_S = 0.5  # the timer comes again, for the case that something swallows its exception


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    """Bounds of one page, the first two the product's. `wall_s` is for what sleeps; laden machines are slow too."""

    cpu_s: float = 10.0
    memory_bytes: int = 512 * 2**20  # beyond what the process needs while idle
    wall_s: float = 60.0


class _SlowError(BaseException):
    """Time is up. No Exception, because libraries catch those and go on with something slower."""


@contextmanager
def within(cpu_s: float) -> Iterator[None]:
    """Raise PageLost when the block uses more CPU. Only the main thread can be interrupted; others are not limited."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def up(_signum: int, _frame: FrameType | None) -> None:
        raise _SlowError

    before = signal.signal(signal.SIGPROF, up)
    signal.setitimer(signal.ITIMER_PROF, cpu_s, AGAIN_S)
    try:
        yield
    except _SlowError:
        raise slow(cpu_s) from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def slow(cpu_s: float) -> PageLost:
    """Return the error of a page that takes too long to extract."""
    return PageLost("extract-cpu", f"over {cpu_s:g} s of CPU")


def out_of_memory(memory_bytes: int) -> PageLost:
    """Return the error of a page that takes too much memory to extract."""
    return PageLost("extract-memory", f"over {memory_bytes >> 20} MB")


def cause_of_exit(exit_status: int, limits: PageLimits) -> PageLost:
    """Return why a worker ended during a page; `exit_status` as subprocess has it, negative for a signal.

    SIGKILL and SIGTERM come from outside (the kernel short of memory, a person); the page may not be the cause, so it
    is tried again.
    """
    if exit_status == -signal.SIGPROF:
        return slow(limits.cpu_s)
    if exit_status == -signal.SIGALRM:
        return PageLost("extract-hung", f"over {limits.wall_s:g} s")
    if exit_status >= 0:
        return PageLost("extract-crashed", f"exit code {exit_status}")
    passes = exit_status in (-signal.SIGKILL, -signal.SIGTERM)
    return PageLost("extract-killed" if passes else "extract-crashed", signal.Signals(-exit_status).name, passes=passes)
