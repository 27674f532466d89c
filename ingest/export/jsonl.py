"""JSON lines: one record a line, UTF-8."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

import orjson

from ingest.export.rows import row
from ingest.store import StoredArticle


def write(articles: Iterable[StoredArticle], out: IO[bytes]) -> int:
    """Write every article and return how many there were. Holds one in memory at a time."""
    count = 0
    for count, stored in enumerate(articles, start=1):  # noqa: B007 - the count outlives the loop
        out.write(orjson.dumps(row(stored), option=orjson.OPT_APPEND_NEWLINE))
    return count
