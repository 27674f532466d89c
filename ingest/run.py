"""Run: the Scrapy extension that opens the store, books every outcome and closes the run.

It holds what the hands of one crawl share: the plan, the config, the store, the snapshots and what was learned. Stages,
the spider and the frontier ask for it with `Run.of(crawler)`.
"""

from __future__ import annotations

import logging
import time
from asyncio import ensure_future
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import load_object
from twisted.python.failure import Failure

from ingest import __version__
from ingest import config as configuration
from ingest.boilerplate import Learned
from ingest.config import Config
from ingest.errors import IngestError
from ingest.events import event
from ingest.lock import held
from ingest.model import Identified, Outcome, OutcomeKind, Page, Source, Validators, VerdictKind
from ingest.plan import Plan, SourceResult
from ingest.snapshots import Writer
from ingest.store import Counts, SourceEnd, Store, open_store

log = logging.getLogger(__name__)

OUTCOME_OF = {
    VerdictKind.NEW: OutcomeKind.STORED,
    VerdictKind.REVISION: OutcomeKind.REVISED,
    VerdictKind.UNCHANGED: OutcomeKind.UNCHANGED,
    VerdictKind.DUPLICATE: OutcomeKind.DUPLICATE,
}
MAX_BACK_OFF = timedelta(hours=24)  # PRODUCT bound: a failing source is asked at least once a day
NO_ARCHIVE = "noarchive"


AfterRun = Callable[[Store, str, datetime], Any]  # called with each crawled source when its pages are done


