"""A database as the first released schema left it, with as many articles as wanted, on SQLite or PostgreSQL.

    python -m tests.store.first_schema DATABASE_URL ARTICLES

The rows are clones of those in data/rows-0001.json, which that version's own code wrote.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from ingest.store.db.engine import url_of
from ingest.web.urls import key
from tests.store.test_upgrade import make

FIRST = "0001"
FROM = 1_000  # ids of the clones


def fill(database_url: str, articles: int) -> None:
    """Make a database of the first schema with so many articles beside those of the rows that are kept."""
    make(database_url, FIRST)
    engine = create_engine(url_of(database_url), poolclass=NullPool)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        article, revision = _row(connection, "article", 1), _row(connection, "revision", 2)
        page = _row(connection, "page", 1)
        numbers = range(FROM, FROM + articles)
        _insert(connection, "article", [article | _address(n) | {"id": n, "revisions": 1} for n in numbers])
        _insert(
            connection,
            "revision",
            [revision | {"id": n, "article_id": n, "no": 1, "snapshot_id": None} for n in numbers],
        )
        _insert(connection, "page", [page | _address(n) | {"id": n, "article_id": n, "run_id": None} for n in numbers])
        if connection.dialect.name == "postgresql":
            for table in ("article", "revision", "page"):
                last = f"setval(pg_get_serial_sequence('{table}', 'id'), {FROM + articles})"
                connection.execute(text(f"SELECT {last}"))


def _address(number: int) -> dict[str, Any]:
    url = f"https://a.example/clone-{number}"
    return {"url": url, "url_key": key(url), "canonical_url": None, "canonical_key": None}


def _row(connection: Connection, table: str, row_id: int) -> dict[str, Any]:
    row = connection.execute(text(f"SELECT * FROM {table} WHERE id = {row_id}")).mappings().one()
    return {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}


def _insert(connection: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    known = _row(connection, table, 1).keys()
    names = [name for name in rows[0] if name in known and name != "search"]  # PostgreSQL generates that one
    columns, values = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
    connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), rows)


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
