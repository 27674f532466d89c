"""Parquet: a typed table. Holds every column; `published` and `modified` stay text, because their precision differs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import IO, Any

from ingest.errors import WrongUse, how_to_install
from ingest.export.edition import Edition
from ingest.export.rows import columns_of, kind_of, typed_records
from ingest.store import StoredArticle

ROWS = 500  # of a row group: some 3 MB of text, what is held in memory


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write every article and return how many there were. Raises WrongUse when pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as cause:
        raise WrongUse(f"parquet needs pyarrow; {how_to_install('parquet')}") from cause
    schema = pyarrow.schema(
        [
            pyarrow.field(name, _type(pyarrow, name), metadata={"about": about})
            for name, about in columns_of(edition).items()
        ]
    )
    rows = typed_records(articles, edition)
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as table:
        while some := list(islice(rows, ROWS)):
            table.write_table(pyarrow.Table.from_pylist(some, schema=schema))
            count += len(some)
    return count


def _type(pyarrow: Any, name: str) -> Any:
    kinds = {
        "instant": pyarrow.timestamp("us", tz="UTC"),
        "day": pyarrow.date32(),
        "list": pyarrow.list_(pyarrow.string()),
        "number": pyarrow.int64(),
        "flag": pyarrow.bool_(),
        "pictures": pyarrow.list_(
            pyarrow.struct([(part, pyarrow.string()) for part in ("url", "alt", "caption", "credit")])
        ),
    }
    return kinds.get(kind_of(name), pyarrow.string())
