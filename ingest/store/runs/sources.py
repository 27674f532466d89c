"""Sources: what is declared, what is due, how the last runs went."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, select, type_coerce, update

from ingest.model import Source
from ingest.store.db.codec import source_form, source_of
from ingest.store.db.engine import upsert_for
from ingest.store.db.schema import SeedRow, SourceRow
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.types import dumps
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.pages.seeds import seed_key
from ingest.store.values import SourceEnd, SourceState
from ingest.web.urls import polite_unit


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
        sources = tuple(sources)
        with self._work.transaction() as connection:
            insert = upsert_for(connection)
            settled = _settled(connection)
            for source in sources:
                form = source_form(source)
                if settled.get(source.name) == dumps(form).decode():
                    continue  # nearly all of them at nearly every run; 10,000 upserts would take half a minute
                row = insert(SourceRow).values(
                    name=source.name,
                    url=source.url,
                    unit=polite_unit(source.url),
                    declared=form,
                    ad_hoc=not whole_file,
                    added_at=now,
                    next_due_at=now,
                )
                changed = {name: row.excluded[name] for name in ("url", "unit", "declared")}
                if whole_file:
                    changed |= {"ad_hoc": False, "retired_at": SourceRow.forgotten_at}
                row = row.on_conflict_do_update(index_elements=["name"], set_=changed).returning(SourceRow.id)
                source_id = connection.execute(row).scalar_one()
                self._names.remember(source.name, source_id)
                self._sync_seeds(connection, source_id, source, now)
            if whole_file:
                left = update(SourceRow).where(SourceRow.retired_at.is_(None), SourceRow.ad_hoc.is_(False))
                named = {source.name for source in sources}
                for name in connection.execute(
                    select(SourceRow.name).where(SourceRow.retired_at.is_(None), SourceRow.ad_hoc.is_(False))
                ).scalars():
                    if name not in named:
                        connection.execute(left.where(SourceRow.name == name).values(retired_at=now))

    def _sync_seeds(self, connection: Any, source_id: int, source: Source, now: datetime) -> None:
        insert = upsert_for(connection)
        keys = []
        for seed in source.seeds:
            keys.append(seed_key(seed.url))
            row = insert(SeedRow).values(
                source_id=source_id,
                url=seed.url,
                url_key=keys[-1],
                kind=seed.kind.value,
                depth=seed.depth,
                declared=True,
            )
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=["source_id", "url_key"],
                    set_={"kind": row.excluded.kind, "depth": row.excluded.depth, "declared": True, "dropped_at": None},
                )
            )
        connection.execute(
            update(SeedRow)
            .where(
                SeedRow.source_id == source_id,
                SeedRow.declared.is_(True),
                SeedRow.dropped_at.is_(None),
                SeedRow.url_key.not_in(keys),
            )
            .values(dropped_at=now)
        )

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
            row = connection.execute(select(SourceRow).where(SourceRow.name == name)).first()
        return None if row is None else _state(row)

    def all(self) -> tuple[SourceState, ...]:
        """Return every source, retired ones too, by name."""
        with self._work.reading() as connection:
            return tuple(_state(row) for row in connection.execute(select(SourceRow).order_by(SourceRow.name)))

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
            connection.execute(
                update(SourceRow)
                .where(SourceRow.id == self._names.id(connection, name))
                .values(last_run_at=now, next_due_at=next_due_at, state=state.value, cause=cause, failures=failures)
            )

    def retire(self, name: str, now: datetime) -> None:
        """Crawl a source no more; its articles stay."""
        with self._work.transaction() as connection:
            connection.execute(
                update(SourceRow).where(SourceRow.id == self._names.id(connection, name)).values(retired_at=now)
            )

    def sense(self, name: str) -> dict[str, Any] | None:
        """Return what the source's links taught about their shapes, None when nothing yet."""
        with self._work.reading() as connection:
            row = connection.execute(
                select(SourceRow.sense).where(SourceRow.id == self._names.id(connection, name))
            ).first()
        return None if row is None else row.sense

    def learn_sense(self, name: str, sense: dict[str, Any]) -> None:
        """Keep what the source's links taught; a JSON value of the caller's."""
        with self._work.transaction() as connection:
            connection.execute(
                update(SourceRow).where(SourceRow.id == self._names.id(connection, name)).values(sense=sense)
            )


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
