"""The only use of private names of Scrapy and Twisted: what a new version of either may break.

Read in Scrapy 2.19 (pinned in pyproject.toml) and Twisted 26.10. A test fails when another minor version of Scrapy is
installed: read these classes again, then change the version there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scrapy import Request
from scrapy.core.downloader.contextfactory import _ScrapyClientContextFactory
from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
    _ScrapyAgent,
)
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from twisted.internet.interfaces import IAddress
from twisted.web._newclient import BadResponseVersion, ParseError
from twisted.web.client import Agent
from twisted.web.http import _DataLoss

__all__ = [
    "BadResponseVersion",
    "HeadersTooLargeError",
    "HttpHandler",
    "ParseError",
    "TruncatedBody",
    "fail_waiting",
    "is_closing",
    "stop_reactor",
    "trusting_policy",
    "unread_answers",
    "wake_engine",
    "wrap_twisted_exceptions",
]

TruncatedBody = _DataLoss  # the connection ended before the body did

MAX_HEADER_LINE_BYTES = 64 * 1024  # a Content-Security-Policy may fill Twisted's 16 KiB
MAX_HEADERS_BYTES = 256 * 1024  # the limit of the common browsers
MAX_HEADERS = 500  # cookies apart: some sites set a thousand, and browsers read their pages
IDLE_CONNECTION_S = 60.0  # longer than the longest delay that is waited; most servers close sooner


class HeadersTooLargeError(ValueError):
    """A response whose headers do not end in time."""


# ---------------------------------------------------------------- the download handler


class HttpHandler(HTTP11DownloadHandler):
    """Scrapy's handler with one connection a host, bounded headers and no second request that we did not make."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory
        self._pool.maxPersistentPerHost = 1
        self._pool.retryAutomatically = False
        self._pool.cachedConnectionTimeout = IDLE_CONNECTION_S  # type: ignore[assignment]  # an int by its default only

    @property
    def tls_policy(self) -> Any:
        """How connections are encrypted: an IPolicyForHTTPS."""
        return self._contextFactory

    @tls_policy.setter
    def tls_policy(self, policy: Any) -> None:
        self._contextFactory = policy

    def agent(self, *, connect_timeout_s: float, request_timeout_s: float) -> Any:
        """Return what fetches one request: `agent(...).download_request(request)` gives a Deferred."""
        agent = _BoundedAgent(
            contextFactory=self._contextFactory,
            connectTimeout=request_timeout_s,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            fail_on_dataloss=True,
            crawler=self._crawler,
        )
        agent.most_to_connect_s = connect_timeout_s
        return agent


def trusting_policy(crawler: Crawler) -> Any:
    """Return an IPolicyForHTTPS that believes every certificate."""
    policy = _ScrapyClientContextFactory.from_crawler(crawler)
    policy._verify_certificates = False
    return policy


class _BoundedAgent(_ScrapyAgent):
    most_to_connect_s = 10.0

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        return super()._get_agent(request, min(timeout, self.most_to_connect_s))


class _BoundedParser(_LenientHTTPClientParser):
    """Counts header lines and bytes over all of a response, informational ones before it included."""

    MAX_LENGTH = MAX_HEADER_LINE_BYTES
    header_bytes = 0
    header_lines = 0

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """Take one line, unless there were too many."""
        self.header_bytes += len(line) + 1
        self.header_lines += not line[:11].lower().startswith(b"set-cookie:")
        if self.header_bytes > MAX_HEADERS_BYTES or self.header_lines > MAX_HEADERS:
            raise HeadersTooLargeError(f"over {MAX_HEADERS_BYTES} bytes or {MAX_HEADERS} lines of headers")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """End a response with an endless header line."""
        raise HeadersTooLargeError(f"a header line over {MAX_HEADER_LINE_BYTES} bytes")


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    def request(self, request: Any) -> Any:
        answer = super().request(request)
        assert self._parser is not None
        self._parser.__class__ = _BoundedParser  # as Scrapy does: Twisted names the parser's class in its code
        return answer


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _BoundedProtocol:  # noqa: N802 - Twisted's name
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted is partly untyped


# ---------------------------------------------------------------- the engine and the process


def stop_reactor(process: AsyncCrawlerProcess) -> None:
    """Have a crawl end as after the first signal: requests under way are finished."""
    process._graceful_stop_reactor()


def unread_answers(crawler: Crawler) -> int:
    """Return how many answers have come and are not through the spider and the stages."""
    engine = crawler.engine
    assert engine is not None
    return len(engine._slot.inprogress) - len(engine.downloader.active) if engine._slot is not None else 0


def wake_engine(crawler: Crawler) -> None:
    """Have the engine ask the scheduler again, as Scrapy itself does when a request has ended; not after the crawl."""
    slot = getattr(crawler.engine, "_slot", None)
    if slot is not None:
        slot.nextcall.schedule()


def is_closing(crawler: Crawler) -> bool:
    """Return whether the crawl was asked to end and goes on only with what it began."""
    slot = getattr(crawler.engine, "_slot", None)
    return slot is not None and slot.closing is not None


def fail_waiting(crawler: Crawler, make_error: Callable[[], Exception]) -> None:
    """End every request that waits in the downloader for its delay, with an error made for each."""
    assert crawler.engine is not None
    for slot in crawler.engine.downloader.slots.values():
        while slot.queue:
            _, answer = slot.queue.popleft()
            answer.errback(make_error())
