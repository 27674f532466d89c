"""Downloader middleware: tries again what may pass, a little later and without holding up others."""

from __future__ import annotations

import logging
import random
from time import monotonic
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from ingest.crawl.request_meta import meta_of
from ingest.crawl.run import Run
from ingest.events import event
from ingest.fetch.politeness import PolitenessMiddleware
from ingest.fetch.reasons import NotFetched, reason_of
from ingest.fetch.shutdown import Shutdown
from ingest.web.urls import polite_unit

log = logging.getLogger(__name__)

WAITS_S = (1.0, 4.0)  # before the first and the second repeat; later ones wait as long as the second
JITTER = 0.5  # upwards only
STATUSES = frozenset({408, 429, 500, 502, 503, 504, 522, 524})
REASONS = frozenset(
    {
        "dns",
        "refused-connection",
        "connect-timeout",
        "timeout",
        "unreachable",
        "connection-lost",
        "truncated",
        "no-room",
        "render-crashed",
        "render-timeout",
    }
)
SAFE_METHODS = frozenset({"GET", "HEAD"})


class RetryMiddleware:
    """Returns a repeat that is not to be sent before the time in its meta key `not_before_s`.

    Counts them in Scrapy's stats under the names of Scrapy's own middleware: retry/count, retry/max_reached.
    """

    def __init__(self, crawler: Crawler, retries: int) -> None:
        self.crawler = crawler
        self.retries = retries
        assert crawler.stats is not None
        self.stats = crawler.stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the number of repeats."""
        return cls(crawler, Run.of(crawler).config.retries)

    async def process_request(self, request: Request) -> None:
        """Wait for requests that did not come through the scheduler, such as those for robots.txt."""
        wait = meta_of(request).get("not_before_s", 0.0) - monotonic()
        if wait > 0:
            await Shutdown.of(self.crawler).pause(wait)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the repeat, or the response when there is none."""
        if response.status not in STATUSES:
            return response
        return self.repeat(request, f"http-{response.status}") or response

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Return the repeat, or None: the failure is final."""
        if isinstance(exception, NotFetched):
            return None  # decided, and if robots.txt could not be had, tried again already
        reason = reason_of(exception)
        return self.repeat(request, reason) if reason in REASONS else None

    def repeat(self, request: Request, reason: str) -> Request | None:
        """Return a copy to be sent later, None when it was tried often enough or its host is closed."""
        done = meta_of(request).get("retry_times", 0)
        if request.method not in SAFE_METHODS or meta_of(request).get("dont_retry"):
            return None
        if done >= self.retries:
            self.stats.inc_value("retry/max_reached")
            event(log, logging.INFO, "gave up retrying", reason=reason, tries=done + 1, url=request.url)
            return None
        politeness = self.crawler.get_downloader_middleware(PolitenessMiddleware)
        if politeness is not None and politeness.closed(polite_unit(request.url)):
            return None
        wait = WAITS_S[min(done, len(WAITS_S) - 1)] * (1.0 + JITTER * random.random())  # noqa: S311 - chance only
        again = request.copy()
        meta_of(again).update({"retry_times": done + 1, "retry_reason": reason, "not_before_s": monotonic() + wait})
        again.dont_filter = True
        self.stats.inc_value("retry/count")
        self.stats.inc_value(f"retry/reason_count/{reason}")
        event(log, logging.DEBUG, "retry", reason=reason, tries=done + 1, wait_s=round(wait, 1), url=request.url)
        return again
