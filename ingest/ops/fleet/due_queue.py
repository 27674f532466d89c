"""Several machines: the queue of due sources, on procrastinate and the PostgreSQL that holds the articles.

A source is one job. `queueing_lock` lets it wait once, `lock` lets one worker have it at a time. Workers take up to 50
of them and crawl them in one process (fleet_crawl.py); a worker of its own queues what is due and takes back the jobs
of workers that have fallen silent (fleet_upkeep.py). Nothing here fetches a page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ingest.errors import StoreError, how_to_install
from ingest.store.fleet.queue import CRAWL, NAMESPACE, Queue, prepare, url_for_queue

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.jobs import Job

TASK = "crawl"
BY_HAND = 10  # priority of what a person asks for, before all that is due by the clock
CHUNK = 1000  # jobs in one statement
MANY = 1000  # queued at once: 100,000 that the planner knows nothing of cost 1.3 s at each fetch, else 0.1 ms
MAX_ATTEMPTS = 5  # crawls that died under a source: then it is left alone until it is due again, and shown as failed
FIRST_BACK_OFF = timedelta(seconds=30)  # after a crawl that died; doubled each time
OPEN_S = 10.0  # for a connection


@dataclass(frozen=True, slots=True, kw_only=True)
class EnqueueResult:
    """What `ingest enqueue` did."""

    queued: int
    waiting: int  # were queued already


def back_off(attempts: int) -> timedelta:
    """Return how long a source waits after its crawl has died `attempts` times."""
    return FIRST_BACK_OFF * (1 << min(max(attempts - 1, 0), 10))


def app_for(database_url: str, *, connections: int = 4) -> App:
    """Return the library's app on our database; nothing is opened yet. Raises StoreError without the library."""
    try:
        from procrastinate import App, PsycopgConnector
    except ModuleNotFoundError as cause:
        raise StoreError(f"several machines need the queue's library; {how_to_install('fleet')}") from cause
    options = {"options": f"-c search_path={NAMESPACE}", "application_name": "ingest work", "connect_timeout": 10}
    return App(
        connector=PsycopgConnector(
            conninfo=url_for_queue(database_url),
            kwargs=options,
            min_size=1,
            max_size=connections,
            timeout=OPEN_S,
        )
    )


def job_of(source: str, *, by_hand: bool = False, after: timedelta | None = None) -> Job:
    """Return the job of a source. `by_hand`: crawled whether due or not, before others."""
    from procrastinate.jobs import Job

    return Job(
        queue=CRAWL,
        lock=source,
        queueing_lock=source,
        task_name=TASK,
        task_kwargs={"source": source, **({"by_hand": True} if by_hand else {})},
        priority=BY_HAND if by_hand else 0,
        scheduled_at=datetime.now(UTC) + after if after else None,
    )


async def put(app: App, jobs: Sequence[Job]) -> int:
    """Queue jobs; those whose source waits already are passed over. Returns how many were queued."""
    return sum([await _put(app, jobs[at : at + CHUNK]) for at in range(0, len(jobs), CHUNK)])


async def _put(app: App, jobs: Sequence[Job]) -> int:
    """Queue all in one statement; one that is there already spoils it, so that it is split."""
    from procrastinate.exceptions import AlreadyEnqueued

    try:
        await app.job_manager.batch_defer_jobs_async(jobs=list(jobs))
    except AlreadyEnqueued:
        if len(jobs) == 1:
            return 0
        half = len(jobs) // 2
        return await _put(app, jobs[:half]) + await _put(app, jobs[half:])
    return len(jobs)


async def enqueue_due(app: App, database_url: str, now: datetime) -> int:
    """Queue every source that is due and neither waits nor is being crawled; return how many."""
    names = await asyncio.to_thread(_due, database_url, now)
    queued = await put(app, [job_of(name) for name in names])
    if queued >= MANY:
        await asyncio.to_thread(_counted, database_url)
    return queued


def _counted(database_url: str) -> None:
    with Queue(database_url) as queue:
        queue.counted()


def _due(database_url: str, now: datetime) -> tuple[str, ...]:
    with Queue(database_url) as queue:
        return queue.due(now)


def enqueue(database_url: str, now: datetime, names: Sequence[str] = ()) -> EnqueueResult:
    """Queue what is due, or the named sources whether due or not. Makes the queue where there is none."""
    prepare(database_url)
    with Queue(database_url) as queue:
        free = queue.unqueued(names) if names else queue.due(now)
    queued = asyncio.run(_opened(database_url, [job_of(name, by_hand=bool(names)) for name in free]))
    if queued >= MANY:
        _counted(database_url)
    return EnqueueResult(queued=queued, waiting=max(len(names) - queued, 0))


async def _opened(database_url: str, jobs: Sequence[Job]) -> int:
    if not jobs:
        return 0
    async with app_for(database_url).open_async() as app:
        return await put(app, jobs)
