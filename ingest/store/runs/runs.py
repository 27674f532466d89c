"""Runs: the log of executions, and the counters of each source in each."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, select, update

from ingest.store.db import counters
from ingest.store.db.engine import insert_for
from ingest.store.db.schema import RunRow, RunSourceRow, SourceRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import Counts, RunInfo, SourceEnd, SourceRun, SourceRunEnd

WHOLE_FILE = "run"  # the command of a run of all sources; one of some is "run some"
WHOLE = "all"  # holder of a run that is neither a shard nor a worker
COUNTED = tuple(Counts.__dataclass_fields__)


RUN_SOURCE, SOURCE = table(RunSourceRow), table(SourceRow)
_SOURCE_RUNS = select(RUN_SOURCE, SOURCE.c.name.label("source")).join(SOURCE, SOURCE.c.id == RUN_SOURCE.c.source_id)
_OF_NAME = SOURCE.c.name == bindparam("name")
OF_RUN = _SOURCE_RUNS.where(RUN_SOURCE.c.run_id == bindparam("run")).order_by(SOURCE.c.name)
OF_SOURCE = _SOURCE_RUNS.where(_OF_NAME).order_by(RUN_SOURCE.c.run_id.desc()).limit(bindparam("most"))
OF_BOTH = _SOURCE_RUNS.where(RUN_SOURCE.c.run_id == bindparam("run"), _OF_NAME)


class Runs:
    """The log of executions."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    def begin(self, now: datetime, *, command: str = "run", holder: str = WHOLE, version: str | None = None) -> int:
        """Open a run and return its id. Its holder's unfinished runs were killed: they are marked broken.

        The caller holds the run lock of this holder (a shard, a worker, or all).
        """
        with self._work.transaction() as connection:
            connection.execute(
                update(RunRow)
                .where(RunRow.holder == holder, RunRow.finished_at.is_(None), RunRow.broken.is_(False))
                .values(broken=True, why="killed")
            )
            run_id: int = connection.execute(
                insert(RunRow)
                .values(
                    begun_at=now,
                    command=command,
                    holder=holder,
                    machine=platform.node() or None,
                    pid=os.getpid(),
                    version=version,
                )
                .returning(RunRow.id)
            ).scalar_one()
        return run_id

    def finish(self, run_id: int, now: datetime, *, exit_code: int = 0, why: str = "finished") -> None:
        """Close a run."""
        with self._work.transaction() as connection:
            connection.execute(
                update(RunRow).where(RunRow.id == run_id).values(finished_at=now, exit_code=exit_code, why=why)
            )

    def add(self, run_id: int, source: str, **counts: float) -> None:
        """Add to a source's counters (found, new, requests, fetched, bytes, seconds); outcomes count themselves."""
        with self._work.transaction() as connection:
            counters.add(connection, run_id, self._names.id(connection, source), **counts)

    def source_began(self, run_id: int, source: str, now: datetime) -> None:
        """Note when a source began in a run."""
        self._set(run_id, source, begun_at=now)

    def source_ended(self, run_id: int, source: str, now: datetime, end: SourceRunEnd) -> None:
        """Note how a source ended in a run."""
        ended = {"state": end.state.value, "cause": end.cause, "next_due_at": end.next_due_at, "left": end.left}
        self._set(run_id, source, finished_at=now, **ended, reasons=dict(end.reasons) or None)

    def _set(self, run_id: int, source: str, **values: Any) -> None:
        with self._work.transaction() as connection:
            setting = _setting(connection.dialect.name, tuple(values))
            keys = {"run_id": run_id, "source_id": self._names.id(connection, source)}
            connection.execute(setting, keys | values)

    def counts(self, run_id: int) -> dict[str, Counts]:
        """Return each source's counters in a run."""
        return {item.source: item.counts for item in self.of(run_id)}

    def counts_of(self, run_id: int, source: str) -> Counts:
        """Return one source's counters in a run, zeros where it has none."""
        return next((one.counts for one in self._source_runs(OF_BOTH, run=run_id, name=source)), Counts())

    def total(self, run_id: int) -> Counts:
        """Return the sums of a whole run."""
        sums = [func.coalesce(func.sum(getattr(RunSourceRow, name)), 0).label(name) for name in COUNTED]
        with self._work.reading() as connection:
            row = connection.execute(select(*sums).where(RunSourceRow.run_id == run_id)).one()
        return _counts(row)

    def of(self, run_id: int) -> tuple[SourceRun, ...]:
        """Return how each source went in a run, by name."""
        return self._source_runs(OF_RUN, run=run_id)

    def history(self, source: str, *, most: int = 30) -> tuple[SourceRun, ...]:
        """Return how a source went in its last runs, newest first."""
        return self._source_runs(OF_SOURCE, name=source, most=most)

    def _source_runs(self, query: Select[Any], **asked: Any) -> tuple[SourceRun, ...]:
        with self._work.reading() as connection:
            return tuple(_source_run(row) for row in connection.execute(query, asked))

    def get(self, run_id: int) -> RunInfo | None:
        """Return one run."""
        with self._work.reading() as connection:
            row = connection.execute(select(RunRow).where(RunRow.id == run_id)).first()
        return None if row is None else _info(row)

    def last(self, source: str | None = None) -> RunInfo | None:
        """Return the last run, or the last that had to do with a source."""
        query = select(RunRow).order_by(RunRow.id.desc()).limit(1)
        with self._work.reading() as connection:
            if source is not None:
                source_id = self._names.id(connection, source)
                query = query.join(RunSourceRow, RunSourceRow.run_id == RunRow.id)
                query = query.where(RunSourceRow.source_id == source_id)
            row = connection.execute(query).first()
        return None if row is None else _info(row)

    def last_whole(self) -> RunInfo | None:
        """Return the last run that took over all of sources.toml."""
        whole = (RunRow.command == WHOLE_FILE, RunRow.holder == WHOLE)
        with self._work.reading() as connection:
            row = connection.execute(select(RunRow).where(*whole).order_by(RunRow.id.desc()).limit(1)).first()
        return None if row is None else _info(row)

    def recent(self, most: int = 10) -> tuple[RunInfo, ...]:
        """Return the last runs, newest first."""
        with self._work.reading() as connection:
            rows = connection.execute(select(RunRow).order_by(RunRow.id.desc()).limit(most))
            return tuple(_info(row) for row in rows)


