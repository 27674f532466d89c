"""What a command prints: tables for people, JSON for programs. Text from outside is made harmless for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from ingest.text.normalize import normalise, normalise_lines


def print_json(value: Any) -> None:
    """One JSON document, indented."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def print_line(text: str) -> None:
    """Text from outside without control characters: one line, more only for code, indented as it is."""
    sys.stdout.write(normalise_lines(text) + "\n")


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, numbers: Sequence[str] = ()) -> None:
    """Print a table: drawn to the terminal's width; as whole, tab-separated lines when piped."""
    if not sys.stdout.isatty():
        _print_plain(list(rows), columns, numbers)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(row.get(column))) for column in columns))
    Console().print(table)


def _print_plain(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], numbers: Sequence[str]) -> None:
    cells = [list(columns), *([cell(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    for line in cells:
        padded = (
            text.rjust(width) if column in numbers else text.ljust(width)
            for text, width, column in zip(line, widths, columns, strict=True)
        )
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def cell(value: Any) -> str:
    """A value as one cell: nothing for None, a time to the minute."""
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    if hasattr(value, "strftime") and hasattr(value, "hour"):
        return f"{value:%Y-%m-%d %H:%M}"
    return normalise(str(value))
