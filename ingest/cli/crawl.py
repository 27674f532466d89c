"""Start one crawl in this process and come back when it is over."""

from __future__ import annotations

import signal
from types import FrameType
from typing import TYPE_CHECKING, Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from ingest.plan import Plan
from ingest.run import Run
from ingest.spiders.articles import ArticlesSpider

if TYPE_CHECKING:
    from ingest.cli.app import App

GRACE_S = 8.0  # after a signal: seconds for requests under way to end; the promise is 10 for the whole process


class Interrupted(BaseException):
    """A signal ended the crawl; what was finished is stored."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


def crawl(app: App, plan: Plan) -> Run:
    """Run the plan to its end and return the closed Run with its results.

    Raises what opening the run raises (Locked, SchemaError, StoreError) and Interrupted after SIGINT or SIGTERM.
    """
    settings = Settings()
    settings.setmodule("settings")
    settings.setdict(app.config.as_settings(), priority="cmdline")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    if plan.max_runtime_s is not None:
        settings.set("CLOSESPIDER_TIMEOUT", plan.max_runtime_s, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    app.set_up_logging(app.log_format or app.config.log_format, app.config.log_level)  # Scrapy has changed the root's
    crawler = process.create_crawler(ArticlesSpider)
    task = process.crawl(crawler, plan=plan)
    stopped_by = _stop_on_signals(process)
    try:
        process.start(install_signal_handlers=False)
    finally:
        run = crawler.get_extension(Run) if task.done() is False or task.exception() is None else None
        if run is not None:
            run.close("interrupted" if stopped_by else "finished")
    if task.done():
        task.result()
    if run is not None and run.broken is not None:
        raise run.broken
    if stopped_by:
        raise Interrupted(stopped_by[0])
    assert run is not None, "a crawl that ended without an exception had a run"
    return run


def _stop_on_signals(process: AsyncCrawlerProcess) -> list[int]:
    """End gracefully at the first SIGINT or SIGTERM, at once at the second; return the list that gets the signals."""
    from twisted.internet import reactor as installed

    reactor: Any = installed  # Twisted types its module as a module, and its methods not at all
    received: list[int] = []

    def stop_now() -> None:
        if reactor.running:
            reactor.stop()

    def stop() -> None:
        process._graceful_stop_reactor()
        reactor.callLater(GRACE_S, stop_now)

    def handler(signum: int, frame: FrameType | None) -> None:
        received.append(signum)
        reactor.callFromThread(stop if len(received) == 1 else stop_now)

    signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGTERM, handler)
    return received
