"""What our WARC records look like, for whoever writes and whoever reads them."""

from __future__ import annotations

from pathlib import Path

FOLDER = "raw"  # in the home
SUFFIX = ".warc.gz"
OPEN_MARK = ".open"  # a locked file beside the WARC file being written; not locked: its run was killed
SOURCE_HEADER = "Ingest-Source"  # extension fields, as ISO 28500 section 4 allows
ASKED_HEADER = "Ingest-Asked-URI"
# these tell how the bytes travelled, not what they are: kept under another name, the record holds the decoded body
TRAVEL_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})
KEPT_AS = "X-Archive-Orig-"  # the prefix other archivers use for the same


def mark_of(path: Path) -> Path:
    """Return the file that says, while it is locked, that a WARC file is being written."""
    return path.with_name(path.name + OPEN_MARK)
