"""Source names and their row ids: callers use names, the tables use ids."""

from __future__ import annotations

from difflib import get_close_matches

from sqlalchemy import Connection, select

from ingest.errors import SourceError
from ingest.store.db.schema import SourceRow
from ingest.store.db.unit_of_work import UnitOfWork


class SourceIds:
    """Looks ids up once and caches them; a rollback empties the cache."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._ids: dict[str, int] = {}
        self._rollbacks = 0

    def id(self, connection: Connection, name: str) -> int:
        """Return the row id. Raises SourceError for a source that is not in the database."""
        self._forget_if_rolled_back()
        if name not in self._ids:
            found = connection.execute(select(SourceRow.id).where(SourceRow.name == name)).scalar()
            if found is None:
                near = get_close_matches(name, connection.execute(select(SourceRow.name)).scalars().all(), n=1)
                hint = f'did you mean "{near[0]}"?' if near else "`ingest sources list` shows those that are"
                raise SourceError(f'source "{name}" is not in the database; {hint}')
            self._ids[name] = found
        return self._ids[name]

    def find(self, connection: Connection, name: str) -> int | None:
        """Return the row id, None for a source that is not in the database."""
        try:
            return self.id(connection, name)
        except SourceError:
            return None

    def remember(self, name: str, row_id: int) -> None:
        """Take an id that was just made."""
        self._forget_if_rolled_back()
        self._ids[name] = row_id

    def forget(self) -> None:
        """Look everything up again."""
        self._ids.clear()

    def _forget_if_rolled_back(self) -> None:
        if self._rollbacks != self._work.rollbacks:
            self._ids.clear()
            self._rollbacks = self._work.rollbacks
