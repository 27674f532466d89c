"""Stage 2: page -> article."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from ingest.line import extract
from ingest.model import Article, Page
from ingest.run import Run


class ExtractArticle:
    """Reads body and metadata; asynchronous, so that the work can move to other processes."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the run that knows the sources."""
        return cls(Run.of(crawler))

    async def process_item(self, page: Page) -> Article:
        """Return the article, whatever the page is; screening comes later."""
        return extract(page, self.run.source(page.source))
