"""The books: counters of one source in one run, kept in the transaction of what they count."""

from __future__ import annotations

from sqlalchemy import Connection

from ingest.store.engine import upsert_for
from ingest.store.schema import RunSourceRow


def add(connection: Connection, run_id: int, source_id: int, **counts: float) -> None:
    """Add to the counters; a source's first count opens its page in the books."""
    counts = {name: count for name, count in counts.items() if count}
    if not counts:
        return
    row = upsert_for(connection)(RunSourceRow).values(run_id=run_id, source_id=source_id, **counts)
    more = {name: getattr(RunSourceRow, name) + row.excluded[name] for name in counts}
    connection.execute(row.on_conflict_do_update(index_elements=["run_id", "source_id"], set_=more))
