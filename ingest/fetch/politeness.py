"""Downloader middleware: how fast a polite unit is asked, and when it is left alone.

One state per polite unit, shared by all its sources. The delay itself is kept by Scrapy's slot, which this file sets
before each request; the scheduler asks `ready_s` so that it hands out only what may go now. What must outlive the run
(closed until; Crawl-delay comes with the copy of robots.txt) is kept in the store.
"""

from __future__ import annotations

import logging
import random
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from ingest.clock import plausible
from ingest.config import Config
from ingest.crawl.request_meta import meta_of
from ingest.crawl.run import Run
from ingest.events import event
from ingest.fetch import delays
from ingest.fetch.delays import MOST_WAITED_S
from ingest.fetch.host_leases import AGAIN_S, HostLeases
from ingest.fetch.reasons import STOPPED, UNREACHED, NotFetched, reason_of
from ingest.fetch.shutdown import Shutdown
from ingest.store import HostState, Store
from ingest.web.urls import polite_unit

log = logging.getLogger(__name__)

BUSY = frozenset({429, 503})
STRIKES = 3  # different addresses in a row answered 429: the host means all of us
STRUCK_S = 3600.0  # for how long it is then left alone when it does not say
LONGEST_CLOSED = timedelta(seconds=delays.MAX_CLOSED_S)
UNREACHED_IN_ROW = 3  # different addresses in a row to which not even a connection could be made
SILENT_IN_ROW = 20  # different addresses in a row that timed out


@dataclass(slots=True)
class Silence:
    """Different addresses of one origin that failed in a row, without an answer between them."""

    unreached: list[str] = field(default_factory=list)
    timed_out: list[str] = field(default_factory=list)


@dataclass(slots=True)
class UnitState:
    """What this run knows of one polite unit. Times in seconds of the monotonic clock."""

    base_s: float | None = None  # the longest that one of its sources asks for; None: as set for all
    crawl_delay_s: float | None = None
    latencies_s: deque[float] = field(default_factory=lambda: deque(maxlen=delays.LATENCIES))
    ended_s: float = 0.0
    gap_s: float = 0.0  # of the next request, jitter included
    paused_s: float = 0.0  # until then
    closed: str = ""  # why, for the rest of the run
    waited_s: float = 0.0  # asked for by 429 and 503 since the last good answer
    strikes: list[str] = field(default_factory=list)  # addresses answered 429 since the last good answer

    @property
    def ready_s(self) -> float:
        """When the next request may start."""
        return max(self.ended_s + self.gap_s, self.paused_s)


