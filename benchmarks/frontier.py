"""What the frontier costs: 2,000 small pages with Scrapy's own scheduler and with ours, side by side.

    python -m benchmarks.frontier [--rounds 3] [--database URL]

bare       Scrapy as it comes: its middlewares, requests in memory; nothing outlives the process
in memory  our middlewares (guard, robots, politeness, limits), Scrapy's scheduler
frontier   our middlewares, the frontier in the store, each page's outcome recorded

Figures are seconds of CPU of the crawling process, start-up included; the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings

from ingest.crawl.plan import Plan
from ingest.crawl.run import Run
from ingest.model import Link, Outcome, OutcomeKind, SeedKind, Source
from ingest.store import PageEnd, QueuedPage
from ingest.web.urls import polite_unit

ROOT = Path(__file__).resolve().parents[1]
PAGES = 2000
HOSTS = tuple(f"127.6.0.{number}" for number in range(1, 21))
VARIANTS = ("bare", "in memory", "frontier")
BODY = b"<!doctype html><title>Page</title><h1>Page</h1>" + b"<p>Some words of a small page.</p>" * 40
CHILD_S = 300.0


class SmallPages(Spider):
    """Reads each host's list and fetches what it names."""

    name = "small"
    handle_httpstatus_list = (304,)

    def __init__(self, port: int, variant: str, plan: Plan | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.port, self.variant, self.plan = port, variant, plan
        self.ended = 0

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the lists."""
        for host in HOSTS:
            meta = {"source": host, "download_slot": polite_unit(f"http://{host}/")}
            yield Request(f"http://{host}:{self.port}/list", meta=meta, cb_kwargs={"host": host}, dont_filter=True)

    def parse(self, response: Response, host: str) -> Iterator[Request]:
        """Meet the links, in memory or in the store."""
        urls = response.body.decode("ascii").split()
        if self.variant != "frontier":
            for url in urls:
                yield Request(url, callback=self.page, meta={"source": host}, dont_filter=self.variant != "bare")
            return
        run = Run.of(self.crawler)
        links = [Link(url=url, found_in=response.url, found_by=SeedKind.LIST) for url in urls]
        run.store.frontier.meet(host, links, run.now(), run.id)
        run.announce_links(host)

    def page_request(self, queued: QueuedPage) -> Request:
        """Return the request for a page of the frontier."""
        meta = {"source": queued.source, "download_slot": polite_unit(queued.url)}
        return Request(queued.url, callback=self.page, meta=meta, cb_kwargs={"queued": queued}, dont_filter=True)

    def wants(self, _queued: QueuedPage) -> bool:
        """Fetch every page."""
        return True

    def page(self, response: Response, queued: QueuedPage | None = None) -> None:
        """End a page."""
        self.ended += 1
        if queued is not None:
            outcome = Outcome(kind=OutcomeKind.SCREENED, reason="small")
            Run.of(self.crawler).recorder.record(
                PageEnd(source=queued.source, url=queued.url, outcome=outcome, status=response.status)
            )


def crawl(variant: str, port: int, home: Path, database_url: str) -> None:
    """Run one crawl in this process and print its CPU seconds."""
    plan = None
    if variant == "bare":
        settings = Settings({"CONCURRENT_REQUESTS_PER_DOMAIN": 1, "DOWNLOAD_DELAY": 0.001, "LOG_LEVEL": "ERROR"})
        settings.set("TELNETCONSOLE_ENABLED", False)
    else:
        settings = Settings()
        settings.setmodule("settings")
        own = {"HOME": home, "ALLOW_NETWORKS": "127.6.0.0/16", "DELAY_S": 0.001, "MAX_REQUESTS": PAGES * 2}
        settings.setdict({f"INGEST_{name}": value for name, value in own.items()}, priority="cmdline")
        settings.setdict({"INGEST_DATABASE_URL": database_url, "LOG_LEVEL": "ERROR", "AFTER_RUN": {}}, "cmdline")
        if variant == "in memory":
            settings.set("SCHEDULER", "scrapy.core.scheduler.Scheduler", "cmdline")
        sources = tuple(Source(name=host, url=f"http://{host}:{port}/") for host in HOSTS)
        plan = Plan(sources=sources, by_hand=True)
    settings.set("CONCURRENT_REQUESTS", 64, "cmdline")
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(SmallPages)
    process.crawl(crawler, port=port, variant=variant, plan=plan)
    process.start()
    used = resource.getrusage(resource.RUSAGE_SELF)
    spider = crawler.spider
    assert isinstance(spider, SmallPages)
    print(f"{used.ru_utime + used.ru_stime:.2f} {spider.ended}")


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ", 2)[1]
            host = next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
            each = PAGES // len(HOSTS)
            body = "\n".join(f"http://{host}/p/{n}" for n in range(each)).encode() if path == "/list" else BODY
            status = "404 Not Found" if path == "/robots.txt" else "200 OK"
            kind = "text/plain" if path == "/list" else "text/html"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def _serve(ready: Event, ports: list[int]) -> None:
    async def main() -> None:
        server = await asyncio.start_server(_answer, HOSTS[0], 0)
        ports.append(server.sockets[0].getsockname()[1])
        others = [await asyncio.start_server(_answer, host, ports[0]) for host in HOSTS[1:]]
        ready.set()
        await asyncio.gather(server.serve_forever(), *(one.serve_forever() for one in others))

    asyncio.run(main())


def measured(variant: str, port: int, database_url: str) -> float:
    """Return the CPU seconds of one crawl in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="ingest-frontier-") as home:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.frontier", "--child", variant, str(port), home, database_url],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            encoding="utf-8",
            timeout=CHILD_S,
            check=True,
        )
    seconds, ended = done.stdout.split()
    if int(ended) != PAGES:
        raise RuntimeError(f"{variant}: {ended} of {PAGES} pages: {done.stderr[-2000:]}")
    return float(seconds)


def main() -> None:
    """Measure in turns, so that what else the machine does meets all alike."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", default="", help="database URL; else SQLite in a folder of its own")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        variant, port, home, database_url = chosen.child
        crawl(variant, int(port), Path(home), database_url)
        return
    ready, ports = Event(), list[int]()
    Thread(target=_serve, args=(ready, ports), daemon=True).start()
    ready.wait(10)
    taken: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for _ in range(chosen.rounds):
        for variant in VARIANTS:
            taken[variant].append(measured(variant, ports[0], chosen.database))
    medians = {variant: statistics.median(seconds) for variant, seconds in taken.items()}
    for variant, seconds in medians.items():
        ratios = "  ".join(f"{seconds / medians[to]:.2f}x {to}" for to in VARIANTS if to != variant)
        print(f"{variant:<10} {seconds:6.2f} s  {seconds / PAGES * 1000:5.2f} ms a page  {ratios}")


if __name__ == "__main__":
    main()
