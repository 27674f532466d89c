"""Many tasks by an executor, for a caller without an event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from ingest.errors import PageLost
from ingest.workers.adaptive_executor import AdaptiveExecutor

AHEAD = 16  # tasks under way: enough for all cores, and little memory

T = TypeVar("T")
R = TypeVar("R")


class OrderedResults(Generic[T, R]):
    """Gives the result of each task in the order of the tasks, while those that follow are under way.

    A context manager: the executor and its processes end with it.
    """

    def __init__(self, executor: AdaptiveExecutor[T, R], *, coming: int = 0) -> None:
        self.executor = executor
        self.coming = coming  # tasks known of: many are worth the processes from the first on
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> OrderedResults[T, R]:
        return self

    def __exit__(self, *_error: object) -> None:
        self.executor.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def of(self, tasks: Iterable[tuple[T, int] | None]) -> Iterator[R | PageLost | None]:
        """Give what becomes of each task, given with its bytes; None for None. A fault of ours is raised."""
        waiting: deque[asyncio.Task[R | PageLost] | None] = deque()
        for task in tasks:
            waiting.append(None if task is None else self._loop.create_task(self._done(*task)))
            if len(waiting) >= AHEAD:
                yield self._result(waiting.popleft())
        while waiting:
            yield self._result(waiting.popleft())

    def _result(self, task: asyncio.Task[R | PageLost] | None) -> R | PageLost | None:
        return None if task is None else self._loop.run_until_complete(task)

    async def _done(self, task: T, size: int) -> R | PageLost:
        try:
            return await self.executor.do(task, size, coming=self.coming)
        except PageLost as lost:
            return lost
