"""Run: the Scrapy extension that opens the store, records every outcome and closes the run.

It holds what the parts of one crawl share: the plan, the config, the store, the snapshots and what was learned. Stages,
the spider and the scheduler get it by `Run.of(crawler)`.
"""

from __future__ import annotations

import logging
import sys
import time
from asyncio import ensure_future, to_thread
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.signalmanager import SignalManager
from scrapy.statscollectors import StatsCollector
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from scrapy.utils.conf import build_component_list
from scrapy.utils.misc import load_object
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from ingest import config as configuration
from ingest.boilerplate import Learned
from ingest.clock import clock
from ingest.config import Config
from ingest.crawl.cooperative import CooperativeYield
from ingest.crawl.extensions import loaded
from ingest.crawl.lock import held
from ingest.crawl.outcomes import OutcomeRecorder
from ingest.crawl.plan import Plan, SourceResult, furthest_due
from ingest.crawl.recovery import recover
from ingest.crawl.request_meta import meta_of
from ingest.crawl.signals import links_met
from ingest.crawl.source_end import close_source
from ingest.errors import DISK_REFUSES, SIGNAL_BASE, IngestError, PageLost, SourceError, WrongUse, disk_refused
from ingest.events import event
from ingest.extract.metadata.dates import learn_zone
from ingest.model import Identified, Outcome, OutcomeKind, Page, Source
from ingest.snapshots import Writer, finished
from ingest.snapshots.asked import RequestLog
from ingest.snapshots.remote import store_away
from ingest.sources.secrets import read_headers
from ingest.store import FORGOTTEN, Counts, PageEnd, SourceEnd, Store, open_store
from ingest.store.db.unit_of_work import GROUP_S
from ingest.version import __version__

log = logging.getLogger(__name__)

ZONE_ARTICLES = (
    50  # the latest, from which a source's time zone is learned: over some weeks, daylight saving time shows too
)
NO_PLAN = (
    "the stages and middlewares of settings.py belong to a crawl with a database: scrapy crawl articles; "
    "for one page use: ingest clean URL, or scrapy shell outside of this folder"
)
UNVERIFIED = "certificates not verified"
NO_ARCHIVE = "noarchive"
SHARED_GROUP_S = 0.05  # for which a row may be kept from other runs in the same database
REGULAR = ("run", "run some", "work")  # scheduled commands: their results show how a source usually is
TICK_S = 0.25  # how often finished work is committed although nothing new comes in; see unit_of_work.GROUP_S


AfterRun = Callable[[Store, str, datetime], Any]  # called with each crawled source when its pages are done
AtEnd = Callable[[Store, tuple[str, ...], datetime, int], Any]  # called with all of them and the run's id at its end


