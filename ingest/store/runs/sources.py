"""Sources: what is declared, what is due, how the last runs went."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Text, bindparam, select, type_coerce, update

from ingest.model import Source
from ingest.store.db.codec import source_form, source_of
from ingest.store.db.engine import insert_for
from ingest.store.db.schema import SeedRow, SourceRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.types import dumps
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.pages.seeds import seed_key
from ingest.store.values import SourceEnd, SourceState
from ingest.web.urls import polite_unit

SOURCE, SEED = table(SourceRow), table(SeedRow)
BY_NAME = select(SOURCE).where(SOURCE.c.name == bindparam("name"))
FORGOTTEN_NAMES = select(SOURCE.c.name).where(SOURCE.c.forgotten_at.is_not(None))
SENSE = select(SOURCE.c.sense).where(SOURCE.c.id == bindparam("source"))
SET_SOURCE = update(SOURCE).where(SOURCE.c.id == bindparam("source"))  # the other parameters name the columns to set
IN_FILE = select(SOURCE.c.name).where(SOURCE.c.retired_at.is_(None), SOURCE.c.ad_hoc.is_(False))
RETIRE = update(SOURCE).where(SOURCE.c.name == bindparam("left")).values(retired_at=bindparam("now"))
DECLARED_SEEDS = select(SEED.c.id, SEED.c.source_id, SEED.c.url_key).where(
    SEED.c.source_id.in_(bindparam("sources", expanding=True)), SEED.c.declared.is_(True), SEED.c.dropped_at.is_(None)
)
DROP_SEED = update(SEED).where(SEED.c.id == bindparam("seed")).values(dropped_at=bindparam("now"))
CHUNK = 500  # sources whose seeds are read at once


class Sources:
    """The stored sources."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    def sync(self, sources: Iterable[Source], now: datetime, *, whole_file: bool = True) -> None:
        """Take declarations over, their seeds with them.

        `whole_file`: these are all of sources.toml; a source that left it is retired, its articles stay. Else they are
        a selection: nothing is retired, and one that is new counts as ad hoc, which no later sync retires. A source
        that was forgotten stays retired.
        """
        declared = {source.name: source for source in sources}
        with self._work.transaction() as connection:
            settled = _settled(connection)
            forms = {name: source_form(source) for name, source in declared.items()}
            changed = {  # hardly any at nearly every run
                name: source for name, source in declared.items() if settled.get(name) != dumps(forms[name]).decode()
            }
            if changed:
                rows = [
                    {
                        "name": name,
                        "url": source.url,
                        "unit": polite_unit(source.url),
                        "declared": forms[name],
                        "ad_hoc": not whole_file,
                        "added_at": now,
                        "next_due_at": now,
                    }
                    for name, source in changed.items()
                ]
                made = connection.execute(_declaring(connection.dialect.name, whole_file), rows)
                ids = {row.name: row.id for row in made}
                for name, source_id in ids.items():
                    self._names.remember(name, source_id)
                _sync_seeds(connection, {ids[name]: source for name, source in changed.items()}, now)
            if whole_file:
                left = [
                    {"left": name, "now": now} for name in connection.execute(IN_FILE).scalars() if name not in declared
                ]
                if left:
                    connection.execute(RETIRE, left)

    def due(
        self, now: datetime, names: Collection[str] | None = None, *, furthest: datetime | None = None
    ) -> tuple[SourceState, ...]:
        """Return the sources whose time has come, those waiting longest first. Named ones are due at any time.

        A due time later than `furthest` is not believed: the source is due.
        """
        query = select(SourceRow).where(SourceRow.retired_at.is_(None))
        come = SourceRow.next_due_at <= now
        if furthest is not None:
            come |= SourceRow.next_due_at > furthest
        query = query.where(come if names is None else SourceRow.name.in_(names))
        with self._work.reading() as connection:
            rows = connection.execute(query.order_by(SourceRow.next_due_at, SourceRow.id))
            return tuple(_state(row) for row in rows)

    def get(self, name: str) -> SourceState | None:
        """Return one source, retired or not."""
        with self._work.reading() as connection:
            row = connection.execute(BY_NAME, {"name": name}).first()
        return None if row is None else _state(row)

    def all(self) -> tuple[SourceState, ...]:
        """Return every source, retired ones too, by name."""
        with self._work.reading() as connection:
            return tuple(_state(row) for row in connection.execute(select(SourceRow).order_by(SourceRow.name)))

    def forgotten(self) -> frozenset[str]:
        """Return the names of the sources that were taken down."""
        with self._work.reading() as connection:
            return frozenset(connection.execute(FORGOTTEN_NAMES).scalars())

    def hooks(self) -> dict[str, str]:
        """Return the commands and addresses for new articles of the sources that declare their own."""
        declared = type_coerce(SourceRow.declared, Text)
        query = select(SourceRow).where(declared.contains('"on_new":', autoescape=True))
        with self._work.reading() as connection:
            states = [_state(row) for row in connection.execute(query)]
        return {state.name: state.source.on_new for state in states if state.source.on_new is not None}

    def ran(
        self,
        name: str,
        now: datetime,
        *,
        next_due_at: datetime,
        state: SourceEnd = SourceEnd.OK,
        cause: str | None = None,
        failures: int = 0,
    ) -> None:
        """Remember how the source's run ended. `failures`: runs that failed in a row, this one included."""
        with self._work.transaction() as connection:
            ended = {"last_run_at": now, "next_due_at": next_due_at, "state": state.value, "cause": cause}
            source_id = self._names.id(connection, name)
            connection.execute(SET_SOURCE, {"source": source_id, "failures": failures, **ended})

    def retire(self, name: str, now: datetime) -> None:
        """Crawl a source no more; its articles stay."""
        with self._work.transaction() as connection:
            connection.execute(
                update(SourceRow).where(SourceRow.id == self._names.id(connection, name)).values(retired_at=now)
            )

    def sense(self, name: str) -> dict[str, Any] | None:
        """Return what the source's links taught about their shapes, None when nothing yet."""
        with self._work.reading() as connection:
            row = connection.execute(SENSE, {"source": self._names.id(connection, name)}).first()
        return None if row is None else row.sense

    def learn_sense(self, name: str, sense: dict[str, Any]) -> None:
        """Keep what the source's links taught; a JSON value of the caller's."""
        with self._work.transaction() as connection:
            connection.execute(
                update(SourceRow).where(SourceRow.id == self._names.id(connection, name)).values(sense=sense)
            )


