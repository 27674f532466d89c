"""A table of any rows as an SQLite file of its own, for exports."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.errors import StoreError

ROWS = 500  # written at once


def write_table(file: Path, name: str, columns: Mapping[str, str], rows: Iterable[Iterable[Any]]) -> int:
    """Write a new file with one table; return how many rows. `columns`: names with their declared types.

    Times are text such as "2026-03-01 12:00:00" (UTC), lists are JSON. Raises StoreError.
    """
    declared = ", ".join(
        f'"{column}" {kind}{" PRIMARY KEY" if column == "id" else ""}' for column, kind in columns.items()
    )
    marks = ", ".join("?" * len(columns))
    count = 0
    try:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(f'CREATE TABLE "{name}" ({declared})')
            given = (tuple(map(_value, row)) for row in rows)
            while some := list(islice(given, ROWS)):
                connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', some)  # noqa: S608 - our own names
                count += len(some)
    except sqlite3.Error as error:
        raise StoreError(f"{file}: cannot be written: {error}") from error
    return count


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
