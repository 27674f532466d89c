"""Scrapy's scheduler: which request goes next.

Articles wait in the store and are pulled from there a few at a time, newest first, when their turn has come; seeds,
redirects and repeats wait in memory. At most one request of a polite unit is outstanding, the units take turns, and a
source that has used up its budget gets nothing more: what is left stays queued for the next run. A killed process
loses nothing, because a row is queued until its outcome is recorded.
"""

from __future__ import annotations

import heapq
import itertools
import logging
from collections.abc import Iterator
from time import monotonic
from typing import Protocol, Self, cast

from scrapy import Request, Spider, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import CallLaterResult, call_later

from ingest.crawl.request_meta import meta_of
from ingest.crawl.run import Run
from ingest.crawl.signals import links_met
from ingest.errors import IngestError
from ingest.fetch.host_leases import AGAIN_S, HostLeases
from ingest.fetch.host_queues import HostQueue, SourceBudget
from ingest.fetch.politeness import PolitenessMiddleware
from ingest.fetch.reasons import STOPPED
from ingest.fetch.robots_txt.middleware import RobotsMiddleware
from ingest.fetch.scrapy_internals import unread_answers, wake_engine
from ingest.model import Identified, VerdictKind
from ingest.store import QueuedPage
from ingest.store.db.keys import url_key
from ingest.web.urls import polite_unit

log = logging.getLogger(__name__)

PULLED_AT_ONCE = 8  # rows; claimed rows that are not used stay queued, so few are enough
MAX_ATTEMPTS = 5  # fetches of one page that ended with the program: the page may be what killed it
# What was tried before and came to nothing goes when nothing else of the run waits, or after so long: it may be what
# killed the program, and a page that was being fetched at two kills would be fetched a third time.
HELD_BACK_S = 120.0
MOST_PULLS = 32  # sources asked for in the store at one time: with thousands of them the loop must go on meanwhile


# Answers that wait for the stages while further ones are fetched: enough that reading never waits for the wire. What is
# fetched and not read is memory, and lost when the program is killed.
MAX_UNREAD = 4


class PageSpider(Protocol):
    """What the scheduler needs of the spider."""

    def wants(self, queued: QueuedPage) -> bool:
        """Return whether a page of the frontier is still worth a request; if not, its outcome is recorded."""

    def page_request(self, queued: QueuedPage) -> Request:
        """Return the request for a page of the frontier."""


