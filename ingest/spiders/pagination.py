"""Following an article over its pages, one page after the other, until all are there and go to the stages as one.

The pages are requested through the frontier, so that delay, robots.txt and budgets apply to each. Fetched pages are
kept here, not in the store: after a kill the article is still queued, and the next run fetches it again from its first
page. That costs a few requests after a kill, and an article is stored with all its pages or not at all; rows for pages
in progress would be one more thing to recover.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from ingest import snapshots
from ingest.crawl.recovery import InterruptedRequest
from ingest.crawl.recrawl import next_try
from ingest.crawl.request_meta import RequestMeta, as_meta
from ingest.crawl.run import Run
from ingest.extract.multipage.pagenumbers import MAX_PAGES, first_page, next_page, single_page
from ingest.fetch.reasons import STOPPED, detail_of, kind_of, reason_of
from ingest.model import ExtractionRules, FetchedPart, Outcome, OutcomeKind, Page
from ingest.spiders.pages import may_pass, page_of
from ingest.store import FORGOTTEN, PageEnd, QueuedPage
from ingest.text.normalize import digest
from ingest.web.urls import key, polite_unit

MAX_JOINED_BYTES = 20 * 2**20  # of all pages together: two of the largest that one may be
REPEATS, TOO_LARGE, LATER = "repeats", "too-large", "later-page"

Given = Iterator[Request | Page]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A further page to fetch; `whole`: a rule says that it holds everything."""

    url: str
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipageArticle:
    """An article in progress: the request and its pages so far. `page.url` is the address that was requested."""

    queued: QueuedPage
    page: Page  # the first, with those that follow as its parts
    rules: ExtractionRules
    at_hand: tuple[Page, ...] = ()  # fetched before the first

    def wants(self) -> Wanted | None:
        """Return the page to fetch next, None when the article is all there.

        When the whole page could not be had, the others are followed.
        """
        parts = self.page.parts
        if not parts and (url := single_page(self.page, self.rules)):
            return Wanted(url=url, whole=True)
        following = [part for part in parts if not part.whole or part.page is not None]
        if following and (following[-1].page is None or following[-1].whole or len(following) >= MAX_PAGES - 1):
            return None
        last = following[-1].page or self.page if following else self.page
        url = next_page(last, self.page.final_url, 1 + len(following), self.rules)
        return None if url is None or key(url) in self._met() else Wanted(url=url)

    def _met(self) -> set[str]:
        linked = (part.url for part in self.page.parts)
        return {key(url) for url in (*(page.final_url for page in self.page.fetched), *linked)}

    def with_page(self, wanted: Wanted, page: Page) -> MultipageArticle:
        """Return it with a further page; one that was there before, or is too much, adds nothing."""
        had = self.page.fetched
        if any(digest(one.body) == digest(page.body) or key(one.final_url) == key(page.final_url) for one in had):
            return self.without(wanted, REPEATS)
        if sum(len(one.body) for one in (*had, page)) > MAX_JOINED_BYTES:
            return self.without(wanted, TOO_LARGE)
        return self._with(FetchedPart(url=wanted.url, page=page, whole=wanted.whole))

    def without(self, wanted: Wanted, note: str) -> MultipageArticle:
        """Return it with a page that could not be had: the article ends before it."""
        return self._with(FetchedPart(url=wanted.url, note=note, whole=wanted.whole))

    def _with(self, part: FetchedPart) -> MultipageArticle:
        return replace(self, page=replace(self.page, parts=(*self.page.parts, part)))

    def found(self, url: str) -> Page | None:
        """Return the page of an address if it was fetched before the first page."""
        return next((page for page in self.at_hand if key(url) == key(page.final_url)), None)


