"""Counters of one source in one run, written in the transaction of what they count."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from ingest.store.db.engine import insert_for
from ingest.store.db.schema import RunSourceRow, table

RUN_SOURCE = table(RunSourceRow)


def add(connection: Connection, run_id: int, source_id: int, **counts: float) -> None:
    """Add to the counters; a source's first count in a run adds the row."""
    given = {name: count for name, count in counts.items() if count}
    if given:
        statement = _adding(connection.dialect.name, tuple(given))
        connection.execute(statement, {"run_id": run_id, "source_id": source_id, **given})


def add_all(connection: Connection, run_id: int, counts: Iterable[tuple[int, Mapping[str, float]]]) -> None:
    """Add to the counters of several sources, given by id, with one statement."""
    sums: defaultdict[int, Counter[str]] = defaultdict(Counter)
    names: dict[str, None] = {}
    for source_id, given in counts:
        sums[source_id].update(given)
        names |= dict.fromkeys(name for name, count in given.items() if count)
    if sums and names:
        rows = [
            {"run_id": run_id, "source_id": source_id, **{name: given[name] for name in names}}
            for source_id, given in sums.items()
        ]
        connection.execute(_adding(connection.dialect.name, tuple(names)), rows)


@lru_cache(maxsize=256)
def _adding(dialect: str, names: tuple[str, ...]) -> Any:
    row = insert_for(dialect)(RUN_SOURCE)
    more = {name: RUN_SOURCE.c[name] + row.excluded[name] for name in names}
    return row.on_conflict_do_update(index_elements=["run_id", "source_id"], set_=more)
