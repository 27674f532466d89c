"""Headers of WARC records, our own and other archives', and the errors that damaged records raise."""

from __future__ import annotations

import zlib

from warcio.exceptions import ArchiveLoadFailed

SOURCE_HEADER = "Ingest-Source"  # extension fields, as ISO 28500 section 4 allows
ASKED_HEADER = "Ingest-Asked-URI"
# transfer headers; the record holds the decoded body, so they are stored under another name
TRAVEL_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})
KEPT_AS = "X-Archive-Orig-"  # the prefix that pywb uses for the same

# What warcio raises for a truncated or damaged record: it does not check for missing fields.
DAMAGE = (ArchiveLoadFailed, EOFError, zlib.error, ValueError, IndexError, KeyError, AttributeError, TypeError)


def headers_as_sent(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Undo the renaming of headers; the original Content-Length replaces that of the record."""
    renamed = {name.removeprefix(KEPT_AS).lower() for name, _ in headers if name.startswith(KEPT_AS)}
    return tuple((name.removeprefix(KEPT_AS), value) for name, value in headers if name.lower() not in renamed)
