"""Stage 5: new, revision, unchanged or duplicate?"""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from ingest.crawl.recrawl import held_back, outdated
from ingest.crawl.run import Run
from ingest.identity import identify
from ingest.model import Article, Identified
from ingest.snapshots.erase import erase
from ingest.store import FORGOTTEN, Places


class IdentifyArticle:
    """Compares the article with those stored under its addresses or with its text."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the run that holds the store."""
        return cls(Run.of(crawler))

    def process_item(self, article: Article) -> Identified:
        """Return the article with the verdict; what is replayed is no news and held back for nothing."""
        named = {article.canonical_url, *article.alternate_urls} - {article.url, article.asked_url, None}
        if named and self.run.store.pages.forgotten(filter(None, named)):  # the others were asked about before
            self._take_down(article)
            raise DropItem(FORGOTTEN, log_level="DEBUG")
        candidates = self.run.store.articles.candidates(article)
        verdict = outdated(identify(article, candidates.found), candidates.found, article.fetched_at)
        if not self.run.plan.replay:
            verdict = held_back(verdict, candidates.found, article.fetched_at)
        return Identified(article=article, verdict=verdict, candidates=candidates)

    def _take_down(self, article: Article) -> None:
        """Forget an address that turned out to show what was taken down elsewhere, and the raw page just kept."""

        def erase_raw(places: Places) -> None:
            erase(self.run.config.home, places, storage=self.run.config.raw_place)

        for url in dict.fromkeys(filter(None, (article.asked_url, article.url))):
            self.run.store.forget_url(url, self.run.now(), erase_raw, source=article.source)
