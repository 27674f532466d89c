"""The queue of several machines: procrastinate's tables, in a namespace of their own beside ours.

Its library writes jobs, this file asks about them and keeps what it does not know: which machine a worker is on. The
schema `fleet` is not the migrations' business: it is made by the first worker and brought up to the installed version
of the library, a script at a time, as its authors ship them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from ingest.clock import SURELY_WRONG
from ingest.errors import SettingsError, StoreError
from ingest.store.db.engine import engine_for, named, translate_db_errors, url_of
from ingest.store.fleet import queue_questions as questions
from ingest.store.fleet.queue_values import FleetState, Lease, QueueDepth, WorkerState

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
    """Bring the namespace up to the installed library where there is one; tell whether there was."""
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
        raise StoreError("several machines need the queue's library; pip install 'ingest[fleet]'") from cause
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


class Queue:
    """What is asked about jobs and workers. To be closed, or used in a `with`."""

    def __init__(self, database_url: str) -> None:
        self.url = _server(database_url)
        self._engine = engine_for(self.url, application="ingest work")

    def close(self) -> None:
        """Let the database go."""
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
        return self._names(questions.DUE, now=now, wrong=now + SURELY_WRONG)

    def unqueued(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return those of the names that may be asked for and wait in no queue."""
        return self._names(questions.UNQUEUED, names=list(names))

    def runnable(self, most: int) -> int:
        """Return how many sources could be crawled now, counted up to `most`."""
        with translate_db_errors(self.url), self._engine.connect() as connection:
            count: int = connection.execute(text(questions.RUNNABLE), {"most": most}).scalar_one()
        return count

    def concurrency(self) -> int:
        """Return how many crawls the living workers run side by side, at least 1."""
        with translate_db_errors(self.url), self._engine.connect() as connection:
            total: int | None = connection.execute(text(questions.CONCURRENCY)).scalar()
        return max(total or 0, 1)

    def counted(self) -> None:
        """Have the planner count the jobs: for a queue that was filled a moment ago it would sort all at each fetch."""
        with translate_db_errors(self.url), self._engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE fleet.procrastinate_jobs")

    def announce(self, worker: WorkerState, home: str, heartbeat_s: float) -> None:
        """Tell what the library does not: where a worker is. Gone with the worker's own row."""
        values = {name: getattr(worker, name) for name in ("id", "machine", "pid", "version", "concurrency")}
        with translate_db_errors(self.url), self._engine.begin() as connection:
            connection.execute(text(questions.ANNOUNCE), values | {"home": home, "heartbeat_s": heartbeat_s})

    def state(self) -> FleetState:
        """Return workers, depth of the queue and leases as they are now."""
        with translate_db_errors(self.url), self._engine.connect() as connection:
            if not _is_there(connection):
                return FleetState()
            workers = tuple(WorkerState(**row._mapping) for row in connection.execute(text(questions.WORKERS)))
            leases = tuple(Lease(**row._mapping) for row in connection.execute(text(questions.LEASES)))
            counts = dict(connection.execute(text(questions.DEPTH)).one()._mapping)
            oldest_s = connection.execute(text(questions.OLDEST)).scalar() or 0.0
        stalled = sum(lease.stalled for lease in leases)
        return FleetState(
            workers=workers, leases=leases, depth=QueueDepth(**counts, stalled=stalled, oldest_s=oldest_s)
        )

    def _names(self, question: str, **values: Any) -> tuple[str, ...]:
        with translate_db_errors(self.url), self._engine.begin() as connection:
            # a queue that was filled a moment ago counts as empty for the planner, which would then compare every
            # source with every job
            connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
            return tuple(connection.execute(text(question), values).scalars())

    @property
    def name(self) -> str:
        """The database's name for messages."""
        return named(self.url)
