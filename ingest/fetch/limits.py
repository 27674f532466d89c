"""Downloader middleware: a response is a page's bytes, unpacked within bounds, or an error says why not."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress
from time import monotonic
from typing import Self
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response

from ingest.config import Config
from ingest.crawl.request_meta import meta_of
from ingest.fetch.bodies import with_body
from ingest.fetch.reasons import NotFetched
from ingest.fetch.retry import REASONS, RetryMiddleware
from ingest.fetch.shutdown import Shutdown
from ingest.model import SeedKind
from ingest.web.decoding import decode
from ingest.web.gunzip import MAX_RATIO, UndecodableError

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
WHOLE = frozenset({200, 203})  # 203: changed on the way by a proxy; the other 2xx carry no document that we asked for

MAX_HELD_BYTES = 80 * 2**20  # of all bodies together: on the wire, unpacked, waiting to be read
MAX_UNREAD_BYTES = 16 * 2**20  # of those that came; unpacking waits until what was unpacked before is read
ALWAYS_UNPACKED_BYTES = 2**20  # a body of which so little can come does not wait
PATIENCE_S = 60.0  # for how long; reading 20 MB of the worst takes 10
AGAIN_S = 0.05
TIDY_S = 0.2
MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
LARGE_BYTES = 2**19


class BodyLimitsMiddleware:
    """Asks for packed bodies and unpacks them. The meta keys `seed_kind` and `max_bytes` set the limit."""

    def __init__(self, crawler: Crawler, config: Config) -> None:
        self.crawler = crawler
        self.on_the_way: dict[Request, int] = {}
        self.all_on_the_way = 0
        self.tidied_s = 0.0
        self.waiting = 0  # bytes of bodies that wait to be unpacked
        self.passing: WeakKeyDictionary[Request, int] = WeakKeyDictionary()  # unpacked, on their way to the spider
        self.ending = Shutdown.of(crawler)
        self.page_max_bytes = config.page_max_bytes
        self.max_bytes: dict[SeedKind | None, int] = {
            SeedKind.FEED: config.feed_max_bytes,
            SeedKind.SITEMAP: config.sitemap_max_bytes,
        }

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the limits of pages, feeds and sitemaps; count what is on its way."""
        made = cls(crawler, Config.from_settings(crawler.settings))
        _give_large_memory_back()
        crawler.signals.connect(made.bytes_received, signals.bytes_received)
        crawler.signals.connect(made.left, signals.request_left_downloader)
        crawler.signals.connect(made.passed, signals.response_received)
        return made

    def process_request(self, request: Request) -> None:
        """Say what we can unpack, and how much may come over the wire: never more than unpacked."""
        request.headers["Accept-Encoding"] = ACCEPT_ENCODING
        if "cut_at_limit" not in meta_of(request):
            meta_of(request)["download_maxsize"] = self._limit(request)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the response with its body unpacked, or a repeat of what was cut.

        Raises NotFetched: too-large, bomb, truncated, bad-encoding, no-room, http-206 and other 2xx that hold no
        document.
        """
        if 200 <= response.status < 300 and response.status not in WHOLE and "cut_at_limit" not in meta_of(request):
            raise NotFetched(f"http-{response.status}", "no whole document")
        if not response.body:
            return response
        encodings = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1").split(",")
        limit = self._limit(request)
        if min(limit, MAX_RATIO * len(response.body)) > ALWAYS_UNPACKED_BYTES:
            await self._room(len(response.body))
        try:
            body = decode(response.body, encodings, max_bytes=limit, cut="cut_at_limit" in meta_of(request))
        except UndecodableError as error:
            if not 200 <= response.status < 300:
                return _unpacked(response, b"")  # the status is the reason
            retry = self.crawler.get_downloader_middleware(RetryMiddleware)
            again = retry.repeat(request, error.reason) if retry and error.reason in REASONS else None
            if again is None:
                raise NotFetched(error.reason, error.detail) from error
            return again
        if 200 <= response.status < 300:
            self.passing[request] = len(body)
        return _unpacked(response, body)

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Count; a body for which there is no memory left is fetched again later."""
        self.all_on_the_way += len(data)
        self.on_the_way[request] = self.on_the_way.get(request, 0) + len(data)
        if self.all_on_the_way + self.waiting + self._unread() > MAX_HELD_BYTES:
            self.left(request)  # at once, or all the others would have to go too
            raise StopDownload(fail=True)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Free what had come of a refused body at once: errors live in reference cycles."""
        if isinstance(exception, StopDownload):
            exception.response = None
            if monotonic() > self.tidied_s + TIDY_S:
                gc.collect()
                self.tidied_s = monotonic()

    def left(self, request: Request) -> None:
        """Free the memory that the request had reserved."""
        self.all_on_the_way -= self.on_the_way.pop(request, 0)

    def passed(self, request: Request) -> None:
        """Leave the counting to Scrapy, which has the response now."""
        self.passing.pop(request, None)

    async def _room(self, size: int) -> None:
        """Wait until little is left of what was unpacked before. Raises NotFetched("no-room")."""
        end_s = monotonic() + PATIENCE_S
        self.waiting += size
        try:
            while self._unread() > MAX_UNREAD_BYTES:
                if monotonic() > end_s:
                    raise NotFetched("no-room", "too much waits to be read")
                await self.ending.pause(AGAIN_S)
        finally:
            self.waiting -= size

    def _unread(self) -> int:
        """Return the bytes of all bodies that came and are not read."""
        assert self.crawler.engine is not None
        slot = self.crawler.engine.scraper.slot
        return (slot.active_size if slot is not None else 0) + sum(self.passing.values())

    def _limit(self, request: Request) -> int:
        meta = meta_of(request)
        of_its_kind = self.max_bytes.get(meta.get("seed_kind"), self.page_max_bytes)
        return meta.get("max_bytes", of_its_kind)


def _give_large_memory_back() -> None:
    """Have glibc take bodies from the system one by one and return them: else 20 MB ones leave holes for good.

    By itself it learns from the first large body to take the next from the heap; a crowd of them left 200 MB behind.
    """
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, LARGE_BYTES)


def _unpacked(response: Response, body: bytes) -> Response:
    headers = response.headers.copy()
    headers.pop("Content-Encoding", None)
    return with_body(response, headers, body)
