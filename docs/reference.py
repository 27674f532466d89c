"""Writes the pages that the program itself knows best: the help of the commands, tables and their diagram."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import click
from sqlalchemy import Column, Table

from ingest.cli import cli
from ingest.store.db.schema import Base

# Where each table stands in the diagram: column and row. A table without a place goes to the last row.
PLACES = {
    "seed": (0, 0),
    "host": (0, 1),
    "finding": (0, 2),
    "source": (1, 0),
    "run_source": (1, 1),
    "run": (1, 2),
    "page": (2, 0),
    "snapshot": (2, 1),
    "block": (3, 1),
    "block_use": (3, 2),
    "article": (3, 0),
    "revision": (4, 0),
    "fingerprint": (4, 1),
    "cluster": (4, 2),
    "export_cursor": (2, 2),
    "notice_cursor": (2, 3),
}
TABLES = """# Tables and columns

The view `articles_clean` has one row per article, the latest revision; start there. An arrow leads from a table to the
one it names by id.

![Tables and what they refer to](tables.svg)
"""
TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="#7a8794"/></marker></defs>'
)
BOX_W, BOX_H, GAP_X, GAP_Y = 120, 34, 50, 50  # pixels


def write(folder: Path) -> None:
    """Write all pages into the folder; it is made when missing."""
    folder.mkdir(exist_ok=True)
    for name, text in {
        "commands.md": commands(),
        "tables.md": tables(),
        "tables.svg": diagram(),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")


def commands() -> str:
    """Every command as its own --help describes it."""
    parts = ["# Help texts\n\nEvery command as `--help` shows it; [the commands in one table](../commands.md).\n"]
    for words, command in _commands(cli):
        called = " ".join(("ingest", *words))
        context = click.Context(command, info_name=called, terminal_width=100, max_content_width=100)
        parts.append(f"## {called}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _commands(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, *before, name)
        elif command is not None:
            yield (*before, name), command


def tables() -> str:
    """Every table with its columns, and the diagram."""
    parts = [TABLES]
    for table in sorted(Base.metadata.tables.values(), key=lambda one: one.name):
        rows = [f"| `{column.name}` | {_type(column)} | {_refers(column)} |" for column in table.columns]
        parts.append("\n".join((f"## {table.name}", "", "| column | type | refers to |", "|---|---|---|", *rows, "")))
    return "\n".join(parts)


def _type(column: Column[object]) -> str:
    kind = str(column.type).lower()
    return f"{kind}, may be null" if column.nullable else kind


def _refers(column: Column[object]) -> str:
    return ", ".join(sorted(f"`{key.column.table.name}.{key.column.name}`" for key in column.foreign_keys))


def diagram() -> str:
    """Tables as boxes and references as arrows; an SVG that is readable on light and on dark ground."""
    named = Base.metadata.tables
    last = 1 + max(row for _, row in PLACES.values())
    unplaced = {name: (at, last) for at, name in enumerate(sorted(set(named) - set(PLACES)))}
    places = {name: place for name, place in (PLACES | unplaced).items() if name in named}
    width = (1 + max(x for x, _ in places.values())) * (BOX_W + GAP_X)
    height = (1 + max(y for _, y in places.values())) * (BOX_H + GAP_Y)
    lines = [_arrow(places[table.name], places[other]) for table in named.values() for other in _others(table)]
    boxes = [_box(name, place) for name, place in places.items()]
    size = f'viewBox="0 0 {width} {height}" width="{width}"'
    shapes = "".join(lines + boxes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="14">{TIP}{shapes}</svg>\n'
    )


def _others(table: Table) -> list[str]:
    """Return the tables that one refers to, itself left out."""
    return sorted({key.column.table.name for key in table.foreign_keys} - {table.name})


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    return place[0] * (BOX_W + GAP_X) + GAP_X // 2, place[1] * (BOX_H + GAP_Y) + GAP_Y // 2


def _box(name: str, place: tuple[int, int]) -> str:
    x, y = _corner(place)
    return (
        f'<rect x="{x}" y="{y}" width="{BOX_W}" height="{BOX_H}" rx="5" fill="#e8eef5" stroke="#5b7fa6"/>'
        f'<text x="{x + BOX_W // 2}" y="{y + BOX_H // 2 + 5}" text-anchor="middle" fill="#1c2b3a">{escape(name)}</text>'
    )


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    """Draw from the edge of one box to the edge of another."""
    (x1, y1), (x2, y2) = (tuple(edge) for edge in (_middle(start), _middle(end)))
    dx, dy = x2 - x1, y2 - y1
    share = min(abs(BOX_W / 2 / dx) if dx else 9.0, abs(BOX_H / 2 / dy) if dy else 9.0)
    ax, ay, bx, by = x1 + dx * share, y1 + dy * share, x2 - dx * share, y2 - dy * share
    return f'<path d="M{ax:.0f} {ay:.0f}L{bx:.0f} {by:.0f}" stroke="#7a8794" fill="none" marker-end="url(#tip)"/>'


def _middle(place: tuple[int, int]) -> tuple[float, float]:
    x, y = _corner(place)
    return x + BOX_W / 2, y + BOX_H / 2
