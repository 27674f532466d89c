"""XLSX: a workbook for spreadsheets, one row an article, times as dates in UTC. Holds every column.

A cell holds 32,767 characters: longer texts are cut there and marked. No text becomes a formula or a link.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import IO, Any

import orjson

from ingest.errors import WrongUse, how_to_install
from ingest.export.edition import Edition
from ingest.export.markup import xml_text
from ingest.export.rows import COLUMNS, kind_of, typed_records
from ingest.store import StoredArticle

CELL_CHARS = 32_767  # https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
MAX_ROWS = 1_048_576
CUT = " … [cut: a cell holds no more]"
FIRST_YEAR = 1900  # of Excel's calendar
WIDTHS = {"title": 60, "body": 80, "url": 40, "description": 40}
USUAL_WIDTH = 14


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write every article and return how many there were. Raises WrongUse without XlsxWriter and for too many."""
    try:
        import xlsxwriter
    except ImportError as cause:
        raise WrongUse(f"xlsx needs XlsxWriter; {how_to_install('xlsx')}") from cause
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    sheet = book.add_worksheet("articles")
    formats = {
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "head": book.add_format({"bold": True}),
    }
    for at, name in enumerate(COLUMNS):
        sheet.set_column(at, at, WIDTHS.get(name, USUAL_WIDTH))
        sheet.write_string(0, at, name, formats["head"])
    sheet.freeze_panes(1, 0)
    count = 0
    for count, record in enumerate(typed_records(articles, edition), start=1):
        if count >= MAX_ROWS:
            raise WrongUse(
                f"xlsx holds {MAX_ROWS - 1:,} articles; use parquet, or choose some with --since or --source"
            )
        for at, (name, value) in enumerate(record.items()):
            _write(sheet, count, at, value, formats.get(kind_of(name)))
    book.close()
    return count


def _write(sheet: Any, row: int, column: int, value: Any, form: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif isinstance(value, date) and value.year >= FIRST_YEAR:
        sheet.write_datetime(row, column, value.replace(tzinfo=None) if isinstance(value, datetime) else value, form)
    else:
        text = orjson.dumps(value).decode() if isinstance(value, list) else str(value)
        text = xml_text(text)
        sheet.write_string(row, column, text if len(text) <= CELL_CHARS else text[: CELL_CHARS - len(CUT)] + CUT)
