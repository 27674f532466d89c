"""Stage 4: let articles through, drop everything else with a reason."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from ingest.crawl.run import Run
from ingest.discover.window import BackfillWindow
from ingest.model import Article
from ingest.steps import screen

OUTSIDE = "outside-window"


class ScreenArticle:
    """Asks whether the page is an article at all."""

    def __init__(self, min_words: int, window: BackfillWindow) -> None:
        self.min_words = min_words
        self.window = window

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the least number of words and the window of a backfill."""
        run = Run.of(crawler)
        since, until = (run.plan.since, run.plan.until) if run.plan.backfill else (None, None)
        return cls(run.config.min_words, BackfillWindow(since=since, until=until))

    def process_item(self, article: Article) -> Article:
        """Return the article, or drop it with the reason's slug."""
        if reason := screen(article, min_words=self.min_words):
            raise DropItem(reason, log_level="DEBUG")
        published = article.published
        if published is not None and (self.window.is_before(published) or self.window.is_after(published)):
            raise DropItem(OUTSIDE, log_level="DEBUG")  # its listing did not say when it was published
        return article
