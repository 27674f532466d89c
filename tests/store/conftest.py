"""What the store's tests share: the statements a store sends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from ingest.store import Store


@pytest.fixture
def statements(store: Store) -> Iterator[list[str]]:
    """The SQL statements sent from now on."""
    sent: list[str] = []
    engine = store._work.engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
