"""Requests that wait in the scheduler: a queue for each polite unit, a budget for each source."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from scrapy import Request

from ingest.model import Source
from ingest.store import QueuedPage


@dataclass(slots=True)
class SourceBudget:
    """One source's place in the scheduler: its budget, and whether its queue in the store may hold something."""

    source: Source
    unit: str
    delay_s: float
    max_articles: int
    max_requests: int
    max_runtime_s: float
    requests: int = 0
    stored: int = 0
    begun_s: float | None = None
    empty: bool = False  # the store had nothing for it, and nobody met links of it since
    touched: bool = False  # something of it was handed out since, so that the spider may have met links
    last: list[QueuedPage] = field(default_factory=list)  # tried before; they wait until nothing else does

    def spent(self, now_s: float) -> str:
        """Return which budget is used up, "" when none is."""
        if self.requests >= self.max_requests:
            return "max-requests"
        if self.begun_s is not None and now_s - self.begun_s >= self.max_runtime_s:
            return "max-runtime"
        return "max-articles" if self.stored >= self.max_articles else ""


@dataclass(slots=True)
class HostQueue:
    """What waits for one polite unit."""

    asked: list[tuple[int, int, Request]] = field(default_factory=list)  # heap: highest priority, first come
    later: list[tuple[float, int, Request]] = field(default_factory=list)  # heap: repeats by their time
    pages: deque[QueuedPage] = field(default_factory=deque)  # pulled from the store
    lines: deque[SourceBudget] = field(default_factory=deque)  # sources at home here; the first is next
    busy: Request | None = None  # handed out and not ended
    queued: bool = False  # the unit is in the heap of turns