class PaginationFollower:
    """Asks for the pages of articles; `request` makes the request of a queued page."""

    def __init__(self, run: Run, request: Callable[[QueuedPage], Request]) -> None:
        self.run = run
        self.request = request
        self.left: Mapping[
            str, InterruptedRequest
        ] = {}  # by URL key: pages that a killed run fetched, while they are taken over

    def begin(self, queued: QueuedPage, page: Page) -> Given:
        """Pass the page to the stages, or request those it belongs with; a later page leads back to the first."""
        first = first_page(page)
        if first is None:
            yield from self._onward(MultipageArticle(queued=queued, page=page, rules=self._rules(queued)))
            return
        known = self.run.store.pages.known(first)
        by_hand = queued.url in self.run.recorder.single_pages
        if known is not None and known.article_id is not None and not by_hand:
            outcome = Outcome(kind=OutcomeKind.DUPLICATE, reason=LATER, article_id=known.article_id)
            self.run.recorder.record(PageEnd(source=queued.source, url=queued.url, outcome=outcome, status=page.status))
            return
        kwargs = {"queued": queued, "later": page}
        yield self._request(queued, first, self.parse_first, self.first_failed, kwargs)

    def parse_first(self, response: Response, queued: QueuedPage, later: Page) -> Given:
        """Begin at the first page, as if what was asked for had been redirected there."""
        page = self._page(response, queued, asked_url=queued.url)
        yield from self._onward(MultipageArticle(queued=queued, page=page, rules=self._rules(queued), at_hand=(later,)))

    def first_failed(self, failure: Failure) -> Given:
        """Take the later page for an article when there is no first."""
        had = failure.request.cb_kwargs  # type: ignore[attr-defined]  # Scrapy puts it there
        if not self._put_off(failure, had["queued"]):
            yield had["later"]

    def parse_part(self, response: Response, joining: MultipageArticle, wanted: Wanted) -> Given:
        """Take a further page."""
        page = self._page(response, joining.queued, asked_url=wanted.url)
        yield from self._onward(joining.with_page(wanted, page))

    def part_failed(self, failure: Failure) -> Given:
        """End the article with the pages it has, unless it is worth another try as a whole."""
        had = failure.request.cb_kwargs  # type: ignore[attr-defined]  # Scrapy puts it there
        joining: MultipageArticle = had["joining"]
        if not self._put_off(failure, joining.queued):
            yield from self._onward(joining.without(had["wanted"], reason_of(failure)))

    # ------------------------------------------------------------ steps

    def _onward(self, joining: MultipageArticle) -> Given:
        while (wanted := joining.wants()) is not None:
            if (page := joining.found(wanted.url) or self._left(wanted.url)) is not None:
                joining = joining.with_page(wanted, replace(page, url=wanted.url))
            elif self.run.store.pages.forgotten((wanted.url,)):
                joining = joining.without(wanted, FORGOTTEN)
            else:
                kwargs = {"joining": joining, "wanted": wanted}
                yield self._request(joining.queued, wanted.url, self.parse_part, self.part_failed, kwargs)
                return
        yield joining.page

    def _left(self, url: str) -> Page | None:
        unread = self.left.get(key(url))
        if unread is None:
            return None
        return snapshots.read(self.run.config.home, unread.place, storage=self.run.config.raw_place)

    def _put_off(self, failure: Failure, queued: QueuedPage) -> bool:
        """Return whether the whole article is left for a later run: the crawl ends, or the cause may pass."""
        reason = reason_of(failure)
        if reason == STOPPED:
            return True  # it stays queued
        if not may_pass(reason) or next_try(queued.attempts + 1, self.run.now()) is None:
            return False
        outcome = Outcome(kind=kind_of(reason), reason=reason)
        url = failure.request.url  # type: ignore[attr-defined]  # Scrapy puts it there
        detail = f"{url}: {detail_of(failure)}".rstrip(": ")
        self.run.recorder.not_fetched(queued.source, queued.url, outcome, detail=detail, passes=True)
        return True

    def _rules(self, queued: QueuedPage) -> ExtractionRules:
        return self.run.plan.source(queued.source).rules

    def _page(self, response: Response, queued: QueuedPage, *, asked_url: str) -> Page:
        now = self.run.now()
        return page_of(response, asked_url=asked_url, source=queued.source, hint=queued.link, fetched_at=now)

    def _request(
        self,
        queued: QueuedPage,
        url: str,
        callback: Callable[..., Given],
        errback: Callable[[Failure], Given],
        kwargs: dict[str, object],
    ) -> Request:
        """Return the request of a further page: like its article's, and without validators, for it must come."""
        request = self.request(queued)
        meta = {**request.meta, **as_meta(RequestMeta(download_slot=polite_unit(url), validators=None))}
        return request.replace(url=url, callback=callback, errback=errback, cb_kwargs=kwargs, meta=meta)
