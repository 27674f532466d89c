"""Headers of WARC records, our own and other archives', and the errors that damaged records raise."""

from __future__ import annotations

import re
import zlib

from warcio.exceptions import ArchiveLoadFailed

SOURCE_HEADER = "Ingest-Source"  # extension fields, as ISO 28500 section 4 allows
ASKED_HEADER = "Ingest-Asked-URI"
# transfer headers; the record holds the decoded body, so they are stored under another name
TRAVEL_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})
SESSION_HEADERS = frozenset({"set-cookie", "set-cookie2"})  # a visit of ours: never kept, never exported
KEPT_AS = "X-Archive-Orig-"  # the prefix that pywb uses for the same

# What warcio raises for a truncated or damaged record: it does not check for missing fields.
DAMAGE = (ArchiveLoadFailed, EOFError, zlib.error, ValueError, IndexError, KeyError, AttributeError, TypeError)


_END = b"\r\n\r\n"
_SESSION_LINE = re.compile(rb"(?im)^set-cookie2?[ \t]*:[^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*\r?\n")
_LENGTH = re.compile(rb"(?im)^(content-length:[ \t]*)(\d+)")
_BLOCK_DIGEST = re.compile(rb"(?im)^warc-block-digest:[^\r\n]*\r\n")


def without_session(record: bytes) -> bytes:
    """Return a response record without a visit's headers, its length put right. Older versions kept them.

    The digest of the payload stays true, that of the whole block does not and is left out.
    """
    head, end, rest = record.partition(_END)
    http, http_end, body = rest.partition(_END)
    kept = _SESSION_LINE.sub(b"", http + b"\r\n").removesuffix(b"\r\n")
    if not http_end or kept == http:
        return record
    head = _BLOCK_DIGEST.sub(b"", head + b"\r\n").removesuffix(b"\r\n")
    shorter = len(http) - len(kept)
    head = _LENGTH.sub(lambda found: b"%s%d" % (found[1], int(found[2]) - shorter), head, count=1)
    return head + end + kept + http_end + body


def headers_as_sent(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Undo the renaming of headers; the original Content-Length replaces that of the record."""
    renamed = {name.removeprefix(KEPT_AS).lower() for name, _ in headers if name.startswith(KEPT_AS)}
    return tuple((name.removeprefix(KEPT_AS), value) for name, value in headers if name.lower() not in renamed)
