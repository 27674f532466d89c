"""Where our raw files lie and what they are called, for whoever writes and whoever reads them."""

from __future__ import annotations

from pathlib import Path

FOLDER = "raw"  # in the home
SUFFIX = ".warc.gz"
OPEN_MARK = ".open"  # a locked file beside the WARC file being written; not locked: its run was killed


def mark_of(path: Path) -> Path:
    """Return the file that says, while it is locked, that a WARC file is being written."""
    return path.with_name(path.name + OPEN_MARK)
