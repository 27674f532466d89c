"""Raw pages in WARC files: write one, read one, read all; recover the files of killed runs.

A run writes one file under `raw/` of the home, one gzip member per record, and begins another at a size limit.
Every record is flushed to the operating system before its RecordLocation is returned, so a killed process leaves a
readable file; the next run truncates an incomplete last record. This package does not interpret the pages.

writing.py, reading.py, format.py    WARC files of a run; killed.py those of killed runs; asked.py the request log
remote.py    finished files in a shared place; erase.py takedown; home_backup.py a copy with database and sources
warc_headers.py, warc_dates.py, payload.py    headers, dates and content of any archive's records
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
