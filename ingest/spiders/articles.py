"""ArticlesSpider: due sources -> seeds -> links -> pages.

It turns what is wanted into requests and what comes back into Pages. discovery.py decides which seeds
are fetched, the frontier which page is next, and the stages what becomes of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from ingest import config as configuration
from ingest import snapshots, sources
from ingest.config import setting_name
from ingest.crawl.plan import Plan
from ingest.crawl.request_meta import RequestMeta, as_meta
from ingest.crawl.run import Run, one_line_for_scrapy
from ingest.fetch.reasons import NOT_FOUND, STOPPED, detail_of, kind_of, reason_of
from ingest.model import Outcome, OutcomeKind, Page, Seed
from ingest.spiders.discovery import NOT_MODIFIED, Discovery, parsed
from ingest.spiders.linked import LinkedAddresses
from ingest.spiders.pages import may_pass, page_of
from ingest.spiders.pagination import PaginationFollower
from ingest.store import FORGOTTEN, UNLIKELY, PageEnd, QueuedPage
from ingest.web.urls import key, polite_unit

SUCCESS = 200
LARGE_BYTES = 250_000  # of a seed; parsing takes 0.1 s of CPU a megabyte
SEED_PRIORITY = 100  # before the pages of the same polite unit


class ArticlesSpider(Spider):
    """Crawls the sources of a plan; `-a source=NAME` makes the plan from sources.toml, for `scrapy crawl articles`."""

    name = "articles"
    handle_httpstatus_list = (NOT_MODIFIED,)

    def __init__(self, plan: Plan, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan = plan
        self.discoveries: dict[str, Discovery] = {}
        self.reading = asyncio.Lock()  # one large seed is read at a time: each may take 100 MB meanwhile
        self.linked = LinkedAddresses()
        self._following: PaginationFollower | None = None

    @classmethod
    def from_crawler(
        cls, crawler: Crawler, *args: Any, plan: Plan | None = None, source: str = "", **kwargs: Any
    ) -> Self:
        """Take the plan of a command, or make one of the sources named, else of all.

        Ends the process with one line when there is no such source or sources.toml is wrong.
        """
        if plan is None:
            with one_line_for_scrapy():
                plan = cls._plan_of(crawler, source)
        made = super().from_crawler(crawler, *args, plan=plan, **kwargs)
        crawler.signals.connect(made.idle, signals.spider_idle)
        return made

    @staticmethod
    def _plan_of(crawler: Crawler, source: str) -> Plan:
        """Return a plan of the sources named, comma between, else of all. Raises SourceError."""
        file = sources.load(configuration.load(crawler.settings).home)
        for name, value in file.settings.items():
            crawler.settings.set(setting_name(name), value, priority="spider")
        names = [name for name in source.split(",") if name]
        chosen = tuple(file.named(name) for name in names) if names else file.sources
        return Plan(sources=chosen, whole_file=not names, by_hand=bool(names))

    @property
    def run(self) -> Run:
        """The run this spider crawls for."""
        return Run.of(self.crawler)

    @property
    def following(self) -> PaginationFollower:
        """What follows articles over their pages."""
        if self._following is None:  # the run is there when the crawl begins, not when the spider is made
            self._following = PaginationFollower(self.run, self.page_request)
        return self._following

    async def start(self) -> AsyncIterator[Request | Page]:
        """Yield what a killed run had fetched, the plan's single pages and the first seeds of due sources."""
        for name, url in self.plan.urls:
            if self.run.store.pages.forgotten((url,)):
                self.run.recorder.record(
                    PageEnd(source=name, url=url, outcome=Outcome(kind=OutcomeKind.REFUSED, reason=FORGOTTEN))
                )
                continue
            known = self.run.store.pages.known(url)
            link = known.link if known else None
            yield self.page_request(QueuedPage(url=url, source=name, depth=0, attempts=0, link=link))
        for given in self._unread():
            yield given
        if self.plan.discover:
            for source in self.run.due:
                if source.name in self.run.unusable:
                    continue
                discovery = self.discoveries[source.name] = Discovery(self.run, source)
                for request in self._requests(discovery, discovery.begin()):
                    yield request

    def _unread(self) -> Iterator[Request | Page]:
        """Yield the pages that a killed run fetched and did not store, from its raw file, if they are still queued."""
        self.following.left = {key(unread.url): unread for unread in self.run.unread}
        due = {source.name for source in self.run.due} if self.plan.discover and not self.plan.dry_run else set()
        for unread in self.run.unread:
            if unread.source in due:
                page = snapshots.read(self.run.config.home, unread.place, storage=self.run.config.raw_place)
                queued = self.run.store.frontier.take(unread.source, unread.url, self.run.now(), self.run.id)
                if queued is not None:
                    yield from self.following.begin(queued, replace(page, hint=queued.link))
        self.following.left = {}

    # ------------------------------------------------------------ seeds

    def _requests(self, discovery: Discovery, seeds: Iterable[Seed]) -> Iterator[Request]:
        """Yield the requests for seeds; a list of addresses in a local file is read at once."""
        for seed in seeds:
            if seed.url.startswith("file:"):
                yield from self._requests(discovery, self._read_file(discovery, seed))
            else:
                yield self._seed_request(discovery, seed)

    def _seed_request(self, discovery: Discovery, seed: Seed) -> Request:
        return Request(
            seed.url,
            callback=self.parse_seed,
            errback=self.seed_failed,
            cb_kwargs={"discovery": discovery, "seed": seed},
            meta=as_meta(
                RequestMeta(
                    download_slot=polite_unit(seed.url),
                    source=discovery.source.name,
                    seed_kind=seed.kind,
                    validators=discovery.validators(seed),
                )
            ),
            priority=SEED_PRIORITY,
            dont_filter=True,
        )

    def _read_file(self, discovery: Discovery, seed: Seed) -> list[Seed]:
        path = Path(unquote(urlsplit(seed.url).path))
        try:
            body = path.read_bytes()
        except OSError as error:
            return discovery.failed(seed, "unreadable-file", f"{path}: {error.strerror}")
        page = Page(
            url=seed.url,
            final_url=discovery.source.url,
            source=discovery.source.name,
            status=SUCCESS,
            headers=(),
            body=body,
            fetched_at=self.run.now(),
        )
        return discovery.read(page, seed)

    async def parse_seed(self, response: Response, discovery: Discovery, seed: Seed) -> AsyncIterator[Request]:
        """Pass a seed's response to its discovery and request what that asks for next."""
        if response.status == NOT_MODIFIED:
            seeds = discovery.unchanged(seed)
        else:
            name = discovery.source.name
            page = page_of(response, asked_url=seed.url, source=name, hint=None, fetched_at=self.run.now())
            seeds = await self._read(discovery, page, seed)
        for request in self._requests(discovery, seeds):
            yield request

    async def _read(self, discovery: Discovery, page: Page, seed: Seed) -> list[Seed]:
        """Read a seed without blocking others: a large one in a thread, its links in pieces."""
        if len(page.body) < LARGE_BYTES:
            return discovery.read(page, seed)
        async with self.reading:
            found = await asyncio.to_thread(parsed, page, seed, discovery.source)
        taking = discovery.taking(page, seed, found)
        while True:
            try:
                next(taking)
            except StopIteration as done:
                seeds: list[Seed] = done.value
                return seeds
            await asyncio.sleep(0)

    def seed_failed(self, failure: Failure) -> Iterator[Request]:
        """Pass a seed's failure to its discovery."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        discovery: Discovery = request.cb_kwargs["discovery"]
        reason = reason_of(failure)
        if reason != STOPPED:  # else nothing is known of the seed, and the next run asks it again
            seeds = discovery.failed(request.cb_kwargs["seed"], reason, detail_of(failure))
            yield from self._requests(discovery, seeds)

    # ------------------------------------------------------------ pages

    def idle(self) -> None:
        """Have sources learn from their last pages before the crawl ends; links may be believed that were not before.

        Raises DontCloseSpider when there are any.
        """
        if sum(discovery.reconsider() for discovery in self.discoveries.values()):
            raise DontCloseSpider

    def wants(self, queued: QueuedPage) -> bool:
        """Return whether a page of the frontier is still worth a request; what is no article gets its outcome here.

        Pages of its form may have turned out to be something else since it was queued. It is queued again when a seed
        names it and links of its form were articles.
        """
        discovery, link = self.discoveries.get(queued.source), queued.link
        if discovery is None or link is None or queued.is_article:
            return True
        if discovery.too_old(link):
            return False
        if not discovery.wants(link):
            self.run.recorder.record(
                PageEnd(
                    source=queued.source, url=queued.url, outcome=Outcome(kind=OutcomeKind.SCREENED, reason=UNLIKELY)
                )
            )
            return False
        return True

    def page_request(self, queued: QueuedPage) -> Request:
        """Return the request for a page of the frontier, which calls this when the page is next."""
        if (linked := self.linked.at_once(queued)) is not None:
            return self._request(queued, linked, self.parse_page, self.linked_failed)
        return self._request(queued, queued.url, self.parse_page, self.page_failed)

    def _request(
        self,
        queued: QueuedPage,
        url: str,
        callback: Callable[..., Iterator[Request | Page]],
        errback: Callable[[Failure], Iterable[Request] | None],
    ) -> Request:
        return Request(
            url,
            callback=callback,
            errback=errback,
            cb_kwargs={"queued": queued},
            meta=as_meta(
                RequestMeta(download_slot=polite_unit(queued.url), source=queued.source, validators=queued.validators)
            ),
            dont_filter=True,
        )

    def parse_page(self, response: Response, queued: QueuedPage) -> Iterator[Request | Page]:
        """Pass the page to the stages, with the further pages of its article; a 304 ends it here."""
        if response.status == NOT_MODIFIED:
            self.run.recorder.not_modified(queued.source, queued.url, NOT_MODIFIED)
            return
        now = self.run.now()
        page = page_of(response, asked_url=queued.url, source=queued.source, hint=queued.link, fetched_at=now)
        yield from self.following.begin(queued, page)

    def page_failed(self, failure: Failure) -> Iterator[Request]:
        """Record why there is no page; one not found without its parameters is asked once more as it was linked."""
        queued: QueuedPage = failure.request.cb_kwargs["queued"]  # type: ignore[attr-defined]  # Scrapy puts it there
        linked = self.linked.after_not_found(queued) if reason_of(failure) == NOT_FOUND else None
        if linked is not None:
            yield self._request(queued, linked, self.parse_linked, self.linked_failed)
        else:
            self._not_fetched(failure, queued)

    def parse_linked(self, response: Response, queued: QueuedPage) -> Iterator[Request | Page]:
        """Pass on a page that only its whole address gave."""
        self.linked.answered(queued)
        yield from self.parse_page(response, queued)

    def linked_failed(self, failure: Failure) -> None:
        """Record why there is no page at the whole address either."""
        queued: QueuedPage = failure.request.cb_kwargs["queued"]  # type: ignore[attr-defined]  # Scrapy puts it there
        self.linked.failed(queued)
        self._not_fetched(failure, queued)

    def _not_fetched(self, failure: Failure, queued: QueuedPage) -> None:
        reason = reason_of(failure)
        if reason == STOPPED:
            return  # it stays queued
        outcome = Outcome(kind=kind_of(reason), reason=reason)
        passes = may_pass(reason)
        self.run.recorder.not_fetched(
            queued.source, queued.url, outcome, detail=detail_of(failure) or None, passes=passes
        )
