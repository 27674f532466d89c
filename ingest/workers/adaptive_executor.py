"""Which process extracts the next page: the crawl's own, or the pool once it is worth its start."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ingest.workers import prestart
from ingest.workers.control import PoolError
from ingest.workers.limits import PageLimits, within
from ingest.workers.pool import Pool

# What starting the pool costs in CPU: imports, models and tables, once in the fork server; each worker is 0.05 s more,
# for the fork and the memory that its first page copies. Until reading in the crawl's own process has cost as much, a
# pool could only have made it dearer; from then on it has at most doubled it (the old rule of renting and buying skis).
START_COST_S = 1.2
# Where so many tasks are known to come, the pool is worth its start for sure (1.2 s are as much as 40 pages of 30 ms):
# all tasks go to it; the crawl's own process loads no model and is blocked by no page.
MANY = 40
# A longer page may need much memory, which only a worker's can be bounded; 512 MB are two thousand times that.
OWN_BYTES = 256 * 2**10
POOLS = 3  # in one run: what ended two working pools will end a third, and only a pool bounds the memory

T = TypeVar("T")
R = TypeVar("R")


class AdaptiveExecutor(Generic[T, R]):
    """Does one kind of work, by `function` here or by the same function, named `work`, in `count` processes."""

    def __init__(
        self, function: Callable[[T], R], work: str, count: int, limits: PageLimits | None = None, *, warm: str = ""
    ) -> None:
        self.function = function
        self.limits = limits or PageLimits()
        self._make: Callable[[], Pool] = lambda: Pool(work, count, self.limits, warm=warm)
        self.pool = self._make() if count else None
        self._pools = 1
        self._begun = False
        self._many = prestart.waits(work, warm, self.limits)  # everything waits for the pool
        self._closed = False
        self._spent_s = 0.0

    async def do(self, task: T, size: int, *, coming: int = 0) -> R:
        """Return what the function makes of a task of `size` bytes; `coming` more are known of.

        Raises PageLost when that takes more than it may. With no worker at all it is done here.
        """
        while (pool := self.pool) is not None and self._for_pool(pool, size, coming):
            try:
                done: R = await pool.do(task)
            except PoolError:  # the pool has logged why
                if self._closed:
                    raise
                if self.pool is pool:  # others may have found so at the same time
                    self._replace(pool)
            else:
                return done
        return self._do_here(task)

    def _replace(self, pool: Pool) -> None:
        """Begin with another pool, unless this one never worked or there were enough."""
        pool.close()
        self.pool = None
        if pool.ready and self._pools < POOLS:
            self._pools += 1
            self.pool = self._make()
            self.pool.start()

    def _for_pool(self, pool: Pool, size: int, coming: int) -> bool:
        self._many = self._many or coming >= MANY
        if not self._begun and (self._many or size > OWN_BYTES or self._spent_s > START_COST_S):
            self._begun = True
            pool.start()
        return self._many or pool.ready or size > OWN_BYTES

    def _do_here(self, task: T) -> R:
        begun_s = time.process_time()
        try:
            with within(self.limits.cpu_s):
                return self.function(task)
        finally:
            self._spent_s += time.process_time() - begun_s

    def close(self) -> None:
        """End the processes."""
        self._closed = True
        if self.pool is not None:
            self.pool.close()


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
