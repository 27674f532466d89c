"""Downloader middleware: the pages of sources with `render = true` are what their scripts make of them.

Each page is first fetched like any other, with all that holds for it; then its bytes go through a headless Chromium
(browser.py) whose every connection passes our own proxy (egress_proxy.py). Not scrapy-playwright: it has the
browser ask for the page itself, so that redirects, sizes and unchanged pages are the browser's affair and no longer
ours; what remains of it is Playwright, which is used here directly.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future

from ingest.config import Config
from ingest.crawl.request_meta import meta_of
from ingest.crawl.run import Run
from ingest.errors import SettingsError, SourceError, how_to_install
from ingest.events import event
from ingest.fetch.addresses import literal, refusal
from ingest.fetch.bodies import with_body
from ingest.fetch.guard import GuardedResolver, ProxyMiddleware
from ingest.fetch.limits import WHOLE
from ingest.fetch.reasons import STOPPED, NotFetched
from ingest.fetch.render.browser import MAX_BYTES, Browser, find
from ingest.fetch.render.egress_proxy import EgressProxy, Upstream
from ingest.fetch.render.visit import MainDocument, RenderError
from ingest.fetch.retry import RetryMiddleware
from ingest.fetch.shutdown import GRACE_S, Shutdown
from ingest.model import OutcomeKind, SeedKind, Source
from ingest.web.javascript import NEEDS_RENDERING, RENDERED, can_render

log = logging.getLogger(__name__)

HORIZON_DAYS = 56  # how far back a source's pages are looked for that were turned away; as far as health looks
# of the answer's headers, what the browser needs to make the same of the page as if it had asked for it
NEEDED = ("Content-Type", "Content-Security-Policy", "Content-Language", "Referrer-Policy", "Set-Cookie")
# a shell is the same for all pages and days: these would say that nothing has changed
VALIDATORS = ("ETag", "Last-Modified")
CONDITIONS = ("If-None-Match", "If-Modified-Since")


class RenderMiddleware:
    """Stands between the limits and the redirects: it sees whole, unpacked pages that lead nowhere else."""

    def __init__(self, crawler: Crawler, sources: dict[str, Source], resolver: GuardedResolver) -> None:
        config = Config.from_settings(crawler.settings)
        self.crawler = crawler
        self.sources = sources
        self.resolver = resolver
        self.connect_timeout_s = config.connect_timeout_s
        self.ending = Shutdown.of(crawler)
        self.browser = Browser(
            find(config.browser),
            self._egress_proxy,
            user_agent=str(crawler.settings["USER_AGENT"]),
            timeout_s=config.request_timeout_s,
            max_bytes=config.page_max_bytes,
        )

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Stay out of the way where no source wants it. Raises SourceError without the extra, SettingsError without
        a browser.
        """
        from twisted.internet import reactor  # only now is the right one installed

        plan = Run.of(crawler).plan
        sources = {source.name: source for source in plan.sources if source.render}
        if not sources or plan.replay:
            raise NotConfigured
        if not can_render():
            raise SourceError(
                f"{next(iter(sources.values())).url}: render = true needs the extra: {how_to_install('render')}"
            )
        resolver = getattr(reactor, "nameResolver", None)
        assert isinstance(resolver, GuardedResolver), "settings.py names ingest.fetch.guard.GuardedResolver"
        made = cls(crawler, sources, resolver)
        _queue_again(Run.of(crawler), sources)
        crawler.signals.connect(made.close, signals.spider_closed)
        return made

    def process_request(self, request: Request) -> None:
        """Ask for the whole page, changed or not."""
        if self._source(request) is not None:
            for name in CONDITIONS:
                request.headers.pop(name, None)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the page as its scripts left it, or a repeat. Raises NotFetched: render-timeout, render-crashed ..."""
        source = self._source(request)
        if source is None or response.status not in WHOLE or not _is_html(response):
            return response
        headers = {name: value for name in NEEDED if (value := _joined(response, name))}
        document = MainDocument(url=request.url, headers=headers, body=response.body, verify_tls=source.verify_tls)
        try:
            markup = await self._unless_ended(document)
        except SettingsError as error:
            Run.of(self.crawler).fail(error)
            raise NotFetched(STOPPED) from error
        except RenderError as error:
            event(log, logging.INFO, "not rendered", source=source.name, reason=error.reason, url=request.url)
            retry = self.crawler.get_downloader_middleware(RetryMiddleware)
            again = retry.repeat(request, error.reason) if retry and error.again else None
            if again is None:
                raise NotFetched(error.reason, error.detail) from error
            return again
        return _rendered(response, markup)

    async def close(self) -> None:
        """End the browser with the crawl."""
        await self.browser.close()

    def _source(self, request: Request) -> Source | None:
        """Return the source when this is one of its pages or sections; feeds and sitemaps are no scripts' work."""
        meta = meta_of(request)
        if meta.get("robots_txt") or meta.get("seed_kind", SeedKind.SECTION) != SeedKind.SECTION:
            return None
        return self.sources.get(meta.get("source", ""))

    async def _unless_ended(self, document: MainDocument) -> bytes:
        """Render, with the usual grace when the crawl is asked to end. Raises RenderError, NotFetched("stopped")."""
        rendering = asyncio.ensure_future(self.browser.render(document))
        ended = asyncio.ensure_future(self.ending.begun.wait())
        try:
            await asyncio.wait((rendering, ended), return_when=asyncio.FIRST_COMPLETED)
            if not rendering.done():
                await asyncio.wait((rendering,), timeout=GRACE_S)
            if not rendering.done():
                raise NotFetched(STOPPED)
            return rendering.result()
        finally:
            rendering.cancel()
            ended.cancel()

    def _egress_proxy(self) -> EgressProxy:
        guard = self.crawler.get_downloader_middleware(ProxyMiddleware)
        assert guard is not None, "settings.py names ingest.fetch.guard.ProxyMiddleware"
        upstream = Upstream(guard.proxy, guard.proxy_login) if guard.proxy else None
        return EgressProxy(
            self._lookup, upstream=upstream, connect_timeout_s=self.connect_timeout_s, max_bytes=MAX_BYTES
        )

    async def _lookup(self, host: str) -> tuple[str, ...]:
        """Return the addresses that may be connected to, as for any request of ours.

        What a script asks of this very machine (some look for programs that listen here) is refused without a word:
        the resolver's warning is for addresses that somebody meant.
        """
        number = literal(host) or ("127.0.0.1" if host.lower().rpartition(".")[2] == "localhost" else None)
        if number is not None and refusal(number, self.resolver.allowed):
            return ()
        found: Any = await maybe_deferred_to_future(self.resolver.lookup(host))
        return tuple(found)


def _queue_again(run: Run, sources: Iterable[str]) -> None:
    """Have the pages fetched that were turned away because nobody ran their scripts."""
    for name in () if run.plan.dry_run else sources:
        reasons = run.store.history.reasons(name, run.now() - timedelta(days=HORIZON_DAYS))
        if reasons.get(f"{OutcomeKind.SCREENED} {NEEDS_RENDERING}"):
            run.store.frontier.queue_again(name, NEEDS_RENDERING)


def _is_html(response: Response) -> bool:
    kind = (response.headers.get("Content-Type") or b"").lower()
    return b"html" in kind or not kind


def _joined(response: Response, name: str) -> str:
    values = [value.decode("latin-1") for value in response.headers.getlist(name)]
    return ("\n" if name == "Set-Cookie" else ", ").join(values)


def _rendered(response: Response, markup: bytes) -> Response:
    headers = response.headers.copy()
    for name in VALIDATORS:
        headers.pop(name, None)
    headers["Content-Type"] = "text/html; charset=utf-8"
    headers[RENDERED] = "1"
    return with_body(response, headers, markup)
