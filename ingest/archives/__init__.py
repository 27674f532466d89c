"""Archives of pages -> captures: WARC files, folders of HTML or text, CDX listings. Nothing is fetched.

A capture is a page with the moment it was captured at, or the reason why a record gives none. Records are read one at a
time, so memory does not grow with the file, and a bad one costs itself.
"""

from ingest.archives.capture import BAD, BAD_RECORD, Archive, ArchiveKind, Capture
from ingest.archives.files import archives
from ingest.archives.reading import addresses, captures, listed

__all__ = ["BAD", "BAD_RECORD", "Archive", "ArchiveKind", "Capture", "addresses", "archives", "captures", "listed"]
