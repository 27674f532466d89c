"""Raw pages in WARC files: write one, read one, read all; and what a killed run leaves beside them.

A run writes into one open file under `raw/` of the home, gzipped record by record, and begins the next file when it is
large. Every record is handed to the operating system before its Place is given out, so a killed process leaves a
readable file; a record cut by the kill is taken off before the next run. What the pages mean is not known here.
"""

from ingest.snapshots.format import FOLDER, SUFFIX
from ingest.snapshots.killed import Killed, finished, recovered, whole_bytes
from ingest.snapshots.reading import read, read_all, record_at
from ingest.snapshots.writing import Writer

__all__ = [
    "FOLDER",
    "SUFFIX",
    "Killed",
    "Writer",
    "finished",
    "read",
    "read_all",
    "record_at",
    "recovered",
    "whole_bytes",
]
