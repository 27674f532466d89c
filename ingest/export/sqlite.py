"""SQLite: a database file with one table, `articles`. Holds every column; times are UTC text that sorts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from ingest.export.edition import Edition
from ingest.export.rows import COLUMNS, kind_of, typed_records
from ingest.store import StoredArticle
from ingest.store.table_file import write_table

TYPES = {"number": "INTEGER", "flag": "BOOLEAN", "instant": "TIMESTAMP", "day": "DATE"}


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write the file and return how many articles it has."""
    columns = {name: TYPES.get(kind_of(name), "TEXT") for name in COLUMNS}
    with tempfile.TemporaryDirectory(prefix="ingest-sqlite-") as folder:
        file = Path(folder) / "articles.sqlite"
        count = write_table(file, "articles", columns, (record.values() for record in typed_records(articles, edition)))
        with file.open("rb") as made:
            shutil.copyfileobj(made, out)
    return count
