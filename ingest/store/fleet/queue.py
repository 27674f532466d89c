"""The queue of several machines: procrastinate's tables, in a namespace of their own beside ours.

The library writes jobs; this file queries them and stores what the library does not know: which machine a worker is on.
The schema `fleet` is not part of the migrations: the first worker makes it, and scripts that the library ships bring
it up to the installed version.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from ingest.clock import SURELY_WRONG
from ingest.errors import SettingsError, StoreError, how_to_install
from ingest.store.db.engine import engine_for, named, translate_db_errors, url_of

NAMESPACE = "fleet"
CRAWL = "crawl"  # queue of the sources to crawl, up to 50 of them in one process
ALONE = "alone"  # of those that may have ended a process: one at a time
UPKEEP = "upkeep"  # of what keeps the fleet going
MAKE_LOCK = 0x696E67666C74  # advisory, while the namespace changes

OURS = """
CREATE TABLE fleet.worker (
    id bigint PRIMARY KEY REFERENCES fleet.procrastinate_workers (id) ON DELETE CASCADE,
    machine text NOT NULL, pid integer NOT NULL, home text NOT NULL, version text NOT NULL,
    concurrency integer NOT NULL, heartbeat_s double precision NOT NULL, begun_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE fleet.script (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());
-- the library looks for other jobs of the same lock at every fetch and has no index for it: see benchmarks/scale.py
CREATE INDEX fleet_jobs_lock ON fleet.procrastinate_jobs (lock, priority DESC, id) WHERE status IN ('todo', 'doing');
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """One `ingest work`."""

    id: int
    machine: str
    pid: int
    version: str
    concurrency: int  # crawls side by side
    begun_at: datetime | None = None
    heartbeat_at: datetime | None = None
    silent_s: float = 0.0  # since its last heartbeat
    stalled: bool = False  # silent for two heartbeats: killed, or cut off
    sources: int = 0  # being crawled


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A source that is being crawled, and by whom; no other worker takes it meanwhile."""

    source: str
    attempts: int  # crawls of it that died
    worker: int | None
    machine: str | None
    since: datetime | None
    stalled: bool  # its worker is silent: the source is queued again by the next rescue


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDepth:
    """How many sources wait or are being crawled."""

    todo: int = 0
    later: int = 0  # held back after a failure
    doing: int = 0
    failed: int = 0  # given up after several dead crawls
    stalled: int = 0  # of those being crawled
    oldest_s: float = 0.0  # how long the first of those that could be crawled has waited


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetState:
    """The whole fleet at one moment."""

    workers: tuple[WorkerState, ...] = ()
    leases: tuple[Lease, ...] = ()
    depth: QueueDepth = field(default_factory=QueueDepth)


# ---------------------------------------------------------------- the schema


def url_for_queue(database_url: str) -> str:
    """Return the URL that the library opens. Raises SettingsError for SQLite, which no other machine can reach."""
    url = url_of(database_url)
    if url.get_backend_name() == "sqlite":
        raise SettingsError(
            "several machines need PostgreSQL: set INGEST_DATABASE_URL=postgresql://USER@HOST/DATABASE; "
            "on one machine `ingest run` does without"
        )
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def prepare(database_url: str) -> None:
    """Make the namespace, or bring it up to the installed version of the library. Safe to call from many at once."""
    url = _server(database_url)
    schema, scripts = _shipped()
    with translate_db_errors(url), engine_for(url, pool=NullPool).connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MAKE_LOCK})
        if not _is_there(connection):
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {NAMESPACE}"))
            connection.exec_driver_sql(f"SET LOCAL search_path = {NAMESPACE}")
            connection.exec_driver_sql(_plain(schema))
            connection.exec_driver_sql(OURS)
            _applied(connection, list(scripts))
            return
        connection.exec_driver_sql(f"SET LOCAL search_path = {NAMESPACE}")
        known = set(connection.execute(text("SELECT name FROM fleet.script")).scalars())
        for name in sorted(scripts.keys() - known):
            connection.exec_driver_sql(_plain(scripts[name].read_text("utf-8")))
            _applied(connection, [name])


def upgrade_if_there(database_url: str) -> bool:
    """Bring the namespace up to the installed library where there is one; return whether there was."""
    url = url_of(database_url)
    if url.get_backend_name() == "sqlite":
        return False
    with translate_db_errors(url), engine_for(url, pool=NullPool).connect() as connection:
        there = _is_there(connection)
    if there:
        prepare(database_url)
    return there


def _shipped() -> tuple[str, dict[str, Path]]:
    """Return the library's whole schema and its scripts by name, older ones included."""
    try:
        from procrastinate.schema import SchemaManager
    except ModuleNotFoundError as cause:
        raise StoreError(f"several machines need the queue's library; {how_to_install('fleet')}") from cause
    scripts = {file.name: file for file in Path(SchemaManager.get_migrations_path()).glob("*.sql")}
    return SchemaManager.get_schema(), scripts


def _plain(script: str) -> str:
    return script.replace("%", "%%")  # the driver reads % as a parameter


def _applied(connection: Connection, names: list[str]) -> None:
    connection.execute(text("INSERT INTO fleet.script (name) SELECT unnest(CAST(:names AS text[]))"), {"names": names})


def _is_there(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT to_regclass('fleet.script') IS NOT NULL")).scalar())


def _server(database_url: str) -> URL:
    url_for_queue(database_url)
    return url_of(database_url)


# ---------------------------------------------------------------- queries
# Each goes by an index: sources by their time, jobs by the lock of what is queued or running, by status, by worker.
# A worker is alive when its last heartbeat is not older than two of its own intervals.

DUE = """
    SELECT source.name FROM source
    WHERE (source.next_due_at <= :now OR source.next_due_at > :wrong)
      AND source.retired_at IS NULL AND NOT source.ad_hoc
      AND NOT EXISTS (SELECT FROM fleet.procrastinate_jobs AS job
                      WHERE job.queueing_lock = source.name AND job.status = 'todo')
      AND NOT EXISTS (SELECT FROM fleet.procrastinate_jobs AS job
                      WHERE job.lock = source.name AND job.status = 'doing')
    ORDER BY source.next_due_at"""

UNQUEUED = """
    SELECT source.name FROM source
    WHERE source.name = ANY(CAST(:names AS text[])) AND source.retired_at IS NULL
      AND NOT EXISTS (SELECT FROM fleet.procrastinate_jobs AS job
                      WHERE job.queueing_lock = source.name AND job.status = 'todo')"""

RUNNABLE = """
    SELECT count(*) FROM (
        SELECT FROM fleet.procrastinate_jobs
        WHERE status = 'todo' AND queue_name = 'crawl' AND (scheduled_at IS NULL OR scheduled_at <= now())
        LIMIT :most) AS runnable"""

CONCURRENCY = """
    SELECT sum(worker.concurrency) FROM fleet.worker
    JOIN fleet.procrastinate_workers AS known ON known.id = worker.id
    WHERE known.last_heartbeat > now() - make_interval(secs => 2 * worker.heartbeat_s)"""

ANNOUNCE = """
    INSERT INTO fleet.worker (id, machine, pid, home, version, concurrency, heartbeat_s)
    VALUES (:id, :machine, :pid, :home, :version, :concurrency, :heartbeat_s) ON CONFLICT (id) DO NOTHING"""

WORKERS = """
    SELECT worker.id, worker.machine, worker.pid, worker.version, worker.concurrency, worker.begun_at,
           known.last_heartbeat AS heartbeat_at, extract(epoch FROM now() - known.last_heartbeat)::float AS silent_s,
           known.last_heartbeat <= now() - make_interval(secs => 2 * worker.heartbeat_s) AS stalled,
           (SELECT count(*) FROM fleet.procrastinate_jobs AS job
            WHERE job.worker_id = worker.id AND job.status = 'doing') AS sources
    FROM fleet.worker JOIN fleet.procrastinate_workers AS known ON known.id = worker.id ORDER BY worker.id"""

LEASES = """
    SELECT job.args->>'source' AS source, job.attempts, worker.id AS worker, worker.machine,
           (SELECT max(event.at) FROM fleet.procrastinate_events AS event
            WHERE event.job_id = job.id AND event.type = 'started') AS since,
           (known.last_heartbeat > now() - make_interval(secs => 2 * worker.heartbeat_s)) IS NOT TRUE AS stalled
    FROM fleet.procrastinate_jobs AS job
    LEFT JOIN fleet.worker ON worker.id = job.worker_id
    LEFT JOIN fleet.procrastinate_workers AS known ON known.id = worker.id
    WHERE job.status = 'doing' AND job.task_name = 'crawl' ORDER BY 1"""

DEPTH = """
    SELECT count(*) FILTER (WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())) AS todo,
           count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()) AS later,
           count(*) FILTER (WHERE status = 'doing') AS doing,
           count(*) FILTER (WHERE status = 'failed') AS failed
    FROM fleet.procrastinate_jobs WHERE task_name = 'crawl'"""

# the oldest job has the smallest number
OLDEST = """
    SELECT extract(epoch FROM now() - max(event.at))::float FROM fleet.procrastinate_events AS event
    WHERE event.job_id = (SELECT min(id) FROM fleet.procrastinate_jobs
                          WHERE status = 'todo' AND task_name = 'crawl'
                            AND (scheduled_at IS NULL OR scheduled_at <= now()))"""


class Queue:
    """Queries about jobs and workers. To be closed, or used in a `with`."""

    def __init__(self, database_url: str) -> None:
        self.url = _server(database_url)
        self._engine = engine_for(self.url, application="ingest work")

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def __enter__(self) -> Queue:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def is_there(self) -> bool:
        """Whether a worker or `ingest enqueue` has made the tables."""
        with translate_db_errors(self.url), self._engine.connect() as connection:
            return _is_there(connection)

    def due(self, now: datetime) -> tuple[str, ...]:
        """Return the names of due sources that are neither queued nor being crawled, longest due first."""
        return self._names(DUE, now=now, wrong=now + SURELY_WRONG)

    def unqueued(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return those of the names that are not retired and are not queued."""
        return self._names(UNQUEUED, names=list(names))

    def runnable(self, most: int) -> int:
        """Return how many sources could be crawled now, counted up to `most`."""
        with translate_db_errors(self.url), self._engine.connect() as connection:
            count: int = connection.execute(text(RUNNABLE), {"most": most}).scalar_one()
        return count

    def concurrency(self) -> int:
        """Return how many crawls the living workers run side by side, at least 1."""
        with translate_db_errors(self.url), self._engine.connect() as connection:
            total: int | None = connection.execute(text(CONCURRENCY)).scalar()
        return max(total or 0, 1)

    def counted(self) -> None:
        """Update the planner's statistics: else each fetch from a queue just filled would sort all jobs."""
        with translate_db_errors(self.url), self._engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE fleet.procrastinate_jobs")

    def announce(self, worker: WorkerState, home: str, heartbeat_s: float) -> None:
        """Store where a worker is, which the library does not. Deleted with the worker's own row."""
        values = {name: getattr(worker, name) for name in ("id", "machine", "pid", "version", "concurrency")}
        with translate_db_errors(self.url), self._engine.begin() as connection:
            connection.execute(text(ANNOUNCE), values | {"home": home, "heartbeat_s": heartbeat_s})

    def state(self) -> FleetState:
        """Return workers, depth of the queue and leases as they are now."""
        with translate_db_errors(self.url), self._engine.connect() as connection:
            if not _is_there(connection):
                return FleetState()
            workers = tuple(WorkerState(**row._mapping) for row in connection.execute(text(WORKERS)))
            leases = tuple(Lease(**row._mapping) for row in connection.execute(text(LEASES)))
            counts = dict(connection.execute(text(DEPTH)).one()._mapping)
            oldest_s = connection.execute(text(OLDEST)).scalar() or 0.0
        stalled = sum(lease.stalled for lease in leases)
        return FleetState(
            workers=workers, leases=leases, depth=QueueDepth(**counts, stalled=stalled, oldest_s=oldest_s)
        )

    def _names(self, query: str, **values: Any) -> tuple[str, ...]:
        with translate_db_errors(self.url), self._engine.begin() as connection:
            # a queue that was filled a moment ago counts as empty for the planner, which would then compare every
            # source with every job
            connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
            return tuple(connection.execute(text(query), values).scalars())

    @property
    def name(self) -> str:
        """The database's name for messages."""
        return named(self.url)
