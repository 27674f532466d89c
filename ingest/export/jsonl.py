"""JSON lines: one record a line, UTF-8. Holds every column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

import orjson

from ingest.export.edition import Edition
from ingest.export.rows import row
from ingest.store import StoredArticle


def write(articles: Iterable[StoredArticle], out: IO[bytes], _edition: Edition) -> int:
    """Write every article and return how many there were."""
    count = 0
    for stored in articles:
        out.write(orjson.dumps(row(stored), option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count
