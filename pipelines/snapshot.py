"""Stage 1: keep the raw page."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler

from ingest.model import Page
from ingest.run import Run


class KeepSnapshot:
    """Writes bytes and headers to the run's WARC file; a page out of an archive has its place already."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the run that holds the snapshots."""
        return cls(Run.of(crawler))

    def process_item(self, page: Page) -> Page:
        """Return the page with its place."""
        if page.place is not None or not self.run.keeps_raw(page):
            return page
        return replace(page, place=self.run.snapshots.write(page))