class PolitenessMiddleware:
    """Paces every request that goes out, robots.txt included."""

    def __init__(self, crawler: Crawler, config: Config, run: Run) -> None:
        self.crawler = crawler
        self.config = config
        self.run = run
        self.store: Store = run.store
        self.ending = Shutdown.of(crawler)
        self.leases = HostLeases.of(crawler)
        self._closed_before = {host.name: host for host in self.store.hosts.closed(run.now()) if self._is_closed(host)}
        self.units: dict[str, UnitState] = {}
        self._silence: dict[str, Silence] = {}  # by origin
        self._given_up: dict[str, str] = {}  # origin -> why

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to when requests reach the wire."""
        run = Run.of(crawler)
        made = cls(crawler, run.config, run)
        crawler.signals.connect(made.reached, signals.request_reached_downloader)
        return made

    # ------------------------------------------------------------ asked by the scheduler and by robots

    def take(self, unit: str) -> bool:
        """Return whether this process may ask the unit; False while another process has it. Raises StoreError."""
        if not self.run.held.shared or unit in self.leases.used_s:
            return True
        if not self.leases.take(unit, monotonic()):
            return False
        state, known = self.state(unit), self.store.hosts.get(unit)
        state.ended_s = monotonic()  # it may just have been asked by another process
        if known is not None and self._is_closed(known):
            state.closed = f"until {known.closed_until:%Y-%m-%d %H:%M} UTC, {known.reason or 'Retry-After'}"
        if known is not None and known.crawl_delay_s is not None:
            state.crawl_delay_s = max(state.crawl_delay_s or 0.0, known.crawl_delay_s)
        state.gap_s = max(state.gap_s, self._gap(state))
        return True

    def state(self, unit: str) -> UnitState:
        """Return the unit's state, with what earlier runs remembered."""
        if unit not in self.units:
            state = self.units[unit] = UnitState()
            known = self._closed_before.get(unit)
            if known is not None and known.closed_until is not None:
                state.closed = f"until {known.closed_until:%Y-%m-%d %H:%M} UTC, {known.reason or 'Retry-After'}"
            state.gap_s = self._gap(state)
        return self.units[unit]

    def ready_s(self, unit: str) -> float:
        """Return when (monotonic) the unit may be asked again."""
        return self.state(unit).ready_s

    def closed(self, unit: str) -> str:
        """Return why the unit is left alone for the rest of the run, "" when it is not."""
        return self.state(unit).closed

    def given_up(self, url: str) -> str:
        """Return why nothing more is asked of an address's origin in this run, "" when nothing speaks against it."""
        return self._given_up.get(origin_of(url), "")

    def crawl_delay(self, unit: str, seconds: float | None) -> None:
        """Take what robots.txt asks for; of several hosts of a unit the slowest counts."""
        state = self.state(unit)
        if seconds is not None and seconds > (state.crawl_delay_s or 0.0):
            state.crawl_delay_s = seconds
            state.gap_s = max(state.gap_s, self._gap(state))
            self.store.hosts.remember(unit, crawl_delay_s=seconds)

    def ask_delay(self, unit: str, seconds: float) -> None:
        """Take a source's delay; of several sources on one unit the slowest counts."""
        state = self.state(unit)
        if state.base_s is None or seconds > state.base_s:
            state.base_s = seconds
            state.gap_s = self._gap(state)

    # ------------------------------------------------------------ the wire

    async def process_request(self, request: Request) -> None:
        """Name the slot, wait out a pause. Raises NotFetched for a closed host."""
        unit = meta_of(request)["download_slot"] = polite_unit(request.url)
        state = self.state(unit)
        if why := state.closed or self.given_up(request.url):
            raise NotFetched("host-closed", why)
        while not self.take(unit):  # as a rule the scheduler has; not for a robots.txt that leads to another host
            if self.leases.left(unit, monotonic()):
                raise NotFetched(STOPPED)
            await self.ending.pause(AGAIN_S)
        self.leases.used(unit, monotonic())
        if state.closed:
            raise NotFetched("host-closed", state.closed)
        pause = state.paused_s - monotonic()
        if pause > 0:
            await self.ending.pause(pause)

    def reached(self, request: Request) -> None:
        """Set the slot's delay before Scrapy looks at it."""
        assert self.crawler.engine is not None
        unit = meta_of(request)["download_slot"]
        self.crawler.engine.downloader.slots[unit].delay = self.state(unit).gap_s

    def process_response(self, request: Request, response: Response) -> Response:
        """Learn from an answer."""
        state = self._ended(request)
        self._silence.pop(origin_of(request.url), None)
        latency = meta_of(request).get("download_latency")
        if latency is not None and not meta_of(request).get("retry_times"):  # one address counts once
            state.latencies_s.append(latency)
        state.gap_s = self._gap(state)
        if response.status in BUSY:
            self._busy(request, response, state)
        elif response.status < 400:
            state.strikes.clear()
            state.waited_s = 0.0
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Learn from silence."""
        if isinstance(exception, NotFetched):
            return
        state = self._ended(request)
        reason = reason_of(exception)
        silence = self._silence.setdefault(origin_of(request.url), Silence())
        if reason in UNREACHED:
            self._count(silence.unreached, request.url, UNREACHED_IN_ROW, reason)
        elif reason == "timeout":
            known = len(silence.timed_out)
            self._count(silence.timed_out, request.url, SILENT_IN_ROW, reason)
            if 0 < known < len(silence.timed_out):  # a second address: the host is slow, not one feed dead
                state.latencies_s.append(self.config.request_timeout_s)
                state.gap_s = self._gap(state)

    # ------------------------------------------------------------ deciding

    def _ended(self, request: Request) -> UnitState:
        unit = polite_unit(request.url)
        state = self.state(unit)
        state.ended_s = monotonic()
        self.leases.used(unit, state.ended_s)
        return state

    def _is_closed(self, known: HostState) -> bool:
        """Return whether a host is still closed, by a moment that a Retry-After can have set."""
        until, now = known.closed_until, self.run.now()
        return until is not None and until > now and plausible(until, now, LONGEST_CLOSED)

    def _gap(self, state: UnitState) -> float:
        delay = delays.delay_s(
            self.config.delay_s if state.base_s is None else state.base_s,
            crawl_delay_s=state.crawl_delay_s,
            latencies_s=state.latencies_s,
            most_s=self.config.max_delay_s,
        )
        return delays.jittered(delay, random.random())  # noqa: S311 - chance, not a secret

    def _busy(self, request: Request, response: Response, state: UnitState) -> None:
        header = response.headers.get("Retry-After")
        seconds = delays.retry_after_s(header.decode("latin-1") if header else None, self.run.now())
        if seconds is None and response.status == 503:
            return  # a page that is broken, not a host that is busy
        if response.status == 429 and request.url not in state.strikes:
            state.strikes.append(request.url)
        if seconds is not None and seconds > MOST_WAITED_S:
            self._close(request, state, min(seconds, self.config.max_retry_after_s), f"http-{response.status}")
        elif len(state.strikes) >= STRIKES:
            self._close(request, state, STRUCK_S, f"http-{response.status}")
        else:
            wait = min(delays.UNSAID_429_S * 2 ** len(state.strikes) / 2 if seconds is None else seconds, MOST_WAITED_S)
            state.waited_s += wait
            if state.waited_s > MOST_WAITED_S:  # it was waited for once, and is still busy: others have their turn
                self._close(request, state, wait, f"http-{response.status}")
                return
            state.paused_s = monotonic() + wait
            event(log, logging.INFO, "host pauses", host=polite_unit(request.url), seconds=round(wait))

    def _close(self, request: Request, state: UnitState, seconds: float, reason: str) -> None:
        until: datetime = self.run.now() + timedelta(seconds=seconds)
        unit = polite_unit(request.url)
        state.closed = f"until {until:%Y-%m-%d %H:%M} UTC, {reason}"
        self.store.hosts.remember(unit, closed_until=until, reason=reason)
        event(log, logging.WARNING, "host closed", host=unit, until=until.isoformat(timespec="seconds"), reason=reason)

    def _count(self, counted: list[str], url: str, most: int, reason: str) -> None:
        """Give up a dead origin for this run; the next run tries again."""
        if url not in counted:
            counted.append(url)
        if len(counted) == most:
            self._given_up[origin_of(url)] = f"{reason} at {most} addresses in a row"
            event(log, logging.WARNING, "host given up", host=origin_of(url), reason=reason)


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address, without credentials: "https://example.com:8443"."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