class Run:
    """One execution: the lock, the store, the books. Made with everything open; `close` is safe to call twice."""

    def __init__(self, config: Config, plan: Plan, after: tuple[AfterRun, ...] = ()) -> None:
        self.config = config
        self.plan = plan
        self.after = after
        self.results = {source.name: SourceResult() for source in plan.sources}
        self.pages: dict[str, Outcome] = {}  # of the plan's single pages
        self.why = "finished"
        self.closed = False
        self.broken: IngestError | None = None  # what ended the crawl, for the command to raise
        self.links_met: Callable[[str], object] = lambda source: None  # the frontier hears of a source's new links
        self._stop: Callable[[str], object] | None = None
        self.begun_s = time.monotonic()
        self._learned: dict[str, Learned] = {}
        self._open = ExitStack()
        try:
            self._begin()
        except BaseException:
            self._open.close()
            raise

    def _begin(self) -> None:
        try:
            self.config.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IngestError(f"{self.config.home}: cannot be made: {error.strerror}; choose another --home") from error
        self._open.enter_context(held(self.config.url_of_database))
        self.store = open_store(self.config.url_of_database, create=True)
        self._open.callback(self.store.close)
        self.snapshots = self._open.enter_context(Writer(self.config.home))
        now = self.now()
        self.store.sources.sync(self.plan.sources, now, whole_file=self.plan.whole_file)
        self.id = self.store.runs.begin(now, version=__version__)
        self._open.enter_context(self.store.group())
        self.due = tuple(source for source in self.plan.sources if source.name in self._due_names(now))

    def _due_names(self, now: datetime) -> set[str]:
        names = [source.name for source in self.plan.sources] if self.plan.by_hand else None
        return {state.name for state in self.store.sources.due(now, names)}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the run for the spider's plan. Raises Locked, SchemaError or StoreError before anything was written."""
        plan = getattr(crawler.spider, "plan", None)
        if plan is None:
            raise NotConfigured
        after = tuple(load_object(path) for path in build_component_list(crawler.settings.getdict("AFTER_RUN")))
        run = cls(configuration.load(crawler.settings), plan, after)
        crawler.signals.connect(run.item_dropped, signals.item_dropped)
        crawler.signals.connect(run.item_error, signals.item_error)
        crawler.signals.connect(run.spider_error, signals.spider_error)
        crawler.signals.connect(run.request_sent, signals.request_reached_downloader)
        crawler.signals.connect(run.spider_closed, signals.spider_closed)
        run._stop = lambda why: ensure_future(crawler.engine.close_spider_async(reason=why))
        return run

    @classmethod
    def of(cls, crawler: Crawler) -> Run:
        """Return the run of a crawler, for the components that need it."""
        run = crawler.get_extension(cls)
        assert run is not None, "settings.py names ingest.run.Run among the EXTENSIONS"
        return run

    def now(self) -> datetime:
        """The clock of this run, in one place for tests."""
        return datetime.now(UTC)

    # ------------------------------------------------------------ what stages ask

    def learned(self, source: str) -> Learned:
        """Return what earlier runs learned about a source; read once a run."""
        if source not in self._learned:
            self._learned[source] = self.store.blocks.learned(source)
        return self._learned[source]

    def keeps_raw(self, page: Page) -> bool:
        """Tell whether the page's bytes may and shall be kept."""
        robots = (page.header("X-Robots-Tag") or "").lower()
        return self.config.keep_raw and NO_ARCHIVE not in robots

    # ------------------------------------------------------------ the books

    def book(
        self,
        source: str,
        url: str,
        outcome: Outcome,
        *,
        status: int | None = None,
        detail: str | None = None,
        validators: Validators | None = None,
    ) -> None:
        """End a page: exactly one outcome, in the store and in the log."""
        first = self.store.pages.book(
            self.id, source, url, outcome, self.now(), status=status, detail=detail, validators=validators
        )
        if any(url == wanted for _, wanted in self.plan.urls):
            self.pages[url] = outcome
        if first:
            if outcome.kind is OutcomeKind.FAILED:
                self.results[source].failed[outcome.reason] += 1
            event(log, logging.INFO, "page ended", source=source, outcome=outcome.kind, reason=outcome.reason, url=url)

    def keep(self, identified: Identified) -> None:
        """Save what the verdict asks for and book the outcome, in one transaction."""
        article = identified.article
        asked = article.asked_url or article.url
        now = self.now()
        with self.store.transaction():
            verdict, article_id = self.store.articles.save(article, identified.verdict, now, self.id)
            outcome = Outcome(kind=OUTCOME_OF[verdict.kind], reason=verdict.reason, article_id=article_id)
            self.book(article.source, asked, outcome, status=200, validators=article.validators)
            if article.url != asked:
                self.store.pages.alias(article.source, asked, article.url, now)
        result = self.results[article.source]
        result.alive = True
        result.cut += sum(block.cut is not None for block in article.blocks)

    def request_sent(self, request: Request) -> None:
        """Count what goes over the wire, robots.txt and repeats included."""
        if (source := request.meta.get("source")) in self.results:
            self.results[source].requests += 1

    def item_dropped(self, item: Any, exception: BaseException) -> None:
        """Book a page that a stage let go, with the stage's reason."""
        if isinstance(item, Page):
            self.results[item.source].alive = True
            outcome = Outcome(kind=OutcomeKind.SCREENED, reason=str(exception))
            self.book(item.source, item.url, outcome, status=item.status, validators=item.validators)

    def item_error(self, item: Any, failure: Failure) -> None:
        """Book a page that one of our stages broke on."""
        if not self._broke(failure) and isinstance(item, Page):
            detail = f"{type(failure.value).__name__}: {failure.getErrorMessage()}"[:500]
            event(log, logging.ERROR, "stage broke", source=item.source, url=item.url, error=detail)
            self.book(item.source, item.url, Outcome(kind=OutcomeKind.FAILED, reason="internal"), detail=detail)

    def spider_error(self, failure: Failure, response: Response) -> None:
        """Note a fault of ours in the spider: it costs what the response was for."""
        if not self._broke(failure):
            source = response.meta.get("source")
            if source in self.results:
                self.results[source].fault(f"{response.url}: internal")
            event(log, logging.ERROR, "spider broke", source=source, url=response.url, error=failure.getTraceback())

    def _broke(self, failure: Failure) -> bool:
        """Tell whether everything is broken and if so have the crawl end."""
        if not isinstance(failure.value, IngestError):
            return False
        self.fail(failure.value)
        return True

    def fail(self, error: IngestError) -> None:
        """End the crawl because of what breaks everything (disk full, database lost); the command raises it."""
        if self.broken is None:
            self.broken = error
            self.stop("broken")

    def stop(self, why: str) -> None:
        """Have Scrapy end the crawl; what is under way is finished."""
        if self._stop is not None:
            self._stop(why)

    # ------------------------------------------------------------ the end

    def spider_closed(self, reason: str) -> None:
        """Close the books when Scrapy is done."""
        self.close(reason)

    def close(self, why: str = "finished") -> None:
        """Learn from what was crawled, close each source's books and the run's, let go of the lock."""
        if self.closed:
            return
        self.closed, self.why = True, why
        try:
            for source in self.due:
                self._close_source(source)
            self.store.runs.finish(self.id, self.now(), why=why)
        finally:
            self._open.close()

    def _close_source(self, source: Source) -> None:
        result = self.results[source.name]
        if not self.plan.dry_run:
            for hook in self.after:
                result.after.append(hook(self.store, source.name, self.now()))
        now = self.now()
        self.store.runs.add(self.id, source.name, requests=result.requests)
        counts = self.store.runs.counts(self.id).get(source.name, Counts())
        result.counts = counts
        result.left = self.store.pages.backlog(source.name)
        result.articles = self.store.articles.count(source.name)
        result.settle()
        before = self.store.sources.get(source.name)
        failures = (before.failures if before else 0) + 1 if result.state is SourceEnd.FAILED else 0
        every = timedelta(minutes=source.every_min or self.config.every_min)
        next_due = now + min(every * 2 ** min(failures, 16), max(MAX_BACK_OFF, every))
        with self.store.transaction():
            self.store.runs.source_ended(
                self.id, source.name, now, state=result.state, cause=result.cause, next_due_at=next_due
            )
            if self.plan.discover and not self.plan.dry_run:
                self.store.sources.ran(
                    source.name, now, next_due_at=next_due, state=result.state, cause=result.cause, failures=failures
                )
        event(log, logging.INFO, "source ended", source=source.name, state=result.state, cause=result.cause)

    def failed_sources(self) -> tuple[str, ...]:
        """Names of the sources of which nothing could be read."""
        return tuple(name for name, result in self.results.items() if result.state is SourceEnd.FAILED)

    def sentence(self) -> str:
        """The run in one line."""
        counts = [result.counts for result in self.results.values()]
        parts: Mapping[str, int] = {
            "sources": len(self.due),
            "new": sum(count.new for count in counts),
            **{kind.value: sum(getattr(count, kind.value) for count in counts) for kind in OutcomeKind},
            "left": sum(result.left for result in self.results.values()),
        }
        told = [f"{count} {name}" for name, count in parts.items() if count]
        return "ingest: " + ", ".join(told + (["nothing new"] if len(told) == 1 else []))
