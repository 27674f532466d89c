"""Stage 5: new, revision, unchanged or duplicate?"""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from ingest.crawl.one_text import ONE_TEXT, is_wall, skeleton, text_occurrence
from ingest.crawl.recrawl import TEXT_LOST, held_back, is_believed, loses_text, lost_since, outdated
from ingest.crawl.run import Run
from ingest.identity import identify
from ingest.model import Article, Identified, Verdict, VerdictKind
from ingest.snapshots.erase import erase
from ingest.store import FORGOTTEN, Places

TEXTS_REMEMBERED = 5_000  # of a run, the latest: a wall comes back within minutes; 2 MB
ADDRESSES = 20  # of one text that are compared
SAME_TEXT = ("same-text", "near-text")  # reasons of duplicates that no address of the page explains


class IdentifyArticle:
    """Compares the article with those stored under its addresses or with its text."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._shown: dict[tuple[str, str], dict[str, None]] = {}  # the addresses at which each text of this run stood

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the run that holds the store."""
        return cls(Run.of(crawler))

    def process_item(self, article: Article) -> Identified:
        """Return the article with the verdict; drop a page that shows a wall in the place of an article.

        What is replayed was fetched before: no revision of it is held back.
        """
        named = {article.canonical_url, *article.alternate_urls} - {article.url, article.asked_url, None}
        if named and self.run.store.pages.forgotten(filter(None, named)):  # the others were asked about before
            self._take_down(article)
            raise DropItem(FORGOTTEN, log_level="DEBUG")
        candidates = self.run.store.articles.candidates(article)
        verdict = outdated(identify(article, candidates.found), candidates.found, article.fetched_at)
        if not self.run.plan.replay:
            verdict = held_back(verdict, candidates.found, article.fetched_at)
            if verdict.kind is VerdictKind.REVISION and verdict.of is not None:
                self._hold_back_lost_text(article, verdict.of)
        if verdict.kind in (VerdictKind.NEW, VerdictKind.DUPLICATE):
            self._drop_wall(article, verdict)
        return Identified(article=article, verdict=verdict, candidates=candidates)

    def _hold_back_lost_text(self, article: Article, of: int) -> None:
        """Drop a revision that has nothing of the article, until it has stayed so for days."""
        stored = self.run.store.articles.get(of)
        if stored is None or not loses_text(stored.article, article):
            return
        known = self.run.store.pages.known(article.asked_url or article.url)
        since = lost_since(known.reason, known.detail) if known else None
        if not is_believed(since, self.run.now()):
            raise DropItem(TEXT_LOST, log_level="DEBUG")

    def _drop_wall(self, article: Article, verdict: Verdict) -> None:
        """Drop a text that stands at several addresses and belongs to none of them; take back what was stored of it."""
        asked = article.asked_url or article.url
        shown = self._shown.setdefault((article.source, skeleton(article)), {asked: None})
        others = [url for url in shown if url != asked]
        shown[asked] = None
        if len(self._shown) > TEXTS_REMEMBERED:
            self._shown.pop(next(iter(self._shown)))
        if not others and verdict.reason not in SAME_TEXT:
            return
        pages = [page for url in (asked, *others[:ADDRESSES]) if (page := self.run.store.pages.known(url))]
        if verdict.reason in SAME_TEXT and verdict.of is not None:
            pages += self.run.store.pages.of_article(verdict.of)[:ADDRESSES]
        if len(pages) < 2 or not is_wall(article, [text_occurrence(page.url, page.link) for page in pages]):
            return
        for article_id in dict.fromkeys(page.article_id for page in pages if page.url != asked):
            if article_id is not None:
                self.run.recorder.retract(article_id, ONE_TEXT)
        raise DropItem(ONE_TEXT, log_level="DEBUG")

    def _take_down(self, article: Article) -> None:
        """Forget an address that turned out to show what was taken down elsewhere, and the raw page just kept."""

        def erase_raw(places: Places) -> None:
            erase(self.run.config.home, places, storage=self.run.config.raw_place)

        for url in dict.fromkeys(filter(None, (article.asked_url, article.url))):
            self.run.store.forget_url(url, self.run.now(), erase_raw, source=article.source)
