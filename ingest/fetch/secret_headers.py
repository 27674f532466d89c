"""Downloader middleware: a source's secret headers, to its own origin and nowhere else, redirects included."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from ingest.crawl.request_meta import meta_of
from ingest.crawl.run import Run
from ingest.fetch.politeness import origin_of
from ingest.model import Source
from ingest.sources.secrets import Headers, read_headers


class SecretHeadersMiddleware:
    """Adds them where they belong, takes them out where a redirect has carried them elsewhere."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self.origins = {source.name: origin_of(source.url) for source in sources}
        self.headers: dict[str, Headers] = {
            source.name: read_headers(source.name, Path(source.headers_file))
            for source in sources
            if source.headers_file is not None
        }

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the files of the plan's sources. Raises SourceError."""
        run = Run.of(crawler)
        return cls(tuple(source for source in run.plan.sources if source.name not in run.unusable))

    def process_request(self, request: Request) -> None:
        """Set or remove. robots.txt is for everyone and gets none."""
        source = meta_of(request).get("source", "")
        secret = self.headers.get(source)
        if not secret:
            return
        for name, _ in secret:
            request.headers.pop(name, None)
        if origin_of(request.url) == self.origins[source] and not meta_of(request).get("robots_txt"):
            for name, value in secret:
                request.headers.appendlist(name, value)
