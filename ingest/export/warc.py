"""WARC: the raw pages of the latest revisions, each record copied as it was written when the page was fetched,
but for cookies that older versions kept.

Holds url, fetched, and the page that all other columns were extracted from. Articles without a raw page (not kept,
pruned, or imported as text) are left out; equal pages share one record.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import IO

from ingest.errors import SnapshotError
from ingest.export.edition import Edition
from ingest.model import RecordLocation
from ingest.snapshots import record_at
from ingest.snapshots.warc_headers import without_session
from ingest.store import StoredArticle
from ingest.version import __version__

GZIPPED = b"\x1f\x8b"
RECORD = b"WARC/"


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write the records and return of how many articles. Raises SnapshotError for a missing raw page."""
    from warcio.warcwriter import WARCWriter

    head = BytesIO()
    writer = WARCWriter(head, gzip=edition.packed, warc_version="1.1")
    about = {"software": f"ingest {__version__}", "format": "WARC File Format 1.1", "description": edition.title}
    writer.write_record(writer.create_warcinfo_record("", about))
    out.write(head.getvalue())
    count = 0
    written: set[tuple[str, int]] = set()
    for stored in articles:
        place = stored.article.place
        if place is None:
            continue
        count += 1
        for raw in (place, *(part.place for part in stored.article.parts if part.place)):
            if (raw.file, raw.offset) not in written:
                written.add((raw.file, raw.offset))
                out.write(_record(raw, edition))
    return count


def _record(place: RecordLocation, edition: Edition) -> bytes:
    packed = record_at(edition.home, place, storage=edition.storage)
    try:
        plain = zlib.decompress(packed, zlib.MAX_WBITS | 16) if packed.startswith(GZIPPED) else packed
    except zlib.error:
        plain = b""
    if not plain.startswith(RECORD):
        raise SnapshotError(f"{edition.home / place.file}: no record at offset {place.offset}; was the file replaced?")
    clean = without_session(plain)
    if not edition.packed:
        return clean
    as_it_is = packed.startswith(GZIPPED) and clean is plain
    return packed if as_it_is else zlib.compress(clean, wbits=zlib.MAX_WBITS | 16)
