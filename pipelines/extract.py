"""Stage 2: page -> article."""

from __future__ import annotations

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from ingest.crawl.run import Run
from ingest.model import Article, Page
from ingest.steps import WARM, WORK, ExtractionTask, extract_here
from ingest.workers import AdaptiveExecutor, cores


class ExtractArticle:
    """Extracts body and metadata; asynchronous, because a large crawl does it in other processes."""

    def __init__(self, run: Run) -> None:
        workers = run.config.workers
        self.run = run
        self.executor = AdaptiveExecutor(extract_here, WORK, cores() if workers is None else workers, warm=WARM)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the run that knows the sources; end the processes with the crawl."""
        made = cls(Run.of(crawler))
        crawler.signals.connect(made.executor.close, signals.spider_closed)
        return made

    async def process_item(self, page: Page) -> Article:
        """Return the article, whatever the page is; screening comes later. Raises PageLost for one beyond reading."""
        unread = ExtractionTask(page=page, source=self.run.source(page.source))
        size = sum(len(one.body) for one in page.fetched)
        article = await self.executor.do(unread, size, coming=self.run.coming)
        await self.run.turns.next()  # the next stages block the event loop
        return article
