"""Downloader middleware: follows redirects as new requests of the host they lead to, tells those it does not follow.

Every hop goes through the frontier and all middlewares again: scheme, address, robots.txt and pace of its own host.
"""

from __future__ import annotations

from typing import Self
from urllib.parse import urljoin, urlsplit, urlunsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from w3lib.url import safe_url_string

from ingest.config import Config
from ingest.crawl.request_meta import meta_of
from ingest.errors import UrlError
from ingest.fetch.reasons import NotFetched
from ingest.web import urls

FOLLOWED = frozenset({301, 302, 303, 307, 308})
PRIVATE_HEADERS = ("Cookie", "Authorization", "Proxy-Authorization")


class RedirectMiddleware:
    """Follows at most `max_redirects` hops, fewer when the meta key `max_redirects` says so."""

    def __init__(self, max_redirects: int) -> None:
        self.max_redirects = max_redirects

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the number of hops."""
        return cls(Config.from_settings(crawler.settings).max_redirects)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Return the next hop. Raises NotFetched: redirect-loop, redirect-too-many, redirect-bad, scheme-refused."""
        if response.status not in FOLLOWED:
            return response
        location = response.headers.get("Location")
        if not location:
            raise NotFetched(f"http-{response.status}", "a redirect without Location")
        behind = (*meta_of(request).get("redirect_urls", ()), request.url)
        target = target_of(request.url, location)
        if target in behind:
            raise NotFetched("redirect-loop", f"back to {target} after {len(behind)} hops")
        if len(behind) > meta_of(request).get("max_redirects", self.max_redirects):
            raise NotFetched("redirect-too-many", f"more than {len(behind) - 1} hops")
        return _next_hop(request, target, behind, response.status)


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
