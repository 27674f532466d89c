"""What keeps a fleet going, in a worker of its own that no crawl can keep busy: queue what is due, rescue what stalled.

A job is stalled when its worker has been silent for two heartbeats. Each of these is deferred once for the whole fleet,
whichever worker comes first.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ingest.crawl.plan import next_due
from ingest.events import event
from ingest.ops.fleet.due_queue import MAX_ATTEMPTS, TASK, enqueue_due
from ingest.store import SourceEnd, open_store
from ingest.store.fleet.queue import ALONE, UPKEEP

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.jobs import Job

log = logging.getLogger(__name__)

EVERY_MINUTE = "* * * * *"
RESCUE = "* * * * * */5"  # the sixth field is seconds: with two heartbeats before it, well within the promised 10 s
DAILY = "23 4 * * *"
SILENT_BEATS = 2
KEPT_H = 24 * 7  # hours for which given-up jobs are shown


def add_upkeep(app: App, database_url: str, *, heartbeat_s: float, every_min: int, enqueues: bool) -> None:
    """Give the app its periodic tasks. `every_min`: as set for sources that do not say."""

    @app.periodic(cron=RESCUE)
    @app.task(name="rescue", queue=UPKEEP, queueing_lock="rescue")
    async def _rescue(timestamp: int) -> None:
        await rescue(app, database_url, silent_s=SILENT_BEATS * heartbeat_s, every_min=every_min)

    @app.periodic(cron=DAILY)
    @app.task(name="tidy", queue=UPKEEP, queueing_lock="tidy")
    async def _tidy(timestamp: int) -> None:
        await app.job_manager.delete_old_jobs(nb_hours=KEPT_H, include_failed=True)

    if enqueues:

        @app.periodic(cron=EVERY_MINUTE)
        @app.task(name="enqueue", queue=UPKEEP, queueing_lock="enqueue")
        async def _enqueue(timestamp: int) -> None:
            count = await enqueue_due(app, database_url, datetime.now(UTC))
            event(log, logging.INFO, "due sources queued", count=count)


async def rescue(app: App, database_url: str, *, silent_s: float, every_min: int) -> int:
    """Queue again what workers had taken that have been silent for so long; return how many jobs."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silent_s))
    for job in stalled:
        await _rescue_one(app, database_url, job, every_min)
    if stalled:
        event(log, logging.WARNING, "stalled sources rescued", count=sum(job.task_name == TASK for job in stalled))
    return len(stalled)


async def _rescue_one(app: App, database_url: str, job: Job, every_min: int) -> None:
    from procrastinate.exceptions import ConnectorException, UniqueViolation
    from procrastinate.jobs import Status

    manager = app.job_manager
    assert job.id is not None
    try:
        if job.task_name != TASK:  # it comes again by the clock
            await manager.finish_job(job=job, status=Status.FAILED, delete_job=True)
        elif job.attempts + 1 >= MAX_ATTEMPTS:
            await manager.finish_job(job=job, status=Status.FAILED, delete_job=False)
            await asyncio.to_thread(give_up, database_url, str(job.task_kwargs["source"]), every_min)
        else:
            await manager.retry_job(job=job, retry_at=datetime.now(UTC), queue=ALONE if job.attempts else None)
    except UniqueViolation:  # its worker had queued it anew before it fell silent
        await manager.finish_job(job=job, status=Status.FAILED, delete_job=True)
    except ConnectorException as error:
        # another was quicker, or the server is away: then the next round
        event(log, logging.INFO, "stalled job left", source=job.task_kwargs.get("source"), cause=error.__cause__)


def give_up(database_url: str, source: str, every_min: int) -> None:
    """Let a source rest under which crawl after crawl died, as after a failed run, and show it as failed."""
    now = datetime.now(UTC)
    with open_store(database_url) as store:
        state = store.sources.get(source)
        if state is None:
            return
        failures = state.failures + 1
        every = timedelta(minutes=state.source.every_min or every_min)
        store.sources.ran(
            source,
            now,
            next_due_at=next_due(now, every, failures),
            state=SourceEnd.FAILED,
            cause=f"the crawl process died {MAX_ATTEMPTS} times",
            failures=failures,
        )
    event(log, logging.ERROR, "source given up", source=source, attempts=MAX_ATTEMPTS)