class Scheduler(BaseScheduler):
    """One outstanding request a polite unit, the units in turn, articles out of the store."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.run = Run.of(crawler)
        self.leases = HostLeases.of(crawler)
        self.host_queues: dict[str, HostQueue] = {}
        self.lines: dict[str, SourceBudget] = {}
        self._turns: list[tuple[float, int, str]] = []  # heap: when a unit may go, in order of asking
        self._count: Iterator[int] = itertools.count()
        self._busy: dict[str, HostQueue] = {}
        self._wake: CallLaterResult | None = None
        self._pulls = 0
        self._held_until_s = monotonic() + HELD_BACK_S
        self._left_s = 0.0  # when units were last left to other processes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for stored articles, which count for the budgets, and for new links."""
        made = cls(crawler)
        crawler.signals.connect(made.item_scraped, signals.item_scraped)
        crawler.signals.connect(made.links_met, links_met)
        return made

    def open(self, spider: Spider) -> None:
        """Make the queue of each source's polite unit."""
        self.spider = cast(PageSpider, spider)
        politeness = self.crawler.get_downloader_middleware(PolitenessMiddleware)
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        assert politeness is not None, "settings.py names ingest.fetch.politeness.PolitenessMiddleware"
        assert robots is not None, "settings.py names ingest.fetch.robots_txt.middleware.RobotsMiddleware"
        self.politeness, self.robots = politeness, robots
        plan, config = self.run.plan, self.run.config
        for source in self.run.due if plan.discover else plan.sources:
            if source.name in self.run.unusable:
                continue
            line = SourceBudget(
                source=source,
                unit=polite_unit(source.url),
                delay_s=config.delay_s if source.delay_s is None else source.delay_s,
                max_articles=plan.max_articles or source.max_articles or config.max_articles,
                max_requests=source.max_requests or config.max_requests,
                max_runtime_s=source.max_runtime_s or config.max_source_s,
            )
            self.lines[source.name] = line
            self._host_queue(line.unit).lines.append(line)
            self.politeness.ask_delay(line.unit, line.delay_s)
            self._queue(line.unit)

    def close(self, reason: str) -> None:
        """Leave the rest in the store."""
        if self._wake is not None:
            self._wake.cancel()

    # ------------------------------------------------------------ asked by the engine

    def enqueue_request(self, request: Request) -> bool:
        """Let a seed, a redirect or a repeat wait in its unit's queue."""
        unit = meta_of(request)["download_slot"] = polite_unit(request.url)
        host_queue = self._host_queue(unit)
        not_before_s = meta_of(request).get("not_before_s", 0.0)
        if not_before_s > monotonic():
            heapq.heappush(host_queue.later, (not_before_s, next(self._count), request))
        else:
            heapq.heappush(host_queue.asked, (-request.priority, next(self._count), request))
        self._queue(unit)
        return True

    def next_request(self) -> Request | None:
        """Return the next request that may go now."""
        try:
            return self._next()
        except IngestError as error:
            self.run.fail(error)
            return None

    def has_pending_requests(self) -> bool:
        """Return whether anything waits here or in the store."""
        self._release()
        if self._any_waits():
            return True
        try:
            self._look_again()
        except IngestError as error:
            self.run.fail(error)
        if not self._any_waits():
            self._let_go()
        if self._any_waits():
            self._wake_engine()  # it only asks whether it may end
            return True
        return False

    def _any_waits(self) -> bool:
        return any(
            host_queue.asked or host_queue.later or host_queue.pages or host_queue.busy
            for host_queue in self.host_queues.values()
        )

    def links_met(self, source: str) -> None:
        """Look for a source's links in the store again: there may be new ones."""
        line = self.lines.get(source)
        if line is not None and line.empty:
            line.empty = False
            self._queue(line.unit)
            self._wake_at(monotonic())  # the engine may be about to end the crawl

    def item_scraped(self, item: object) -> None:
        """Count a new article for its source's budget."""
        if isinstance(item, Identified) and item.verdict.kind is VerdictKind.NEW:
            line = self.lines.get(item.article.source)
            if line is not None:
                line.stored += 1

    # ------------------------------------------------------------ turns

    def _next(self) -> Request | None:
        self._release()
        if unread_answers(self.crawler) >= MAX_UNREAD:
            return None  # the engine asks again when one of them is done
        now_s = monotonic()
        self._leave_idle(now_s)
        if now_s >= self._held_until_s:
            self._let_go()
        pulls = self._pulls + MOST_PULLS
        while self._pulls < pulls and self._turns and self._turns[0][0] <= now_s:
            _, _, unit = heapq.heappop(self._turns)
            host_queue = self.host_queues[unit]
            host_queue.queued = False
            if host_queue.busy is not None:
                continue
            if self._held_elsewhere(unit, host_queue, now_s):
                self._queue(unit, now_s + AGAIN_S)
                continue
            ready_s = self.politeness.ready_s(unit)
            if ready_s > now_s and not self.politeness.closed(unit):
                self._queue(unit, ready_s)
                continue
            request = self._take(unit, host_queue, now_s)
            if request is not None:
                host_queue.busy = request
                self._busy[unit] = host_queue
                return request
        self._wake_at(self._turns[0][0] if self._turns else None)
        return None

    def _leave_idle(self, now_s: float) -> None:
        """Leave the units to other processes that nothing here waits for any more."""
        if now_s - self._left_s >= AGAIN_S and self.run.held.shared:
            self._left_s = now_s
            self.leases.release(now_s, self._wanted, self.politeness.ready_s)

    def _wanted(self, unit: str) -> bool:
        host_queue = self.host_queues.get(unit)
        if host_queue is None:
            return False
        if host_queue.busy or host_queue.asked or host_queue.later or host_queue.pages:
            return True
        now_s = monotonic()
        return any(not line.empty and not line.spent(now_s) for line in host_queue.lines)

    def _held_elsewhere(self, unit: str, host_queue: HostQueue, now_s: float) -> bool:
        """Return whether another process asks the unit now; what waited too long for it is left to the next run."""
        if self.politeness.take(unit):
            return False
        if not self.leases.left(unit, now_s):
            return True
        host_queue.pages.clear()  # they stay queued in the store
        for line in host_queue.lines:
            line.empty = True
            self.run.results[line.source.name].held = True
        for _, _, request in (*host_queue.asked, *host_queue.later):
            meta_of(request)["not_sent"] = STOPPED
        return False

    def _release(self) -> None:
        """Free the host queues whose request has left the downloader, with or without an answer."""
        assert self.crawler.engine is not None
        active = self.crawler.engine.downloader.active
        for unit in [unit for unit, host_queue in self._busy.items() if host_queue.busy not in active]:
            self._busy.pop(unit).busy = None
            self._queue(unit)

    def _queue(self, unit: str, ready_s: float | None = None) -> None:
        host_queue = self.host_queues[unit]
        if not host_queue.queued and host_queue.busy is None:
            host_queue.queued = True
            heapq.heappush(self._turns, (monotonic() if ready_s is None else ready_s, next(self._count), unit))

    def _host_queue(self, unit: str) -> HostQueue:
        return self.host_queues.setdefault(unit, HostQueue())

    def _wake_at(self, when_s: float | None) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if when_s is not None:
            self._wake = call_later(max(when_s - monotonic(), 0.0), self._wake_engine)

    def _wake_engine(self) -> None:
        self._wake = None
        wake_engine(self.crawler)

    # ------------------------------------------------------------ choosing within a unit

    def _take(self, unit: str, host_queue: HostQueue, now_s: float) -> Request | None:
        while host_queue.later and host_queue.later[0][0] <= now_s:
            _, number, repeat = heapq.heappop(host_queue.later)
            heapq.heappush(host_queue.asked, (-repeat.priority, number, repeat))
        if host_queue.asked:
            return self._charged(heapq.heappop(host_queue.asked)[2], now_s)
        if self.politeness.closed(unit):
            host_queue.pages.clear()  # they stay queued in the store
        elif (page := self._page(unit, host_queue, now_s)) is not None:
            return page
        if host_queue.later:
            self._queue(unit, host_queue.later[0][0])
        return None

    def _charged(self, request: Request, now_s: float) -> Request:
        """Put a request of the spider's on its source's account; over budget it ends in its errback."""
        line = self.lines.get(meta_of(request).get("source", ""))
        if line is None:
            return request
        budget = line.spent(now_s)
        if budget not in ("", "max-articles"):
            meta_of(request)["not_sent"] = budget
        self._charge(line, request, now_s)
        return request

    def _charge(self, line: SourceBudget, request: Request, now_s: float) -> None:
        line.requests += 1
        line.touched = True
        if line.begun_s is None:
            line.begun_s = now_s
        if line.delay_s > self.run.config.delay_s:  # a host beside the source's own is not asked faster than that
            self.politeness.ask_delay(meta_of(request)["download_slot"], line.delay_s)

    def _page(self, unit: str, host_queue: HostQueue, now_s: float) -> Request | None:
        """Return the next article of the unit, its sources in turn."""
        idle = 0  # sources in a row that had nothing
        for _ in range(MOST_PULLS):
            while host_queue.pages:
                queued = host_queue.pages.popleft()
                line = self.lines[queued.source]
                url = queued.url
                if line.spent(now_s) or self.robots.unreadable(url) or self.politeness.given_up(url):
                    continue  # it stays queued in the store
                if self.spider.wants(queued):
                    return self._begun(line, queued, now_s)
            if idle >= len(host_queue.lines):
                return None
            line = host_queue.lines[0]
            host_queue.lines.rotate(-1)
            idle = 0 if self._pull(line, now_s) else idle + 1
        self._queue(unit)  # so many were not wanted; others first
        return None

    def _begun(self, line: SourceBudget, queued: QueuedPage, now_s: float) -> Request:
        request = self.spider.page_request(queued)
        meta_of(request)["download_slot"] = polite_unit(queued.url)
        if queued.attempts >= MAX_ATTEMPTS:
            meta_of(request)["not_sent"] = "attempts"
        self.run.asked.note(url_key(queued.url))
        self._charge(line, request, now_s)
        return request

    def _pull(self, line: SourceBudget, now_s: float) -> bool:
        """Take a few rows of a source from the store into the queues of their units; return whether there were any."""
        if line.empty or line.spent(now_s) or self._closed_to_articles():
            return False
        self._pulls += 1
        line.touched = False
        frontier, now, name = self.run.store.frontier, self.run.now(), line.source.name
        rows = frontier.next_queued(name, PULLED_AT_ONCE, now, self.run.id)
        if not rows:
            rows = frontier.due_rechecks(name, now, PULLED_AT_ONCE, self.run.id)
        if not rows:
            line.empty = True
            return False
        for row in rows:
            if row.attempts and now_s < self._held_until_s:
                line.last.append(row)
                line.empty = True  # what comes behind it was tried before, too
            else:
                self._wait(row)
        return True

    def _wait(self, row: QueuedPage) -> None:
        unit = polite_unit(row.url)
        if not self.politeness.closed(unit):
            self._host_queue(unit).pages.append(row)
            self._queue(unit)

    def _let_go(self) -> None:
        """Let what was held back have its turn."""
        for line in self.lines.values():
            if line.last:
                held, line.last, line.empty = line.last, [], False
                for row in held:
                    self._wait(row)

    def _look_again(self) -> None:
        """Ask the store once more before the end, in case the spider met links and did not say so."""
        now_s = monotonic()
        for line in self.lines.values():
            line.empty = line.empty and not line.touched
            self._pull(line, now_s)

    def _closed_to_articles(self) -> bool:
        return self.run.plan.dry_run or not self.run.plan.discover
