"""JSON lines: one record a line, UTF-8. Holds every column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

import orjson

from ingest.export.edition import Edition
from ingest.export.rows import records
from ingest.store import StoredArticle


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write every article, or its chunks, and return how many records there were."""
    count = 0
    for record in records(articles, edition):
        out.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count
