"""The names that the files of a home declare, and their addresses; nothing is checked, no other value is looked at."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path

from ingest.config import SOURCES_FILE

FOLDER = "sources.d"


def declared(home: Path) -> dict[str, str]:
    """Return the addresses of the sources by name; a file that cannot be read is left out."""
    found: dict[str, str] = {}
    for file in (home / SOURCES_FILE, *sorted((home / FOLDER).glob("*.toml"))):
        with suppress(OSError, ValueError):
            tables = tomllib.loads(file.read_text("utf-8-sig")).get("sources", {})
            for name, table in tables.items() if isinstance(tables, dict) else ():
                found[name] = str(table.get("url", "")) if isinstance(table, dict) else ""
    return found
