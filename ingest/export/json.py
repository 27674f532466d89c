"""JSON: one array of records, UTF-8, a record a line. Holds every column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

import orjson

from ingest.export.edition import Edition
from ingest.export.rows import records
from ingest.store import StoredArticle


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write every article and return how many there were."""
    count = 0
    out.write(b"[")
    for record in records(articles, edition):
        out.write((b",\n" if count else b"\n") + orjson.dumps(record))
        count += 1
    out.write(b"\n]\n")
    return count
