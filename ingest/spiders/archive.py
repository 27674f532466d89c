"""ArchiveSpider: Pages out of raw pages, our own or another archive's, into the same stages; no request is made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from ingest import config as configuration
from ingest import snapshots, sources
from ingest.crawl.plan import Plan
from ingest.crawl.run import Run
from ingest.errors import SourceError
from ingest.model import Page
from ingest.store import Store

AT_ONCE = 16  # pages in the stages; more would only wait there with their bytes

Pages = Callable[[Store], Iterable[Page]]


class ArchiveSpider(Spider):
    """Replays pages; `-a source=NAME -a files=A.warc.gz,B.warc` reads WARC files, for `scrapy crawl archive`."""

    name = "archive"

    def __init__(self, plan: Plan, pages: Pages, progress: Callable[[], str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.progress = progress  # how far the reading is, for the terminal
        self.plan = plan
        self.pages = pages
        self.slots = asyncio.Semaphore(AT_ONCE)

    @classmethod
    def from_crawler(
        cls,
        crawler: Crawler,
        *args: Any,
        plan: Plan | None = None,
        pages: Pages | None = None,
        source: str = "",
        files: str = "",
        **kwargs: Any,
    ) -> Self:
        """Take plan and pages of a command, or read the WARC files named for a source. Raises SourceError."""
        if plan is None or pages is None:
            if not source or not files:
                raise SourceError("the archive spider wants -a source=NAME -a files=FILE.warc.gz")
            declared = sources.load(configuration.load(crawler.settings).home).named(source)
            plan = Plan(sources=(declared,), discover=False, by_hand=True, replay=True, foreign=True, command="import")
            pages = foreign([Path(file) for file in files.split(",")], source)
        made = super().from_crawler(crawler, *args, plan=plan, pages=pages, **kwargs)
        for end in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(made.page_ended, end)
        return made

    def page_ended(self) -> None:
        """Allow another page."""
        self.slots.release()

    async def start(self) -> AsyncIterator[Page]:
        """Give the pages, no faster than the stages take them."""
        for page in self.pages(Run.of(self.crawler).store):
            await self.slots.acquire()
            yield page


def foreign(files: Iterable[Path], source: str) -> Pages:
    """Return the pages of WARC files as pages of a source; stage 1 copies them into our own files."""

    def pages(_store: Store) -> Iterator[Page]:
        for file in files:
            for page in snapshots.read_all(file):
                yield replace(page, source=source, place=None)

    return pages
