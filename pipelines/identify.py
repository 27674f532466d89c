"""Stage 5: new, revision, unchanged or duplicate?"""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler

from ingest.identity import identify
from ingest.model import Article, Identified
from ingest.recheck import held_back, outdated
from ingest.run import Run


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
        candidates = self.run.store.articles.candidates(article)
        verdict = outdated(identify(article, candidates), candidates, article.fetched_at)
        if not self.run.plan.replay:
            verdict = held_back(verdict, candidates, article.fetched_at)
        return Identified(article=article, verdict=verdict)
