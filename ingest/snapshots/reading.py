"""Read raw pages: one at its location, or all of a WARC file, our own or another archive's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator

from ingest.errors import SnapshotError
from ingest.events import event
from ingest.model import Page, RecordLocation
from ingest.snapshots.payload import PayloadError, payload
from ingest.snapshots.remote import fetch
from ingest.snapshots.warc_dates import capture_moment
from ingest.snapshots.warc_headers import ASKED_HEADER, DAMAGE, SOURCE_HEADER, headers_as_sent
from ingest.text.normalize import digest

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1 << 30  # a stored page was bounded when it was fetched; a setting may have been raised
BAD_FIELDS = (
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)  # raised for wrong field values in an otherwise intact record


def read(home: Path, place: RecordLocation, *, storage: str = "") -> Page:
    """Return the page at a location in the home, else in the remote storage.

    Raises SnapshotError when the file or record is missing or has another digest.
    """
    path = home / place.file
    record = BytesIO(record_at(home, place, storage=storage))
    page = next((page for page, _ in _pages(record, place.file)), None)
    if page is None or digest(page.body) != place.digest:
        raise SnapshotError(f"{path}: no page with digest {place.digest} at offset {place.offset}; was it replaced?")
    return replace(page, place=place)


def record_at(home: Path, place: RecordLocation, *, storage: str = "") -> bytes:
    """Return the bytes of a record as stored in its file, compressed or not, without parsing them.

    Raises SnapshotError when they cannot be read.
    """
    path = home / place.file
    try:
        try:
            with path.open("rb") as file:
                file.seek(place.offset)
                return file.read(place.length)
        except FileNotFoundError:
            if not storage:
                raise
            return fetch(storage, path.name, place.offset, place.length)
    except OSError as error:
        raise SnapshotError(f"{path}: cannot read a raw page: {error.strerror or error}") from error


def read_all(path: Path, *, start: int = 0) -> Iterator[Page]:
    """Yield every page of a WARC file, ours or another archive's, gzipped or not, with its location in the file.

    `start` is the offset of the first record to read. A truncated record ends the reading with a warning; the pages
    before it were yielded. Raises SnapshotError when
    the file cannot be opened or is no WARC file.
    """
    try:
        with path.open("rb") as file:
            file.seek(start)
            for page, (offset, length) in _pages(file, path.name):
                place = RecordLocation(file=path.name, offset=offset, length=length, digest=digest(page.body))
                yield replace(page, place=place)
    except OSError as error:
        raise SnapshotError(f"{path}: cannot read: {error.strerror or error}") from error


def _pages(file: BinaryIO, name: str) -> Iterator[tuple[Page, tuple[int, int]]]:
    records = ArchiveIterator(file)
    count = 0
    try:
        for record in records:
            count += 1
            try:
                page = _page_of(record)
            except BAD_FIELDS as error:
                event(log, logging.WARNING, "record passed over", file=name, record=count, why=str(error))
                continue
            if page is not None:
                yield page, (records.get_record_offset(), records.get_record_length())
    except DAMAGE as error:
        if not count:
            raise SnapshotError(f"{name}: not a WARC file: {error}") from error
        event(log, logging.WARNING, "raw file ends in a truncated record", file=name, records=count)


def _page_of(record: Any) -> Page | None:
    """Return the page of a record; None for a record of another type."""
    headers = record.rec_headers
    url = headers.get_header("WARC-Target-URI")
    moment = headers.get_header("WARC-Date")
    if record.rec_type != "response" or record.http_headers is None or not url or not moment:
        return None
    if not url.startswith(("http:", "https:")):
        return None
    status = record.http_headers.get_statuscode()
    try:
        body = payload(record, MAX_BODY_BYTES)
    except PayloadError as error:
        if error.reason == "truncated" and record.raw_stream.limit > 0:
            raise EOFError(f"{record.raw_stream.limit} bytes are missing") from error
        raise
    return Page(
        url=headers.get_header(ASKED_HEADER) or url,
        final_url=url,
        source=headers.get_header(SOURCE_HEADER) or "",
        status=int(status) if status.isdigit() else 0,
        headers=headers_as_sent(record.http_headers.headers),
        body=body,
        fetched_at=capture_moment(moment),
    )