@contextmanager
def one_line_for_scrapy() -> Iterator[None]:
    """End the process of a command of Scrapy's with an error's one line and exit code; it would log the whole stack."""
    try:
        yield
    except IngestError as error:
        print(f"ingest: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None


class Run:
    """One execution: the lock, the store, the recorder. Made with everything open; `close` is safe to call twice."""

    def __init__(
        self, config: Config, plan: Plan, after: tuple[AfterRun, ...] = (), at_end: tuple[AtEnd, ...] = ()
    ) -> None:
        self.config = config
        self.plan = plan
        self.after = after
        self.at_end = at_end
        self.looked: list[Any] = []  # results of the AT_END functions
        self.results = {source.name: SourceResult() for source in plan.sources}
        for source in plan.sources:
            if not source.verify_tls:
                self.results[source.name].notes.append(UNVERIFIED)
        self.why = "finished"
        self.closed = False
        self.broken: IngestError | None = None  # what ended the crawl, for the command to raise
        self.signum = 0  # of the signal that ended the crawl
        self.now = clock(config)
        self.coming = 0  # pages that the links met in this run may lead to, as far as the budgets go
        self._signals: SignalManager | None = None
        self._stop: Callable[[str], object] | None = None
        self._stats: StatsCollector | None = None
        self.seed_readers = loaded(config.seed_readers, "INGEST_SEED_READERS")
        self.turns = CooperativeYield()  # for stages that hold the event loop for long
        self.begun_s = time.monotonic()
        self._closing = Lock()
        self._ticks: AsyncioLoopingCall | LoopingCall | None = None
        self._learned: dict[str, Learned] = {}
        self._sources: dict[str, Source] = {}
        self._open = ExitStack()
        try:
            self._begin()
        except BaseException:
            self._open.close()
            raise

    def _begin(self) -> None:
        self.config.make_home()
        shard, worker = self.plan.shard, self.plan.worker
        self.held = self._open.enter_context(held(self.config.url_of_database, shard=shard, worker=worker))
        self.store = open_store(self.config.url_of_database, create=True)
        self._open.callback(self.store.close)
        self._open.callback(self._store_away)
        self.snapshots = self._open.enter_context(Writer(self.config.home, owner=self.store.name))
        now = self.now()
        self._refuse_forgotten()
        self.store.sources.sync(self.plan.sources, now, whole_file=self.plan.whole_file)
        self.unread = recover(self.config.home, self.store)  # pages that a killed run fetched and did not store
        self.id = self.store.runs.begin(now, command=self.plan.command, holder=self.held.holder, version=__version__)
        self.asked = self._open.enter_context(RequestLog(self.config.home, self.id, owner=self.store.name))
        self.recorder = OutcomeRecorder(
            store=self.store,
            plan=self.plan,
            run_id=self.id,
            now=self.now,
            results=self.results,
            failed=self._saving_failed,
        )
        self.store.before_commit(self.snapshots.sync)  # no row points to a record that a loss of power would take
        self._open.enter_context(self.store.group(seconds=SHARED_GROUP_S if self.held.shared else GROUP_S))
        due = self._due_names(now)
        self.unusable = self._without_headers()
        self.due = tuple(source for source in self.plan.sources if self.plan.replay or source.name in due)

    def _without_headers(self) -> frozenset[str]:
        """Return the sources whose headers_file cannot be read: they are reported and not crawled, the others are.

        Raises SourceError when there is no other.
        """
        broken: dict[str, SourceError] = {}
        for source in self.plan.sources:
            try:
                if source.headers_file is not None:
                    read_headers(source.name, Path(source.headers_file))
            except SourceError as error:
                broken[source.name] = error
                self.results[source.name].fault(str(error))
                self.results[source.name].discovered = True  # it is due again as usual, and health reports it
        if broken and len(broken) == len(self.plan.sources):
            raise next(iter(broken.values()))
        return frozenset(broken)

    def _store_away(self) -> None:
        """Move finished raw files to the remote storage; a run that was stopped leaves it to the next one."""
        if self.config.raw_place and not (self.broken or self.signum):
            store_away(self.config.raw_place, finished(self.config.home))

    def _refuse_forgotten(self) -> None:
        """Raise SourceError when a person names a source that was taken down; in sources.toml it is passed over."""
        forgotten = self.store.sources.forgotten() if self.plan.by_hand else frozenset()
        for source in self.plan.sources:
            if source.name in forgotten:
                raise SourceError(f'source "{source.name}" was taken down with ingest forget; it is not fetched again')

    def _due_names(self, now: datetime) -> set[str]:
        names = [source.name for source in self.plan.sources] if self.plan.by_hand else None
        longest_min = max((source.every_min or 0 for source in self.plan.sources), default=0)
        every = timedelta(minutes=max(longest_min, self.config.every_min))
        return {state.name for state in self.store.sources.due(now, names, furthest=furthest_due(now, every))}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the run for the spider's plan. Raises Locked, SchemaError or StoreError before anything was written."""
        plan = getattr(crawler.spider, "plan", None)
        if plan is None:
            with one_line_for_scrapy():
                raise WrongUse(NO_PLAN)
        after = tuple(load_object(path) for path in build_component_list(crawler.settings.getdict("AFTER_RUN")))
        at_end = tuple(load_object(path) for path in build_component_list(crawler.settings.getdict("AT_END")))
        run = cls(configuration.load(crawler.settings), plan, after, at_end)
        crawler.signals.connect(run.item_dropped, signals.item_dropped)
        crawler.signals.connect(run.item_error, signals.item_error)
        crawler.signals.connect(run.spider_error, signals.spider_error)
        crawler.signals.connect(run.request_sent, signals.request_reached_downloader)
        crawler.signals.connect(run.answer_came, signals.response_downloaded)
        crawler.signals.connect(run.spider_opened, signals.spider_opened)
        crawler.signals.connect(run.spider_closed, signals.spider_closed)
        run._signals = crawler.signals
        run._stats = crawler.stats
        run._stop = lambda why: ensure_future(crawler.engine.close_spider_async(reason=why))
        return run

    @classmethod
    def of(cls, crawler: Crawler) -> Run:
        """Return the run of a crawler, for the components that need it."""
        run = crawler.get_extension(cls)
        assert run is not None, "settings.py names ingest.crawl.run.Run among the EXTENSIONS"
        return run

    @property
    def pages(self) -> dict[str, Outcome]:
        """How the plan's single pages ended, by address as asked."""
        return self.recorder.pages

    # ------------------------------------------------------------ for the stages

    def learned(self, source: str) -> Learned:
        """Return what earlier runs learned about a source; read once a run."""
        if source not in self._learned:
            self._learned[source] = self.store.blocks.learned(source)
        return self._learned[source]

    def source(self, name: str) -> Source:
        """Return a source as extraction needs it: without a configured time zone, with a learned one."""
        if name not in self._sources:
            source = self.plan.source(name)
            if source.timezone is None:
                zone = learn_zone(self.store.articles.published(name, ZONE_ARTICLES))
                source = replace(source, timezone=zone)
            self._sources[name] = source
        return self._sources[name]

    def expect(self, source: Source, links: int) -> None:
        """Add to the expected pages how many new links of a source were queued."""
        self.coming += min(links, self.plan.max_articles or source.max_articles or self.config.max_articles)

    def announce_links(self, source: str) -> None:
        """Send the signal that the store may hold new links of a source; without a crawler nobody listens."""
        if self._signals is not None:
            self._signals.send_catch_log(links_met, source=source)

    def keeps_raw(self, page: Page) -> bool:
        """Return whether the page's bytes may and shall be kept."""
        robots = (page.header("X-Robots-Tag") or "").lower()
        return self.config.keep_raw and NO_ARCHIVE not in robots

    # ------------------------------------------------------------ Scrapy signals

    def request_sent(self, request: Request) -> None:
        """Count every request sent, robots.txt and retries included."""
        if (result := self.results.get(meta_of(request).get("source", ""))) is not None:
            result.requests += 1
            result.last_s = time.monotonic()
            if result.first_s is None:
                result.first_s = result.last_s

    def answer_came(self, response: Response, request: Request) -> None:
        """Count the bytes of a body before it is unpacked."""
        if (result := self.results.get(meta_of(request).get("source", ""))) is not None:
            result.body_bytes += len(response.body)
            result.last_s = time.monotonic()

    def item_dropped(self, item: Any, exception: BaseException) -> None:
        """Record the outcome of a page that a stage dropped, with the stage's reason."""
        if isinstance(item, Page):
            self.results[item.source].alive = True
            with self._ending_if_broken():
                if str(exception) != FORGOTTEN:
                    self.recorder.screened(item, str(exception))
                    return
                status, validators = (None, None) if self.plan.replay else (item.status, item.validators)
                outcome = Outcome(kind=OutcomeKind.REFUSED, reason=FORGOTTEN)
                self.recorder.record(
                    PageEnd(source=item.source, url=item.url, outcome=outcome, status=status, validators=validators)
                )

    def item_error(self, item: Any, failure: Failure) -> None:
        """Record the outcome of a page on which one of our stages raised."""
        if isinstance(failure.value, PageLost) and isinstance(item, Page):
            self._record_lost(item, failure.value)
        elif not self._broke(failure.value) and isinstance(item, Page):
            self._record_fault(item.source, item.url, failure.value)

    def _saving_failed(self, identified: Identified, error: Exception) -> None:
        """Record the outcome of a page whose article could not be saved by a fault of ours."""
        article = identified.article
        if not self._broke(error):
            self._record_fault(article.source, article.asked_url or article.url, error)

    def _record_fault(self, source: str, url: str, error: BaseException | None) -> None:
        detail = f"{type(error).__name__}: {error}"[:500]
        event(log, logging.ERROR, "stage failed", source=source, url=url, error=detail)
        outcome = Outcome(kind=OutcomeKind.FAILED, reason="internal")
        with self._ending_if_broken():
            self.recorder.record(PageEnd(source=source, url=url, outcome=outcome, detail=detail))

    def _record_lost(self, page: Page, lost: PageLost) -> None:
        """End a page that could not be read within its limits."""
        outcome = Outcome(kind=OutcomeKind.FAILED, reason=lost.reason)
        self.results[page.source].alive = True
        with self._ending_if_broken():
            if self.plan.replay:
                self.recorder.record(PageEnd(source=page.source, url=page.url, outcome=outcome, detail=lost.detail))
            else:
                self.recorder.not_fetched(page.source, page.url, outcome, detail=lost.detail, passes=lost.passes)

    def spider_error(self, failure: Failure, response: Response | None) -> None:
        """Note a fault of ours in the spider: the response is lost. None: it raised while starting."""
        if not self._broke(failure.value):
            source = meta_of(response).get("source") if response else None
            url = response.url if response else None
            if source in self.results:
                self.results[source].fault(f"{url}: internal")
            event(log, logging.ERROR, "spider failed", source=source, url=url, error=failure.getTraceback())

    def _broke(self, error: BaseException | None) -> bool:
        """Return whether the crawl cannot go on, by this error or one before, and if so stop it."""
        if isinstance(error, OSError) and error.errno in DISK_REFUSES:
            error = IngestError(disk_refused(error))
        if isinstance(error, IngestError):
            self.fail(error)
        return self.broken is not None

    @contextmanager
    def _ending_if_broken(self) -> Iterator[None]:
        """Stop the crawl on an error that affects all of it; Scrapy would log it and go on."""
        try:
            yield
        except IngestError as error:
            self.fail(error)

    def fail(self, error: IngestError) -> None:
        """Stop the crawl on an error that affects all of it (disk full, database lost); the command raises it."""
        if self.broken is None:
            self.broken = error
            self.stop("broken")

    def stop(self, why: str) -> None:
        """Have Scrapy stop the crawl; what is under way is finished."""
        if self._stop is not None:
            self._stop(why)

    # ------------------------------------------------------------ the end

    def spider_opened(self) -> None:
        """Commit finished work a few times a second, also when no new work comes in."""
        self._ticks = create_looping_call(self._tick)
        self._ticks.start(SHARED_GROUP_S if self.held.shared else TICK_S, now=False)

    def _tick(self) -> None:
        with self._ending_if_broken():
            self.held.check()
            self.store.flush_if_due()

    async def spider_closed(self, reason: str) -> None:
        """Close the run when Scrapy is done, and add its sums to the statistics.

        In a thread: learning from a source's articles takes a second of CPU, and the loop has signals to handle.
        """
        self._stop_ticking()
        await to_thread(self.close, reason)
        if self._stats is not None:
            for name in Counts.__dataclass_fields__:
                self._stats.set_value(f"ingest/{name}", sum(getattr(one.counts, name) for one in self.results.values()))

    def close(self, why: str = "finished") -> None:
        """Learn from what was crawled, record the end of each source and of the run, release the lock.

        What cannot be written any more is left to the next run; `broken` holds the error for the command.
        """
        with self._closing:  # a second caller waits until all is written
            if not self.closed:
                self.closed = True
                self._close(why)

    def _stop_ticking(self) -> None:
        if self._ticks is not None and self._ticks.running:
            self._ticks.stop()

    def _close(self, why: str) -> None:
        self.why = f"signal {self.signum}" if self.signum else "broken" if self.broken else why
        self._stop_ticking()
        try:
            with self._remembering_what_broke():
                # a broken run may have been rolled back: the next run recovers its sources like those of a killed one
                for source in () if self.broken else self.due:
                    self._close_source(source)
                self._look()
                self.store.runs.finish(self.id, self.now(), exit_code=self.exit_code, why=self.why)
        finally:
            with self._remembering_what_broke():  # a broken run leaves its marks, as a killed run does
                self._open.__exit__(type(self.broken) if self.broken else None, self.broken, None)

    @contextmanager
    def _remembering_what_broke(self) -> Iterator[None]:
        try:
            yield
        except IngestError as error:
            self.broken = self.broken or error
        except Exception as error:  # Scrapy would log it and end as if all were well
            log.info("closing failed", exc_info=True)
            message = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            self.broken = self.broken or IngestError(
                f"could not record the end of the run: {message}; run it again with -vv"
            )

    def _look(self) -> None:
        """Call the AT_END functions for the sources whose seeds have all answered.

        A command typed once, a dry run and a run that was stopped do not show how a source usually is.
        """
        if self.plan.command not in REGULAR or self.plan.dry_run or self.broken or self.signum:
            return
        names = tuple(source.name for source in self.due if self.results[source.name].discovered)
        self.looked = [look(self.store, names, self.now(), self.id) for look in self.at_end]

    @property
    def exit_code(self) -> int:
        """What the command ends with as far as the crawl goes."""
        return SIGNAL_BASE + self.signum if self.signum else self.broken.exit_code if self.broken else 0

    def _close_source(self, source: Source) -> None:
        result = self.results[source.name]
        if not (self.plan.dry_run or self.broken or self.signum):  # the next run learns from these articles
            for hook in self.after:
                result.after.append(hook(self.store, source.name, self.now()))
        every = timedelta(minutes=source.every_min or self.config.every_min)
        close_source(self.recorder, source, every=every, cut_short=self.cut_short)

    @property
    def cut_short(self) -> bool:
        """Whether the crawl was ended before it was done."""
        return self.why != "finished"

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
        shown = [f"{count} {name}" for name, count in parts.items() if count]
        return "ingest: " + ", ".join(shown + (["nothing new"] if len(shown) == 1 else []))
