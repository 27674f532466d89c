"""CSV as RFC 4180 has it, UTF-8, a header of the column names. Holds every column.

A .csv file begins with a byte order mark, without which spreadsheets take it for another encoding; data tools skip it.
Compressed files and standard output have none.

Lists are JSON; a missing value is an empty cell. A cell that a spreadsheet would take for a formula gets an apostrophe
in front, and so does a cell that begins with an apostrophe: removing one leading apostrophe restores every value.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable
from typing import IO, Any

import orjson

from ingest.export.edition import Edition
from ingest.export.rows import COLUMNS, row
from ingest.store import StoredArticle

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # spreadsheets read the wide ones too
GUARD = "'"


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write every article and return how many there were."""
    if edition.bom:
        out.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    try:
        table = csv.writer(text)
        table.writerow(COLUMNS)
        count = 0
        for stored in articles:
            table.writerow([cell(value) for value in row(stored).values()])
            count += 1
    finally:
        text.detach()
    return count


def cell(value: Any) -> str:
    """Return a value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = orjson.dumps(value).decode() if value else ""
    text = str(value)
    return GUARD + text if text.lstrip(" ").startswith((*FORMULA_SIGNS, GUARD)) else text
