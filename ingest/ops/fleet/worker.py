"""A worker: takes bundles of queued sources and has them crawled, until it is asked to stop.

Two workers of the library in one process: one whose task is a bundle, one for the upkeep. A database that goes away
ends both; they are begun anew when it is back, and what they could not finish is rescued.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingest.errors import IngestError
from ingest.events import event
from ingest.ops.fleet.batch_crawl import BUNDLE, Bundle, Decision, Ended, Next, crawl, decide, size
from ingest.ops.fleet.due_queue import TASK, app_for, job_of, put
from ingest.ops.fleet.upkeep import add_upkeep, give_up
from ingest.store.fleet.queue import ALONE, CRAWL, UPKEEP, Queue, WorkerState, prepare
from ingest.version import __version__

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.job_context import JobContext
    from procrastinate.jobs import Job
    from procrastinate.worker import Worker

log = logging.getLogger(__name__)

POLL_S = 5.0  # when a notification got lost
AGAIN_S = 2.0  # between tries to reach a database that went away
PRUNED_BEATS = 30  # a worker that has been silent for so many heartbeats is shown no more
CONNECTIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfig:
    """How a worker works."""

    database_url: str
    home: str
    command: tuple[str, ...]  # starts a crawl that reads its bundle from standard input
    concurrency: int = 1  # crawls side by side
    bundle: int = BUNDLE
    heartbeat_s: float = 10.0
    every_min: int = 60
    enqueues: bool = True
    until_empty: bool = False


class CrawlDied(IngestError):  # noqa: N818 - named for what happened
    """A bundle's process died; carries what becomes of the job that began it."""

    def __init__(self, source: str, decision: Decision, code: int) -> None:
        super().__init__(f"the crawl of {source} died with {code}")
        self.decision = decision


async def work(how: WorkerConfig, stopping: asyncio.Event) -> None:
    """Work until `stopping` is set, or until nothing waits. Raises StoreError when the database is not to be had at
    the start; one that goes away later is waited for.
    """
    await asyncio.to_thread(prepare, how.database_url)
    while not stopping.is_set():
        try:
            await _work_once(how, stopping)
            if how.until_empty and not await asyncio.to_thread(_waiting, how):
                return
        except IngestError as error:
            event(log, logging.WARNING, "database away", cause=error)
        except Exception as error:
            if not _is_connection_error(error):
                raise
            event(log, logging.WARNING, "database away", cause=error.__cause__ or error)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), AGAIN_S)


def _waiting(how: WorkerConfig) -> int:
    with Queue(how.database_url) as queue:
        return queue.runnable(1)


def _is_connection_error(error: BaseException) -> bool:
    from procrastinate.exceptions import ConnectorException

    pools = ("PoolTimeout", "PoolClosed")  # of psycopg_pool, which only the store may import
    return isinstance(error, ConnectorException | OSError) or type(error).__name__ in pools


async def _work_once(how: WorkerConfig, stopping: asyncio.Event) -> None:
    """Open the library and let both workers work until one of them ends."""
    from procrastinate.worker import Worker

    crawls, upkeep = app_for(how.database_url, connections=CONNECTIONS), app_for(how.database_url)
    add_upkeep(upkeep, how.database_url, heartbeat_s=how.heartbeat_s, every_min=how.every_min, enqueues=how.enqueues)
    add_crawl(crawls, how, stopping)
    async with crawls.open_async(), upkeep.open_async():
        shared: Any = {
            "install_signal_handlers": False,
            "update_heartbeat_interval": how.heartbeat_s,
            "stalled_worker_timeout": PRUNED_BEATS * how.heartbeat_s,
            "fetch_job_polling_interval": POLL_S,
            "delete_jobs": "successful",
        }
        crawler = Worker(
            crawls, queues=[CRAWL, ALONE], name="crawl", concurrency=how.concurrency, wait=not how.until_empty, **shared
        )
        keeper = Worker(upkeep, queues=[UPKEEP], name="upkeep", **shared)
        await _until_one_ends(how, stopping, crawler, keeper)


async def _until_one_ends(how: WorkerConfig, stopping: asyncio.Event, crawler: Worker, keeper: Worker) -> None:
    working = [asyncio.ensure_future(one.run()) for one in (crawler, keeper)]  # type: ignore[no-untyped-call]  # procrastinate gives it no types
    announcing = asyncio.ensure_future(_announce(how, crawler))
    halt = asyncio.ensure_future(stopping.wait())
    await asyncio.wait([*working, halt], return_when=asyncio.FIRST_COMPLETED)
    crawler.stop()  # type: ignore[no-untyped-call]  # procrastinate gives it no types
    if not halt.done():
        await asyncio.wait(working[:1])  # the upkeep goes on while a crawl does
    keeper.stop()  # type: ignore[no-untyped-call]  # procrastinate gives it no types
    results = await asyncio.gather(*working, return_exceptions=True)
    for one in (announcing, halt):
        one.cancel()
    with suppress(asyncio.CancelledError):
        await announcing
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _announce(how: WorkerConfig, worker: Worker) -> None:
    """Say which machine the worker is on, once it has its number."""
    while worker.worker_id is None:  # noqa: ASYNC110 - the library tells nobody when it has registered
        await asyncio.sleep(0.05)
    state = WorkerState(
        id=worker.worker_id,
        machine=platform.node() or "unknown",
        pid=os.getpid(),
        version=__version__,
        concurrency=how.concurrency,
    )

    def tell() -> None:
        with Queue(how.database_url) as queue:
            queue.announce(state, how.home, how.heartbeat_s)

    await asyncio.to_thread(tell)


