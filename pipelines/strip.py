"""Stage 3: cut what recurs on this site."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from ingest.crawl.run import Run
from ingest.model import Article
from ingest.steps import strip


class StripBoilerplate:
    """Marks the blocks that were learned from the source's articles in earlier runs."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the run that holds what was learned."""
        return cls(Run.of(crawler))

    def process_item(self, article: Article) -> Article:
        """Return the same article, blocks marked as cut."""
        return strip(article, self.run.learned(article.source))
