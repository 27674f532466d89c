"""Stage 4: let articles through, drop everything else with a reason."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from ingest.crawl.run import Run
from ingest.model import Article
from ingest.steps import screen


class ScreenArticle:
    """Asks whether the page is an article at all."""

    def __init__(self, min_words: int) -> None:
        self.min_words = min_words

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the least number of words."""
        return cls(Run.of(crawler).config.min_words)

    def process_item(self, article: Article) -> Article:
        """Return the article, or drop it with the reason's slug."""
        if reason := screen(article, min_words=self.min_words):
            raise DropItem(reason, log_level="DEBUG")
        return article
