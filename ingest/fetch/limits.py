"""Downloader middleware: a response is a page's bytes, unpacked within bounds, or it is told why not."""

from __future__ import annotations

from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response

from ingest.config import Config
from ingest.fetch.decoding import UndecodableError, decode
from ingest.fetch.reasons import NotFetched
from ingest.fetch.retry import REASONS, Retry
from ingest.model import SeedKind

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
WHOLE = frozenset({200, 203})  # 203: changed on the way by a proxy; the other 2xx carry no document that we asked for


MAX_ON_THE_WAY_BYTES = 128 * 2**20  # of all bodies together


class Limits:
    """Asks for packed bodies and unpacks them. `request.meta["seed_kind"]` chooses the limit, "max_bytes" sets it."""

    def __init__(self, crawler: Crawler, config: Config) -> None:
        self.crawler = crawler
        self.on_the_way: dict[Request, int] = {}
        self.all_on_the_way = 0
        self.page_max_bytes = config.page_max_bytes
        self.max_bytes = {SeedKind.FEED: config.feed_max_bytes, SeedKind.SITEMAP: config.sitemap_max_bytes}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the limits of pages, feeds and sitemaps; count what is on its way."""
        made = cls(crawler, Config.from_settings(crawler.settings))
        crawler.signals.connect(made.bytes_received, signals.bytes_received)
        crawler.signals.connect(made.left, signals.request_left_downloader)
        return made

    def process_request(self, request: Request) -> None:
        """Say what we can unpack, and how much may come over the wire: never more than unpacked."""
        request.headers["Accept-Encoding"] = ACCEPT_ENCODING
        if "cut_at_limit" not in request.meta:
            request.meta["download_maxsize"] = self._limit(request)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the response with its body unpacked, or a repeat of what was cut.

        Raises NotFetched: too-large, bomb, truncated, bad-encoding, http-206 and other 2xx that hold no document.
        """
        if 200 <= response.status < 300 and response.status not in WHOLE and "cut_at_limit" not in request.meta:
            raise NotFetched(f"http-{response.status}", "no whole document")
        if not response.body:
            return response
        encodings = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1").split(",")
        limit = self._limit(request)
        try:
            body = decode(response.body, encodings, max_bytes=limit, cut="cut_at_limit" in request.meta)
        except UndecodableError as error:
            if not 200 <= response.status < 300:
                return _unpacked(response, b"")  # the status is the reason
            retry = self.crawler.get_downloader_middleware(Retry)
            again = retry.repeat(request, error.reason) if retry and error.reason in REASONS else None
            if again is None:
                raise NotFetched(error.reason, error.detail) from error
            return again
        return _unpacked(response, body)

    def bytes_received(self, data: bytes, request: Request) -> None:
        """Count; whoever comes when all room is taken has to come again."""
        self.all_on_the_way += len(data)
        self.on_the_way[request] = self.on_the_way.get(request, 0) + len(data)
        if self.all_on_the_way > MAX_ON_THE_WAY_BYTES:
            raise StopDownload(fail=True)

    def left(self, request: Request) -> None:
        """Give the room back."""
        self.all_on_the_way -= self.on_the_way.pop(request, 0)

    def _limit(self, request: Request) -> int:
        of_its_kind = self.max_bytes.get(request.meta.get("seed_kind", ""), self.page_max_bytes)
        limit: int = request.meta.get("max_bytes", of_its_kind)
        return limit


def _unpacked(response: Response, body: bytes) -> Response:
    """Return the response with another body. `replace` would guess the charset of the packed bytes: 5 ms a page."""
    headers = response.headers.copy()
    headers.pop("Content-Encoding", None)
    return Response(
        url=response.url,
        status=response.status,
        headers=headers,
        body=body,
        flags=response.flags,
        request=response.request,
        certificate=response.certificate,
        ip_address=response.ip_address,
        protocol=response.protocol,
    )