@lru_cache(maxsize=64)
def _setting(dialect: str, names: tuple[str, ...]) -> Any:
    row = insert_for(dialect)(RUN_SOURCE)
    given = {name: row.excluded[name] for name in names}
    return row.on_conflict_do_update(index_elements=["run_id", "source_id"], set_=given)


def _counts(row: Row[*tuple[Any, ...]]) -> Counts:
    read: dict[str, Any] = {name: int(getattr(row, name)) for name in COUNTED}
    return Counts(**read | {"seconds": float(row.seconds)})


def _source_run(row: Row[*tuple[Any, ...]]) -> SourceRun:
    return SourceRun(
        run_id=row.run_id,
        source=row.source,
        begun_at=row.begun_at,
        finished_at=row.finished_at,
        state=None if row.state is None else SourceEnd(row.state),
        cause=row.cause,
        next_due_at=row.next_due_at,
        counts=_counts(row),
        left=row.left,
        reasons=row.reasons or {},
    )


def _info(row: Row[*tuple[Any, ...]]) -> RunInfo:
    return RunInfo(
        run_id=row.id,
        begun_at=row.begun_at,
        finished_at=row.finished_at,
        command=row.command,
        holder=row.holder,
        machine=row.machine,
        pid=row.pid,
        version=row.version,
        exit_code=row.exit_code,
        why=row.why,
        broken=row.broken,
    )
