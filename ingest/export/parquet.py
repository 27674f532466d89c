"""Parquet: a typed table. Holds every column; `first_seen` and `fetched` are instants, `published` and `modified` stay
text, because their precision differs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import IO, Any

from ingest.errors import WrongUse, how_to_install
from ingest.export.edition import Edition
from ingest.export.rows import COLUMNS, row
from ingest.store import StoredArticle

ROWS = 500  # of a row group: some 3 MB of text, what is held in memory
INSTANTS = ("first_seen", "fetched")
LISTS = ("authors", "tags")
NUMBERS = ("id", "revision", "words", "cluster", "duplicate_of")
FLAGS = ("paywalled",)
PICTURES = ("images",)


def write(articles: Iterable[StoredArticle], out: IO[bytes], _edition: Edition) -> int:
    """Write every article and return how many there were. Raises WrongUse when pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as cause:
        raise WrongUse(f"parquet needs pyarrow; {how_to_install('parquet')}") from cause
    schema = pyarrow.schema(
        [pyarrow.field(name, _type(pyarrow, name), metadata={"about": COLUMNS[name]}) for name in COLUMNS]
    )
    rows = map(_typed, articles)
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as table:
        while some := list(islice(rows, ROWS)):
            table.write_table(pyarrow.Table.from_pylist(some, schema=schema))
            count += len(some)
    return count


def _typed(stored: StoredArticle) -> dict[str, Any]:
    record = row(stored)
    return record | {name: datetime.fromisoformat(record[name]) for name in INSTANTS}


def _type(pyarrow: Any, name: str) -> Any:
    if name in INSTANTS:
        return pyarrow.timestamp("us", tz="UTC")
    if name in LISTS:
        return pyarrow.list_(pyarrow.string())
    if name in PICTURES:
        return pyarrow.list_(pyarrow.struct([(part, pyarrow.string()) for part in ("url", "alt", "caption", "credit")]))
    if name in NUMBERS:
        return pyarrow.int64()
    return pyarrow.bool_() if name in FLAGS else pyarrow.string()
