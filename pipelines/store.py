"""Stage 6: one transaction for the article, its revision, its blocks and the page's outcome."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from ingest.crawl.run import Run
from ingest.model import Identified


class StoreArticle:
    """Saves what the verdict asks for and records the outcome with it."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the run that holds the store and the recorder."""
        return cls(Run.of(crawler))

    def process_item(self, identified: Identified) -> Identified:
        """Save, record, pass on."""
        self.run.recorder.record_article(identified)
        return identified
