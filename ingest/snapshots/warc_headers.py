"""What is true of any WARC record, ours or another archive's: the fields that are ours, how it may be damaged."""

from __future__ import annotations

import zlib

from warcio.exceptions import ArchiveLoadFailed

SOURCE_HEADER = "Ingest-Source"  # extension fields, as ISO 28500 section 4 allows
ASKED_HEADER = "Ingest-Asked-URI"
# these tell how the bytes travelled, not what they are: kept under another name, the record holds the decoded body
TRAVEL_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})
KEPT_AS = "X-Archive-Orig-"  # the prefix other archivers use for the same

# What warcio raises at a record that is cut or damaged: it takes fields for given that may be missing.
DAMAGE = (ArchiveLoadFailed, EOFError, zlib.error, ValueError, IndexError, KeyError, AttributeError, TypeError)


def headers_as_sent(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Undo the renaming of headers; the length of the record gives way to the length that was sent."""
    renamed = {name.removeprefix(KEPT_AS).lower() for name, _ in headers if name.startswith(KEPT_AS)}
    return tuple((name.removeprefix(KEPT_AS), value) for name, value in headers if name.lower() not in renamed)
