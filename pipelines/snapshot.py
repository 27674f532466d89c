"""Stage 1: keep the raw page."""

from __future__ import annotations

from collections.abc import Sequence
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
        urls = [url for one in page.fetched for url in (one.url, one.final_url)]
        kept = self._kept(page, urls)
        parts = (replace(part, page=self._kept(part.page)) if part.page else part for part in page.parts)
        return replace(kept, parts=tuple(parts)) if page.parts else kept

    def _kept(self, page: Page, urls: Sequence[str] = ()) -> Page:
        """Return the page with its place. Raises DropItem when one of the URLs was taken down."""
        body_digest = digest(page.body)
        known = self.run.store.snapshots.look_up(body_digest, urls)
        if known.forgotten:
            raise DropItem(FORGOTTEN, log_level="DEBUG")
        if page.place is not None or not self.run.keeps_raw(page):
            return page
        place = self.run.snapshots.write(page, known.place, body_digest=body_digest)
        self.run.store.snapshots.remember(page.source, page.final_url, place, page.fetched_at, self.run.id)
        return replace(page, place=place)
