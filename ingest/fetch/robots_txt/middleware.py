"""Downloader middleware: asks robots.txt before anything else of a host, once a day, and keeps to it.

RFC 9309: 401, 403, 404 and other 4xx allow all; 429, 5xx and silence mean no, unless there is a copy of the last days.
`await robots.sitemaps(url)` gives the spider the sitemaps named there, so that the file is fetched once.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from ingest.clock import plausible
from ingest.crawl.request_meta import RequestMeta, as_meta, meta_of
from ingest.crawl.run import Run
from ingest.events import event
from ingest.fetch.politeness import PolitenessMiddleware, origin_of
from ingest.fetch.reasons import STOPPED, NotFetched, detail_of, reason_of
from ingest.fetch.robots_txt.robots_rules import RobotsRules, decode, read
from ingest.store import HostState
from ingest.web.urls import polite_unit

log = logging.getLogger(__name__)

FRESH = timedelta(hours=24)  # RFC 9309 2.4
LAST_GOOD = timedelta(hours=48)  # a day beyond that when the host gives no answer
MAX_HOPS = 5  # RFC 9309 2.3.1.2
ALLOW = RobotsRules()
# these are about the host, not about its robots.txt: the page itself would have failed with them
PLAIN = frozenset(
    {
        "dns",
        "refused-connection",
        "connect-timeout",
        "unreachable",
        "tls",
        "address-refused",
        "port-refused",
        "scheme-refused",
    }
    | {"host-closed", STOPPED}
)
PRIORITY = 1000


class RobotsMiddleware:
    """Refuses what robots.txt disallows; hands its Crawl-delay to politeness."""

    def __init__(self, crawler: Crawler, run: Run) -> None:
        self.crawler = crawler
        self.run = run
        self.store = run.store
        self.max_bytes = run.config.robots_max_bytes
        self._rules: dict[str, asyncio.Future[RobotsRules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the bytes of robots.txt, to stop at the limit."""
        made = cls(crawler, Run.of(crawler))
        crawler.signals.connect(made.bytes_received, signals.bytes_received)
        return made

    async def process_request(self, request: Request) -> None:
        """Raise NotFetched("robots") for what is disallowed."""
        meta = meta_of(request)
        if meta.get("robots_txt") or meta.get("not_sent"):
            return
        rules = await self.rules(request.url, request)
        if rules.refused is not None:
            raise NotFetched(rules.refused, rules.detail)
        if not rules.allows(request.url):
            raise NotFetched("robots", "disallowed by robots.txt")

    def unreadable(self, url: str) -> bool:
        """Return whether this run failed to get the rules for an address: more requests for it are pointless."""
        known = self._rules.get(origin_of(url))
        return known is not None and known.done() and known.result().refused is not None

    async def sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of an address's host names; () when it cannot be had."""
        return (await self.rules(url)).sitemaps

    async def text(self, url: str) -> str | None:
        """Return the robots.txt of an address's host, None when it cannot be had."""
        rules = await self.rules(url)
        return None if rules.refused is not None else rules.text

    async def rules(self, url: str, request: Request | None = None) -> RobotsRules:
        """Return the rules for an address, from this run, an earlier one or the host."""
        origin = origin_of(url)
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._learn(origin, request))
        rules = await asyncio.shield(self._rules[origin])
        politeness = self.crawler.get_downloader_middleware(PolitenessMiddleware)
        if politeness is not None and rules.crawl_delay_s is not None:
            politeness.crawl_delay(polite_unit(url), rules.crawl_delay_s)
        return rules

    async def _learn(self, origin: str, request: Request | None) -> RobotsRules:
        known = self.store.hosts.get(origin)
        if self._younger(known, FRESH):
            return read(known.robots or "") if known else ALLOW
        try:
            response = await self._ask(origin, request)
        except Exception as error:  # whatever ended the request has a slug
            reason, detail = reason_of(error), detail_of(error)
            if reason.startswith("redirect-"):
                return self._keep(origin, 310, "")  # RFC 9309: beyond five hops there is no robots.txt
        else:
            if response.status < 400:
                return self._keep(origin, response.status, decode(response.body, self.max_bytes))
            if response.status < 500 and response.status != 429:
                return self._keep(origin, response.status, "")
            reason, detail = reason_of(response), ""
        if self._younger(known, LAST_GOOD):
            event(log, logging.INFO, "robots.txt not had, last copy used", origin=origin, reason=reason)
            return read(known.robots or "") if known else ALLOW
        return RobotsRules(refused=reason if reason in PLAIN else f"robots-{reason}", detail=detail)

    async def _ask(self, origin: str, request: Request | None) -> Response:
        meta = RequestMeta(robots_txt=True, cut_at_limit=True, max_bytes=self.max_bytes, max_redirects=MAX_HOPS)
        if request is not None and "source" in meta_of(request):
            meta["source"] = meta_of(request)["source"]  # on its account
        asked = Request(f"{origin}/robots.txt", priority=PRIORITY, meta=as_meta(meta), callback=NO_CALLBACK)
        assert self.crawler.engine is not None
        return await self.crawler.engine.download_async(asked)

    def _keep(self, origin: str, status: int, text: str) -> RobotsRules:
        rules = read(text)
        self.store.hosts.remember(origin, robots=rules.text, robots_status=status, robots_fetched_at=self.run.now())
        return rules

    def _younger(self, known: HostState | None, age: timedelta) -> bool:
        return (
            known is not None
            and known.robots is not None
            and known.robots_fetched_at is not None
            and plausible(known.robots_fetched_at, self.run.now())
            and self.run.now() - known.robots_fetched_at < age
        )

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Stop reading a robots.txt at its limit; what was read counts."""
        meta = meta_of(request)
        if not meta.get("robots_txt"):
            return
        meta["robots_bytes"] = meta.get("robots_bytes", 0) + len(data)
        if meta["robots_bytes"] > self.max_bytes:
            raise StopDownload(fail=False)
