"""What a command prints: tables for people, JSON for programs. Text from outside is made harmless for a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import orjson
from rich.cells import cell_len, set_cell_size

from ingest.text.normalize import normalise, normalise_lines

LEAST_TEXT = 12  # characters of a text that are shown at least: most names of sources are shorter
DOTS = "..."
CELL_GAP = 3  # between two columns: a space of padding on each side and the border's place
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?")


def print_json(value: Any) -> None:
    """One JSON document, indented."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def print_line(text: str) -> None:
    """Text from outside without control characters: one line, more only for code, indented as it is."""
    sys.stdout.write(normalise_lines(text) + "\n")


def fitting(text: str, width: int) -> str:
    """Return one line of text that is at most `width` columns wide, shortened with three dots."""
    line = normalise_lines(text).replace("\n", " ")
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, width - len(DOTS)).rstrip() + DOTS


def cut_reason(by: str, reason: str) -> str:
    """Return who cut a block and why; "model 0.10" says both."""
    return reason if by in reason.split() else f"{by}: {reason}"


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, numbers: Sequence[str] = ()) -> None:
    """Print a table: fitted to the terminal's width; whole lines with aligned columns when piped.

    In a terminal no cell is broken over lines: texts are shortened, numbers and times are not, and when the headings
    alone are too wide, the last columns are left out and named on stderr.
    """
    if not sys.stdout.isatty():
        _print_plain(list(rows), columns, numbers)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    cells = [[cell(row.get(column)) for column in columns] for row in rows]
    least = [_least_width(column, [line[at] for line in cells], column in numbers) for at, column in enumerate(columns)]
    shown = _fitting(cells, least, console.width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for at in shown:
        side: Literal["right", "left"] = "right" if columns[at] in numbers else "left"
        table.add_column(columns[at], justify=side, overflow="ellipsis", no_wrap=True, min_width=least[at])
    for line in cells:
        table.add_row(*(Text(line[at]) for at in shown))
    console.print(table)
    if len(shown) < len(columns):
        missing = ", ".join(column for at, column in enumerate(columns) if at not in shown)
        sys.stderr.write(f"too narrow for: {missing}; a wider terminal, or `| less -S`, shows all columns\n")


def _least_width(column: str, values: Sequence[str], is_number: bool) -> int:
    """Return the width below which a column says nothing: numbers and times whole, texts by their first characters."""
    longest = max(map(cell_len, values), default=0)
    whole = is_number or all(not value or _TIME.fullmatch(value) for value in values)
    return max(cell_len(column), longest if whole else min(longest, LEAST_TEXT))


def _fitting(cells: Sequence[Sequence[str]], least: Sequence[int], width: int) -> list[int]:
    """Return the numbers of the columns that fit: empty ones go first, then the last ones."""
    shown = list(range(len(least)))
    empty = [at for at in shown[1:] if not any(line[at] for line in cells)]
    for at in (*reversed(empty), *(at for at in reversed(shown[1:]) if at not in empty)):
        if sum(least[one] for one in shown) + CELL_GAP * (len(shown) - 1) <= width:
            break
        shown.remove(at)
    return shown


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
