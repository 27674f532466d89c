"""Hosts: delays, closing times and robots.txt copies that outlive a run."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, TypedDict, Unpack

from sqlalchemy import bindparam, select

from ingest.store.db.engine import insert_for
from ingest.store.db.schema import HostRow, table
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import HostState

HOST = table(HostRow)
BY_NAME = select(HOST).where(HOST.c.name == bindparam("name"))
FIELDS = tuple(HostState.__dataclass_fields__)


class HostFields(TypedDict, total=False):
    """What `remember` takes, as in HostState."""

    delay_s: float | None
    crawl_delay_s: float | None
    latency_s: float | None
    closed_until: datetime | None
    reason: str | None
    robots: str | None
    robots_status: int | None
    robots_fetched_at: datetime | None
    last_fetched_at: datetime | None


class Hosts:
    """The stored polite units ("example.com") and, for robots.txt, origins ("https://example.com")."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def get(self, name: str) -> HostState | None:
        """Return what is remembered, None for a host never met."""
        with self._work.reading() as connection:
            row = connection.execute(BY_NAME, {"name": name}).first()
        return None if row is None else HostState(**{field: getattr(row, field) for field in FIELDS})

    def remember(self, name: str, **given: Unpack[HostFields]) -> None:
        """Remember what is given; what is not given stays."""
        with self._work.transaction() as connection:
            connection.execute(_remembering(connection.dialect.name, tuple(given)), {"name": name, **given})

    def closed(self, now: datetime) -> tuple[HostState, ...]:
        """Return the hosts that are closed now by Retry-After."""
        with self._work.reading() as connection:
            rows = connection.execute(select(HostRow).where(HostRow.closed_until > now).order_by(HostRow.name))
            return tuple(HostState(**{field: getattr(row, field) for field in FIELDS}) for row in rows)


@lru_cache(maxsize=64)
def _remembering(dialect: str, fields: tuple[str, ...]) -> Any:
    row = insert_for(dialect)(HOST)
    if not fields:
        return row.on_conflict_do_nothing(index_elements=["name"])
    return row.on_conflict_do_update(index_elements=["name"], set_={name: row.excluded[name] for name in fields})
