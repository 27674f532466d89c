"""Settings for Datasette, a browser of SQLite files: canned questions, facets and search over our tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

OURS = "ingest"  # what the database is called in the file that ships
SETTINGS = Path(__file__).with_name("datasette.json")


def settings(database: Path) -> dict[str, Any]:
    """Return the metadata for a database file: Datasette knows it by its name without suffix."""
    read: dict[str, Any] = json.loads(SETTINGS.read_text(encoding="utf-8"))
    read["databases"] = {database.stem: read["databases"][OURS]}
    read["description_html"] = read["description_html"].replace(f"/{OURS}/", f"/{database.stem}/")
    return read
