"""Download handler: bounded time to connect, certificates verified but for exceptions, the delay counted from the end.

Scrapy's handler starts the delay when a request starts; here it starts when the request ends, however it ends, so that
two requests can never be closer at the server than the delay. scrapy_internals.py bounds connections and headers.
"""

from __future__ import annotations

from time import monotonic
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

from ingest.config import Config
from ingest.crawl.request_meta import meta_of
from ingest.fetch.reasons import STOPPED, NotFetched
from ingest.fetch.scrapy_internals import HttpHandler, trusting_policy, wrap_twisted_exceptions
from ingest.fetch.shutdown import Shutdown
from ingest.web.urls import polite_unit


class BoundedHttpHandler(HttpHandler):
    """Download handler for http and https."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        config = Config.from_settings(crawler.settings)
        self.crawler = crawler
        self.shutdown = Shutdown.of(crawler)
        self.connect_timeout_s = config.connect_timeout_s
        self.request_timeout_s = config.request_timeout_s
        self.tls_policy = _Exceptions(self.tls_policy, crawler)

    async def download_request(self, request: Request) -> Response:
        """Fetch one request; the polite unit's delay begins when it ends, however it ends."""
        agent = self.agent(connect_timeout_s=self.connect_timeout_s, request_timeout_s=self.request_timeout_s)
        try:
            with wrap_twisted_exceptions():
                answer: Deferred[Any] = agent.download_request(request)
                self.shutdown.on_the_wire[request] = answer
                response: Response = await maybe_deferred_to_future(answer)
                return response
        except Exception as error:  # what a cut looks like depends on how far the answer had come
            if request in self.shutdown.cut:
                raise NotFetched(STOPPED) from error
            raise
        finally:
            self.shutdown.on_the_wire.pop(request, None)
            assert self.crawler.engine is not None
            slot = self.crawler.engine.downloader.slots.get(meta_of(request).get("download_slot", ""))
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
        self.trusting = trusting_policy(crawler)

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:  # noqa: N802 - Twisted's name
        """Return how to make a connection to a host."""
        host = hostname.decode("ascii")
        unit = polite_unit(f"https://[{host}]/" if ":" in host else f"https://{host}/")
        return (self.trusting if unit in self.units else self.verifying).creatorForNetloc(hostname, port)
