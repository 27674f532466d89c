"""Crawls in a process of their own, one after the other: `python -m tests.fetch.crawl JOBS.json` prints what came.

A job names sources, seeds to ask and links to queue; the spider keeps what it got as plain facts. The store, the run
and every component of ingest.fetch are the real ones.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.logformatter import LogFormatter
from scrapy.settings import Settings
from twisted.python.failure import Failure

from ingest.crawl.plan import Plan
from ingest.crawl.run import Run
from ingest.fetch import detail_of, guard, kind_of, reason_of
from ingest.fetch.reasons import STOPPED
from ingest.fetch.robots_txt.middleware import RobotsMiddleware
from ingest.model import Link, Moment, Outcome, OutcomeKind, SeedKind, Source, Validators
from ingest.store import PageEnd, QueuedPage
from ingest.web.urls import polite_unit

ASK_SYSTEM = guard._ask_system
ROOT = Path(__file__).parents[2]
LOOPBACK: dict[str, Any] = {
    "INGEST_ALLOW_NETWORKS": "127.3.0.0/16",
    "INGEST_DELAY_S": 0.01,
    "INGEST_REQUEST_TIMEOUT_S": 20,
    "INGEST_CONNECT_TIMEOUT_S": 10,
    "INGEST_RETRIES": 0,
}


@dataclass
class Job:
    """One crawl."""

    home: str
    sources: list[dict[str, Any]]
    seeds: list[dict[str, Any]] = field(default_factory=list)  # url, source, kind, meta, etag
    queue: list[dict[str, Any]] = field(default_factory=list)  # url, source: links met before the crawl
    settings: dict[str, Any] = field(default_factory=dict)
    sitemaps_of: list[str] = field(default_factory=list)
    plan: dict[str, Any] = field(default_factory=dict)
    stop_after_s: float | None = None
    names: dict[str, list[list[str]]] = field(default_factory=dict)  # host -> its addresses, look after look
    hours_later: float = 0.0  # what the run's clock shows ahead of ours
    patches: dict[str, Any] = field(default_factory=dict)  # "module:NAME" -> value, for waits that would take minutes


class FactSpider(Spider):
    """Asks for the job's seeds, takes what the scheduler hands out and notes what came."""

    name = "facts"
    handle_httpstatus_all = False

    def __init__(self, job: Job, facts: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        self.facts = facts
        self.plan = Plan(sources=tuple(Source(**source) for source in job.sources), by_hand=True, **job.plan)

    async def start(self) -> AsyncIterator[Request]:
        run = Run.of(self.crawler)
        with run.store.transaction():
            for item in self.job.queue:
                self._meet(item["url"], item.get("source", self.job.sources[0]["name"]), item.get("day"))
        robots = self.crawler.get_downloader_middleware(RobotsMiddleware)
        assert robots is not None
        for url in self.job.sitemaps_of:
            self.facts["sitemaps"] += await robots.sitemaps(url)
        if self.job.stop_after_s is not None:
            asyncio.get_running_loop().call_later(self.job.stop_after_s, run.stop, "told")
        for seed in self.job.seeds:
            meta = {"source": seed.get("source", self.job.sources[0]["name"]), **seed.get("meta", {})}
            if "kind" in seed:
                meta["seed_kind"] = SeedKind(seed["kind"])
            if "etag" in seed:
                meta["validators"] = Validators(etag=seed["etag"])
            yield Request(
                seed["url"], self.parse, errback=self.failed, meta=meta, headers=seed.get("headers"), priority=10
            )

    def _meet(self, url: str, source: str, day: int | None = None) -> None:
        run = Run.of(self.crawler)
        moment = None if day is None else Moment.of_day(date(2026, 1, 1) + timedelta(days=day))
        link = Link(url=url, found_in=url, found_by=SeedKind.LIST, published=moment)
        run.store.frontier.meet(source, [link], run.now(), run.id)

    def wants(self, queued: QueuedPage) -> bool:
        return True

    def page_request(self, queued: QueuedPage) -> Request:
        return Request(
            queued.url,
            self.parse,
            errback=self.failed,
            meta={"source": queued.source, "download_slot": polite_unit(queued.url), "validators": queued.validators},
            cb_kwargs={"queued": queued},
        )

    def parse(self, response: Response, queued: QueuedPage | None = None) -> Iterator[Any]:
        fact = {
            "url": _first_url(response.request),
            "final_url": response.url,
            "status": response.status,
            "bytes": len(response.body),
            "digest": hashlib.sha256(response.body).hexdigest(),
            "reason": "" if response.status == 200 else reason_of(response),
            "retries": response.meta.get("retry_times", 0),
        }
        self.facts["answers"].append(fact)
        if "meets" in response.meta:
            self._meet(response.meta["meets"], response.meta["source"])
        if queued is not None:
            self._book(queued, Outcome(kind=OutcomeKind.SCREENED, reason="fact"))
        yield from ()

    def failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        reason = reason_of(failure)
        self.facts["answers"].append(
            {
                "url": _first_url(request),
                "final_url": request.url,
                "status": 0,
                "bytes": 0,
                "reason": reason,
                "detail": detail_of(failure),
                "kind": kind_of(reason).value,
                "retries": request.meta.get("retry_times", 0),
            }
        )
        if "queued" in request.cb_kwargs and reason != STOPPED:
            self._book(request.cb_kwargs["queued"], Outcome(kind=kind_of(reason), reason=reason))

    def _book(self, queued: QueuedPage, outcome: Outcome) -> None:
        Run.of(self.crawler).recorder.record(PageEnd(source=queued.source, url=queued.url, outcome=outcome))


def _first_url(request: Request | None) -> str:
    assert request is not None
    first: str = request.meta.get("redirect_urls", [request.url])[0]
    return first


def run_jobs(jobs: list[Job], *, timeout_s: float = 100.0, environment: dict[str, str] | None = None) -> list[Any]:
    """Run the jobs in one process; return the facts of each: answers, sitemaps, log, peak_mb."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fetch.crawl"],
        input=json.dumps([job.__dict__ for job in jobs]),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr[-4000:])
    facts: list[Any] = json.loads(done.stdout.splitlines()[-1])
    for fact in facts:
        fact["log"] = done.stderr
    return facts


def peak_mb() -> float:
    """The most memory this process has had. Not ru_maxrss: that outlives exec and is the pytest worker's, not ours."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmHWM in /proc/self/status")


def main() -> None:
    jobs = [Job(**job) for job in json.loads(sys.stdin.read())]
    facts: list[dict[str, Any]] = [{"answers": [], "sitemaps": []} for _ in jobs]
    process = AsyncCrawlerProcess(_settings(jobs[0]))

    async def all_of_them() -> None:
        for job, fact in zip(jobs, facts, strict=True):
            _replace_outside_world(job)
            process.settings = _settings(job)
            crawler = process.create_crawler(FactSpider)
            begun_s = time.monotonic()
            await process.crawl(crawler, job=job, facts=fact)
            fact["seconds"] = time.monotonic() - begun_s - (job.stop_after_s or 0.0)
            fact["peak_mb"] = peak_mb()
            stats = crawler.stats.get_stats() if crawler.stats is not None else {}
            fact["retry_stats"] = {name: value for name, value in stats.items() if name.startswith("retry/")}

    ended = asyncio.get_event_loop().create_task(all_of_them())
    ended.add_done_callback(lambda _: process_stop())
    from twisted.internet import reactor

    def process_stop() -> None:
        reactor.stop()  # type: ignore[attr-defined]  # of the reactor that runs

    process.start(stop_after_crawl=False)
    ended.result()
    print(json.dumps(facts))


def _replace_outside_world(job: Job) -> None:
    """Put the job's names and waits in the place of ours."""
    looks: dict[str, int] = {}

    def ask_system(host: str) -> tuple[str, ...]:
        if host not in job.names:
            return ASK_SYSTEM(host)
        looks[host] = looks.get(host, -1) + 1
        return tuple(job.names[host][min(looks[host], len(job.names[host]) - 1)])

    guard._ask_system = ask_system
    for name, value in job.patches.items():
        module, _, constant = name.partition(":")
        setattr(importlib.import_module(module), constant, value)


def _settings(job: Job) -> Settings:
    """Return the program's own settings without the stages, with the job's on top."""
    settings = Settings()
    settings.setmodule("settings", priority="project")
    without = {"ITEM_PIPELINES": {}, "AFTER_RUN": {}, "SPIDER_MODULES": [], "LOG_FORMATTER": LogFormatter}
    own = {**LOOPBACK, **without, "LOG_LEVEL": "INFO", **job.settings}
    if job.hours_later:
        own["INGEST_CLOCK"] = (datetime.now(UTC) + timedelta(hours=job.hours_later)).isoformat()
    settings.setdict({**own, "INGEST_HOME": job.home}, priority="cmdline")
    return settings


if __name__ == "__main__":
    main()
