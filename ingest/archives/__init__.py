"""Archives of pages -> captures; nothing is fetched.

WARC, ARC and WACZ files; folders of HTML, text and PDF; pages saved as MHTML, SingleFile and webarchive; newsletters as
mail; listings of captures (CDX). A capture is a page with its moment, or the reason why a record gives none. Records
are read one at a time, so memory does not grow with the file, and a bad one costs itself.

reading.py      the captures of any archive; selection.py which of them are wanted; capture.py the values
warc.py, wacz.py, folders.py, messages.py, pdf.py, texts.py    one kind each; streams.py decompresses
cdx.py          listings; files.py which files are imported, and of which kind
"""

from ingest.archives.capture import BAD, BAD_RECORD, Archive, ArchiveKind, Capture
from ingest.archives.files import archives
from ingest.archives.reading import addresses, captures, listed
from ingest.archives.selection import EVERYTHING, Selection

__all__ = [
    "BAD",
    "BAD_RECORD",
    "EVERYTHING",
    "Archive",
    "ArchiveKind",
    "Capture",
    "Selection",
    "addresses",
    "archives",
    "captures",
    "listed",
]
