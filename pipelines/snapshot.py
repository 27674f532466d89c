"""Stage 1: keep the raw page."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from ingest.crawl.run import Run
from ingest.model import Page
from ingest.store import FORGOTTEN
from ingest.text.normalize import digest


class KeepSnapshot:
    """Writes bytes and headers to the run's WARC file; a page out of an archive has its place already."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the run that holds the snapshots."""
        return cls(Run.of(crawler))

    async def process_item(self, page: Page) -> Page:
        """Return the page with its place, noted whatever the page turns out to be; drop one that was taken down.

        So with its further pages: one that was taken down stands for the whole article.
        """
        await self.run.turns.next()
        if self.run.store.pages.forgotten(url for one in page.fetched for url in (one.url, one.final_url)):
            raise DropItem(FORGOTTEN, log_level="DEBUG")
        parts = (replace(part, page=self._kept(part.page)) if part.page else part for part in page.parts)
        return replace(self._kept(page), parts=tuple(parts)) if page.parts else self._kept(page)

    def _kept(self, page: Page) -> Page:
        if page.place is not None or not self.run.keeps_raw(page):
            return page
        body_digest = digest(page.body)
        known = self.run.store.snapshots.place_of(body_digest)
        place = self.run.snapshots.write(page, known, body_digest=body_digest)
        self.run.store.snapshots.remember(page.source, page.final_url, place, page.fetched_at, self.run.id)
        return replace(page, place=place)
