"""Archives of pages -> captures; nothing is fetched.

WARC, ARC and WACZ files; folders of HTML, text and PDF; pages saved as MHTML, SingleFile and webarchive; newsletters as
mail; listings of captures (CDX). A capture is a page with its moment, or the reason why a record gives none. Records
are read one at a time, so memory does not grow with the file, and a bad one costs itself.
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
