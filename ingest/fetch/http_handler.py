"""The connection: one a host, bounded headers, bounded time, no request that we did not pace.

Scrapy's handler on Twisted's agent, with what they leave open closed: a time limit for connecting apart from the whole
request's, a limit on headers, no automatic second request on a stale connection, and the delay counted from the end of
a request, so that two requests can never be closer at the server than the delay.
"""

from __future__ import annotations

from time import monotonic
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
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.web.client import Agent
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

from ingest.config import Config
from ingest.crawl.request_meta import meta_of
from ingest.fetch.reasons import STOPPED, HeadersTooLargeError, NotFetched
from ingest.fetch.shutdown import Shutdown
from ingest.web.urls import polite_unit

MAX_HEADER_LINE_BYTES = 64 * 1024  # a Content-Security-Policy may fill Twisted's 16 KiB
MAX_HEADERS_BYTES = 256 * 1024  # the limit of the common browsers
MAX_HEADERS = 500
IDLE_CONNECTION_S = 60.0  # longer than the longest delay that is waited; most servers close sooner


class BoundedHttpHandler(HTTP11DownloadHandler):
    """Download handler for http and https."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        config = Config.from_settings(crawler.settings)
        self._ending = Shutdown.of(crawler)
        self._connect_timeout_s = config.connect_timeout_s
        self._request_timeout_s = config.request_timeout_s
        self._pool._factory = _BoundedFactory
        self._pool.maxPersistentPerHost = 1
        self._pool.retryAutomatically = False
        self._contextFactory = _Exceptions(self._contextFactory, crawler)  # type: ignore[assignment]  # zope's interface
        self._pool.cachedConnectionTimeout = IDLE_CONNECTION_S  # type: ignore[assignment]  # an int by its default only

    async def download_request(self, request: Request) -> Response:
        """Fetch one request; the polite unit's delay begins when it ends, however it ends."""
        agent = _BoundedAgent(
            contextFactory=self._contextFactory,
            connectTimeout=self._request_timeout_s,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            fail_on_dataloss=True,
            crawler=self._crawler,
        )
        agent.most_to_connect_s = self._connect_timeout_s
        try:
            with wrap_twisted_exceptions():
                answer: Deferred[Any] = agent.download_request(request)
                self._ending.on_the_wire[request] = answer
                response: Response = await maybe_deferred_to_future(answer)
                return response
        except Exception as error:  # what a cut looks like depends on how far the answer had come
            if request in self._ending.cut:
                raise NotFetched(STOPPED) from error
            raise
        finally:
            self._ending.on_the_wire.pop(request, None)
            assert self._crawler.engine is not None
            slot = self._crawler.engine.downloader.slots.get(meta_of(request).get("download_slot", ""))
            if slot is not None:
                slot.lastseen = monotonic()


@implementer(IPolicyForHTTPS)
class _Exceptions:
    """Verifies certificates, but for the sites of sources that say `verify_tls = false`."""

    def __init__(self, verifying: Any, crawler: Crawler) -> None:
        self.verifying = verifying
        plan = getattr(crawler.spider, "plan", None)
        unverified = (source for source in (plan.sources if plan else ()) if not source.verify_tls)
        self.units = frozenset(polite_unit(source.url) for source in unverified)
        self.trusting: Any = _ScrapyClientContextFactory.from_crawler(crawler)
        self.trusting._verify_certificates = False

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802 - Twisted's name
        """Return how to make a connection to a host."""
        host = hostname.decode("ascii")
        unit = polite_unit(f"https://[{host}]/" if ":" in host else f"https://{host}/")
        return (self.trusting if unit in self.units else self.verifying).creatorForNetloc(hostname, port)


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
        self.header_lines += 1
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
