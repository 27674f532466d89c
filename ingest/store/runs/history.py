"""History: the counters of one source over weeks, summed by quarters of a day, from which its health is derived."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, case, cast, func, select

from ingest.store.db.schema import RunSourceRow
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import Counts, Period, SourceEnd

PERIOD_S = 6 * 3600  # four a day separate morning and evening; hourly runs of eight weeks are 1,344 rows, 224 periods
COUNTED = tuple(name for name in Counts.__dataclass_fields__ if name not in ("bytes", "seconds"))


class History:
    """The counters of one source over time."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    def periods(self, source: str, since: datetime) -> tuple[Period, ...]:
        """Return the source's counters by quarter of a day, oldest first; a quarter without a run is left out."""
        with self._work.reading() as connection:
            given = {"source": self._names.id(connection, source), "since": since}
            rows = connection.execute(_periods(connection.dialect.name), given).all()
        return tuple(
            Period(
                begun_at=row.begun_at,
                read_at=row.read_at,
                counts=Counts(**{name: int(getattr(row, name)) for name in COUNTED}),
            )
            for row in rows
        )

    def reasons(self, source: str, since: datetime) -> dict[str, int]:
        """Return how many pages ended for which reason, "screened empty" -> 3, in the runs since then."""
        with self._work.reading() as connection:
            query = select(RunSourceRow.reasons).where(
                RunSourceRow.source_id == self._names.id(connection, source),
                RunSourceRow.begun_at >= since,
                RunSourceRow.reasons.is_not(None),
            )
            summed: Counter[str] = Counter()
            for reasons in connection.execute(query).scalars():
                summed.update(reasons)
        return dict(summed)


@cache
def _periods(dialect: str) -> Select[Any]:
    begun = RunSourceRow.begun_at
    seconds = func.strftime("%s", begun) if dialect == "sqlite" else func.floor(func.extract("epoch", begun))
    period = cast(seconds, Integer) / PERIOD_S if dialect == "sqlite" else func.floor(seconds / PERIOD_S)
    read = case((RunSourceRow.state.in_((SourceEnd.OK.value, SourceEnd.PARTIAL.value)), begun))
    sums = [func.sum(getattr(RunSourceRow, name)).label(name) for name in COUNTED]
    return (
        select(func.max(begun).label("begun_at"), func.max(read).label("read_at"), *sums)
        .where(
            RunSourceRow.source_id == bindparam("source"),
            begun >= bindparam("since"),
            RunSourceRow.state.is_not(None),
        )
        .group_by(func.floor(period) if dialect != "sqlite" else cast(period, Integer))
        .order_by(func.max(begun))
    )