@cache
def _declaring(dialect: str, whole_file: bool) -> Any:
    """Add sources or take over what changed; a source of sources.toml is no longer ad hoc or retired."""
    row = insert_for(dialect)(SOURCE)
    changed: dict[str, Any] = {name: row.excluded[name] for name in ("url", "unit", "declared")}
    if whole_file:
        changed |= {"ad_hoc": False, "retired_at": SOURCE.c.forgotten_at}
    row = row.on_conflict_do_update(index_elements=["name"], set_=changed)
    return row.returning(SOURCE.c.id, SOURCE.c.name)


def _sync_seeds(connection: Connection, sources: Mapping[int, Source], now: datetime) -> None:
    """Take over the seeds that sources, given by id, declare; drop those they declared before."""
    rows = {
        (source_id, seed_key(seed.url)): {
            "source_id": source_id,
            "url": seed.url,
            "url_key": seed_key(seed.url),
            "kind": seed.kind.value,
            "depth": seed.depth,
            "declared": True,
        }
        for source_id, source in sources.items()
        for seed in source.seeds
    }
    if rows:
        connection.execute(_declaring_seeds(connection.dialect.name), list(rows.values()))
    ids = tuple(sources)
    for at in range(0, len(ids), CHUNK):
        there = connection.execute(DECLARED_SEEDS, {"sources": ids[at : at + CHUNK]}).all()
        gone = [{"seed": row.id, "now": now} for row in there if (row.source_id, row.url_key) not in rows]
        if gone:
            connection.execute(DROP_SEED, gone)


@cache
def _declaring_seeds(dialect: str) -> Any:
    row = insert_for(dialect)(SEED)
    changed = {"kind": row.excluded.kind, "depth": row.excluded.depth, "declared": True, "dropped_at": None}
    return row.on_conflict_do_update(index_elements=["source_id", "url_key"], set_=changed)


def _settled(connection: Connection) -> dict[str, str]:
    """Return the declarations, as they are written, of the sources that syncing them again would not change."""
    rows = connection.execute(
        select(SourceRow.name, type_coerce(SourceRow.declared, Text)).where(
            SourceRow.ad_hoc.is_(False), SourceRow.retired_at.is_(None), SourceRow.forgotten_at.is_(None)
        )
    )
    return {name: declared for name, declared in rows}  # noqa: C416 - dict() would take the rows for a mapping


def _state(row: Row[*tuple[Any, ...]]) -> SourceState:
    return SourceState(
        source=source_of(row.declared),
        unit=row.unit,
        ad_hoc=row.ad_hoc,
        added_at=row.added_at,
        retired_at=row.retired_at,
        last_run_at=row.last_run_at,
        next_due_at=row.next_due_at,
        failures=row.failures,
        state=None if row.state is None else SourceEnd(row.state),
        cause=row.cause,
        forgotten_at=row.forgotten_at,
    )
