"""A crawl that is asked to end does so in seconds: nothing waits for its turn any more, transfers get a grace.

Scrapy waits for every request it began, those that only wait for a delay included. They end here with the reason
"stopped", which is no outcome: their pages stay queued.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call

from ingest.crawl.run import Run
from ingest.fetch.reasons import STOPPED, NotFetched
from ingest.fetch.scrapy_internals import fail_waiting, is_closing

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

LOOK_S = 0.25  # Scrapy has no signal for the beginning of the end
GRACE_S = 5.0  # for what is on the wire; with the stages after it, the end comes within 10 s


class Shutdown:
    """One a crawl; code that waits asks it for the pause."""

    _of: ClassVar[WeakKeyDictionary[Crawler, Shutdown]] = WeakKeyDictionary()

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.begun = asyncio.Event()
        self.on_the_wire: dict[Request, Deferred[object]] = {}
        self.cut: set[Request] = set()
        self._loop = create_looping_call(self._look)
        crawler.signals.connect(self._start, signals.spider_opened)
        crawler.signals.connect(self._end, signals.spider_closed)

    @classmethod
    def of(cls, crawler: Crawler) -> Shutdown:
        """Return the one of a crawl."""
        if crawler not in cls._of:
            cls._of[crawler] = cls(crawler)
        return cls._of[crawler]

    async def pause(self, seconds: float) -> None:
        """Wait. Raises NotFetched("stopped") when the crawl ends meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.0)):
                await self.begun.wait()
        if self.begun.is_set():
            raise NotFetched(STOPPED)

    def _start(self) -> None:
        self._loop.start(LOOK_S, now=False)

    def _end(self) -> None:
        if self._loop.running:
            self._loop.stop()

    def _look(self) -> None:
        if not is_closing(self.crawler):
            return
        self._end()
        self.begun.set()
        broken = Run.of(self.crawler).broken is not None  # nothing can be kept, and the host may be another's by now
        fail_waiting(self.crawler, lambda: NotFetched(STOPPED))
        asyncio.get_running_loop().call_later(0.0 if broken else GRACE_S, self._cut_off)

    def _cut_off(self) -> None:
        for request, answer in list(self.on_the_wire.items()):
            self.cut.add(request)
            answer.cancel()
