"""Downloader middleware: follows redirects as new requests of the host they lead to, reports those it does not follow.

Every hop goes through the scheduler and all middlewares again: scheme, address, robots.txt and pace of its own host.
"""

from __future__ import annotations

import logging
from typing import Self
from urllib.parse import urljoin, urlsplit, urlunsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from w3lib.url import safe_url_string

from ingest.config import Config
from ingest.crawl.request_meta import meta_of
from ingest.errors import UrlError
from ingest.events import event
from ingest.fetch.reasons import NotFetched
from ingest.fetch.session_cookies import SessionCookies
from ingest.model import SeedKind
from ingest.web import urls
from ingest.web.page_redirects import frames, leads_to

log = logging.getLogger(__name__)

SUCCESS = 200
FOLLOWED = frozenset({301, 302, 303, 307, 308})
PRIVATE_HEADERS = ("Cookie", "Authorization", "Proxy-Authorization")


class RedirectMiddleware:
    """Follows at most `max_redirects` hops, fewer when the meta key `max_redirects` says so."""

    def __init__(self, max_redirects: int) -> None:
        self.max_redirects = max_redirects
        self.cookies = SessionCookies()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the number of hops."""
        return cls(Config.from_settings(crawler.settings).max_redirects)

    def process_request(self, request: Request) -> None:
        """Send the session cookie back to a host that answers only then."""
        self.cookies.send(request, meta_of(request).get("source", ""))

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the next hop. Raises NotFetched: redirect-loop, redirect-too-many, redirect-bad, scheme-refused."""
        source = meta_of(request).get("source", "")
        self.cookies.note(response, source)
        target = _target(request, response)
        if target is None:
            self.cookies.forget(request.url, source)
            return response
        behind = (*meta_of(request).get("redirect_urls", ()), request.url)
        if target in behind and self.cookies.open(target, source):
            event(log, logging.INFO, "session cookie sent back", source=source, url=target)
            again = _next_hop(request, target, (), response.status)
            meta_of(again).pop("redirect_urls", None)
            return again
        if target in behind:
            if response.status not in FOLLOWED:
                return response  # a page that reloads itself is read as it is
            raise NotFetched("redirect-loop", f"back to {target} after {len(behind)} hops")
        if len(behind) > meta_of(request).get("max_redirects", self.max_redirects):
            raise NotFetched("redirect-too-many", f"more than {len(behind) - 1} hops")
        return _next_hop(request, target, behind, response.status)


def _target(request: Request, response: Response) -> str | None:
    """Return where a response leads on to, None for one to be read. Raises NotFetched."""
    if response.status in FOLLOWED:
        location = response.headers.get("Location")
        if not location:
            raise NotFetched(f"http-{response.status}", "a redirect without Location")
        return target_of(request.url, location)
    meta = meta_of(request)
    if response.status != SUCCESS or meta.get("robots_txt") or not meta.get("source"):
        return None
    if meta.get("seed_kind") is SeedKind.SECTION and frames(response.body):
        return None  # each of its frames is read as a section
    written = leads_to(response.body)
    if written is None:
        return None
    try:
        target = target_of(response.url, written.encode())
        is_seed = meta.get("seed_kind") is not None
        # a page that leads to another site is a note of its own; a site may have moved
        return target if is_seed or urls.same_site(target, request.url) else None
    except (NotFetched, UrlError):
        return None


def target_of(url: str, location: bytes) -> str:
    """Return the address a Location header leads to. Raises NotFetched."""
    try:
        text = location.decode("utf-8")
    except UnicodeDecodeError:
        text = location.decode("latin-1")
    text = "".join(char for char in text.strip() if char.isprintable())
    try:
        parts = urlsplit(urljoin(url, text.replace("\\", "/")))
        if parts.scheme not in ("http", "https"):
            raise NotFetched("scheme-refused", f"a redirect to {parts.scheme or 'no scheme'}")
        plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")
        target = safe_url_string(urlunsplit(plain))
        urls.normalise(target)  # what no browser could open is no address
    except (UrlError, ValueError) as error:
        raise NotFetched("redirect-bad", str(error)) from error
    return target


def _next_hop(request: Request, target: str, behind: tuple[str, ...], status: int) -> Request:
    hop = request.replace(url=target, method="GET" if request.method != "HEAD" else "HEAD", body=b"", cookies=None)
    meta = meta_of(hop)
    meta.pop("download_latency", None)
    meta.pop("proxy", None)
    meta["download_slot"] = urls.polite_unit(target)
    meta["redirect_urls"] = list(behind)
    meta["redirect_times"] = len(behind)
    meta["redirect_reasons"] = [*meta.get("redirect_reasons", ()), status]
    for name in ("If-None-Match", "If-Modified-Since", "Referer"):
        hop.headers.pop(name, None)
    if _origin(request.url) != _origin(target):
        meta.pop("validators", None)
        for name in PRIVATE_HEADERS:
            hop.headers.pop(name, None)
    return hop


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
