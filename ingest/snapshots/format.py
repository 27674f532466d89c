"""Folder and names of raw files."""

from __future__ import annotations

from pathlib import Path

FOLDER = "raw"  # in the home
SUFFIX = ".warc.gz"
OPEN_MARK = ".open"  # a lock file beside the WARC file being written; an unlocked one belongs to a killed run


def mark_of(path: Path) -> Path:
    """Return the lock file of a WARC file that is being written."""
    return path.with_name(path.name + OPEN_MARK)