# ---------------------------------------------------------------- the task


def add_crawl(app: App, how: WorkerConfig, stopping: asyncio.Event) -> None:
    """Give the app its task: take neighbours of a queued source and crawl them together."""
    from procrastinate import BaseRetryStrategy, RetryDecision

    class AsDecided(BaseRetryStrategy):
        def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
            if not isinstance(exception, CrawlDied) or exception.decision.next is not Next.RETRY:
                return None
            decision = exception.decision
            return RetryDecision(retry_at=datetime.now(UTC) + decision.after, queue=ALONE if decision.alone else None)

    @app.task(name=TASK, queue=CRAWL, pass_context=True, retry=AsDecided())
    async def _crawl(context: JobContext, source: str, by_hand: bool = False) -> None:
        await crawl_bundle(app, context.job, how, stopping)


async def crawl_bundle(app: App, first: Job, how: WorkerConfig, stopping: asyncio.Event) -> None:
    """Crawl a source and its neighbours in the queue in one process, and settle their jobs.

    Raises CrawlDied when the job that began it is to be tried again or given up; that one is settled by the library.
    """
    jobs = [first, *(await _neighbours(app, first, how))]
    names = tuple(str(job.task_kwargs["source"]) for job in jobs)
    by_hand = tuple(name for name, job in zip(names, jobs, strict=True) if job.task_kwargs.get("by_hand"))

    async def beat() -> None:
        with suppress(Exception):  # a database that is away is found out elsewhere
            await app.job_manager.update_heartbeat(first.worker_id or 0)

    bundle = Bundle(names=names, by_hand=by_hand)
    ended = await crawl(bundle, how.command, stopping=stopping, beat=beat, every_s=how.heartbeat_s)
    for job in jobs[1:]:
        await _settle_neighbour(app, job, ended, how)
    await _settle_first(app, first, ended, how)


async def _neighbours(app: App, first: Job, how: WorkerConfig) -> list[Job]:
    """Take further sources out of the queue: the worker's fair share of what waits."""
    if first.queue == ALONE or first.worker_id is None:
        return []
    most = await asyncio.to_thread(_share, how)
    taken: list[Job] = []
    while len(taken) + 1 < most:
        job = await app.job_manager.fetch_job(queues=[CRAWL], worker_id=first.worker_id)
        if job is None:
            break
        taken.append(job)
    return taken


def _share(how: WorkerConfig) -> int:
    with Queue(how.database_url) as queue:
        crawls = queue.concurrency()
        return size(queue.runnable(how.bundle * crawls) + 1, crawls, how.bundle)


async def _settle_first(app: App, job: Job, ended: Ended, how: WorkerConfig) -> None:
    source = str(job.task_kwargs["source"])
    decision = decide(source, ended, job.attempts)
    if decision.next is Next.AGAIN:
        await put(app, [_anew(job, decision)])
    elif decision.next is not Next.DONE:
        if decision.next is Next.GIVE_UP:
            await asyncio.to_thread(give_up, how.database_url, source, how.every_min)
        raise CrawlDied(source, decision, ended.code)


async def _settle_neighbour(app: App, job: Job, ended: Ended, how: WorkerConfig) -> None:
    """Do with a neighbour's job what the library does with the first."""
    from procrastinate.exceptions import ConnectorException
    from procrastinate.jobs import Status

    source = str(job.task_kwargs["source"])
    decision = decide(source, ended, job.attempts)
    manager = app.job_manager
    try:
        if decision.next is Next.RETRY:
            at = datetime.now(UTC) + decision.after
            await manager.retry_job(job=job, retry_at=at, queue=ALONE if decision.alone else None)
            return
        if decision.next is Next.AGAIN:
            await put(app, [_anew(job, decision)])
        if decision.next is Next.GIVE_UP:
            await asyncio.to_thread(give_up, how.database_url, source, how.every_min)
        failed = decision.next is Next.GIVE_UP
        await manager.finish_job(job=job, status=Status.FAILED if failed else Status.SUCCEEDED, delete_job=not failed)
    except ConnectorException as error:  # it is rescued when this worker has been silent for a while
        event(log, logging.WARNING, "job not settled", source=source, cause=error.__cause__ or error)


def _anew(job: Job, decision: Decision) -> Job:
    by_hand = bool(job.task_kwargs.get("by_hand"))
    return job_of(str(job.task_kwargs["source"]), by_hand=by_hand, after=decision.after or None)
