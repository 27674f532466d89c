"""Start one crawl in this process and come back when it is over."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

import scrapy.core.downloader.contextfactory  # noqa: F401 - first: it searches all modules, for each frame of the stack
from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.utils.asyncio import create_looping_call

from ingest.cli.support import progress
from ingest.crawl.plan import Plan
from ingest.crawl.run import Run
from ingest.errors import Interrupted
from ingest.fetch.scrapy_internals import stop_reactor
from ingest.spiders.articles import ArticlesSpider
from ingest.text.normalize import counted

if TYPE_CHECKING:
    from rich.console import Console

    from ingest.cli.support.app import App

GRACE_S = 8.0  # after a signal: seconds for requests under way to end; the promise is 10 for the whole process


def crawl(app: App, plan: Plan, spider: type[Spider] = ArticlesSpider, **arguments: Any) -> Run:
    """Run the plan to its end and return the closed Run with its results; `arguments` go to the spider.

    Raises what opening the run raises (Locked, SchemaError, StoreError), what broke it on its way (StoreError,
    SnapshotError), and Interrupted after a signal.
    """
    run = crawl_to_end(app, plan, spider, **arguments)
    if run.broken is not None:
        raise run.broken
    if run.signum:
        left = sum(result.left for result in run.results.values())
        name = signal.Signals(run.signum).name
        raise Interrupted(
            run.signum, f"ended by {name}: what was finished is stored, {counted(left, 'page')} left to the next run"
        )
    return run


def crawl_to_end(
    app: App, plan: Plan, spider: type[Spider] = ArticlesSpider, *, until: int | None = None, **arguments: Any
) -> Run:
    """Run the plan and return the closed Run; `broken` and `signum` say what ended it.

    When the file of descriptor `until` comes to its end, so does the crawl, as after SIGTERM. Raises what opening the
    run raises.
    """
    ours = app.config.as_settings()  # first: it imports our settings.py, and no other that is called so
    settings = Settings()
    settings.setmodule("settings")
    settings.setdict(ours, priority="cmdline")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    if plan.max_runtime_s is not None:
        settings.set("CLOSESPIDER_TIMEOUT", plan.max_runtime_s, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    app.set_up_logging(app.log_format or app.config.log_format, app.config.log_level)  # Scrapy has changed the root's
    crawler = process.create_crawler(spider)
    wants_events = (app.log_format or app.config.log_format) == "json"
    stop_showing = _show_progress(crawler, None if wants_events or until is not None else progress.console())
    task = process.crawl(crawler, plan=plan, **arguments)
    stop = _stop_on_signals(process, crawler)
    if until is not None:
        threading.Thread(target=_stop_at_end, args=(until, stop), daemon=True).start()
    gc.freeze()  # what is imported stays: looking through it for cycles takes 70 ms, with the event loop held
    try:
        process.start(install_signal_handlers=False)
    finally:
        stop_showing()
        run = _run_of(crawler)
        if run is not None:
            run.close("interrupted")  # a crawl that came to its end has closed it already
    if task.done():
        task.result()
    assert run is not None, "a crawl that ended without an exception had a run"
    return run


def _run_of(crawler: Crawler) -> Run | None:
    """Return the crawler's run, None when it has not come that far."""
    try:
        return crawler.get_extension(Run)
    except RuntimeError:  # its extensions are not made yet
        return None


def _show_progress(crawler: Crawler, terminal: Console | None) -> Callable[[], None]:
    """Show live lines from the crawl's first moment to its last; return what ends them, safe to call twice."""
    if terminal is None:
        return lambda: None
    ends: list[Callable[[], None]] = []

    def begin() -> None:
        lines = progress.Progress(Run.of(crawler), terminal, getattr(crawler.spider, "progress", None))
        looks = create_looping_call(lines.look)
        lines.start()
        looks.start(progress.EVERY_S, now=False)
        ends.extend((lines.stop, looks.stop))

    def end() -> None:
        while ends:
            ends.pop()()

    crawler.signals.connect(begin, signals.spider_opened, weak=False)
    crawler.signals.connect(end, signals.spider_closed, weak=False)
    return end


def _stop_at_end(until: int, stop: Callable[[], None]) -> None:
    while os.read(until, 1 << 16):  # not by sys.stdin, whose lock a daemon thread would keep at the end
        pass
    stop()


def _stop_on_signals(process: AsyncCrawlerProcess, crawler: Crawler) -> Callable[[], None]:
    """End gracefully at the first SIGINT, SIGTERM or SIGHUP, at once at the second; return a call for the first."""
    from twisted.internet import reactor as installed

    reactor: Any = installed  # Twisted types its module as a module, and its methods not at all
    received: list[int] = []

    def stop_now() -> None:
        if reactor.running:
            reactor.stop()

    def stop() -> None:
        stop_reactor(process)
        reactor.callLater(GRACE_S, stop_now)

    def handler(signum: int, _frame: FrameType | None) -> None:
        received.append(signum)
        run = _run_of(crawler)
        if run is not None:
            run.signum = received[0]
        reactor.callFromThread(stop if len(received) == 1 else stop_now)

    def stop_once() -> None:
        if not received:
            handler(signal.SIGTERM, None)

    signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGTERM, handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup: the crawl outlives its terminal
        signal.signal(signal.SIGHUP, handler)
    return stop_once
