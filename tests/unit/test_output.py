"""Tables in a terminal: no cell is broken over lines, whatever the width."""

from __future__ import annotations

import click
import pytest
from rich.console import Console

from ingest.cli.support import output
from ingest.errors import how_to_install

ROWS = [
    {
        "source": "harbour-post",
        "asked": "2026-11-30 06:17",
        "new": 12,
        "url": "https://harbour.example/a/long/path",
        "cause": "",
    },
    {"source": "hill-weekly", "asked": "2026-11-29 18:02", "new": 1200, "url": "https://hill.example/", "cause": ""},
]
COLUMNS = ("source", "asked", "new", "url", "cause")


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120, 160])
def test_a_table_breaks_no_cell_and_fits(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("rich.console.Console", lambda: Console(width=width))
    output.print_rows(ROWS, COLUMNS, numbers=("new",))
    printed = capsys.readouterr()
    lines = [line for line in click.unstyle(printed.out).splitlines() if line.strip()]
    assert len(lines) == 2 + len(ROWS)  # heading, rule, one line a row
    assert [line for line in lines if len(line) > width] == []
    assert lines[2].split()[0] == "harbour-post"
    if width >= 40:
        assert "2026-11-30 06:17" in lines[2]
    if width >= 120:
        assert "https://harbour.example/a/long/path" in lines[2]
        assert printed.err == ""
    if width <= 60:
        assert "cause" in printed.err  # an empty column goes first


def test_the_hint_names_what_an_extra_needs() -> None:
    hint = how_to_install("fleet")
    assert " -m pip install " in hint
    assert "procrastinate" in hint
    assert "psycopg" in hint  # of the extra that fleet names
    assert "ingest[" not in hint
