"""WARC files, Common Crawl's and others', as streams: a record that is broken costs itself, what follows is read on."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from ingest.archives.capture import BAD_RECORD, NO_PAGE, NOT_OK, REVISIT, TOO_LARGE, TRUNCATED, UNREADABLE, Capture
from ingest.model import Page
from ingest.snapshots.warc_headers import ASKED_HEADER, DAMAGE, headers_as_sent

OK = 200
PAGE_TYPES = ("text/html", "application/xhtml+xml", "")  # "": the server did not say
READ_BYTES = 1 << 16
SEARCH_BYTES = 1 << 20
ONE_MEMBER = "non-chunked gzip"  # what warcio says of a file that was packed as a whole
GZIP_START = b"\x1f\x8b\x08"
RECORD_START = b"\r\n\r\nWARC/1"
NEVER = datetime.min.replace(tzinfo=UTC)


Take = Callable[[Any, int], Capture | None]  # what is wanted of a record at an offset


class _Records(ArchiveIterator):  # type: ignore[misc]  # warcio ships no types
    """warcio's iterator, which would write its doubts to stderr."""

    INC_RECORD = ""


def captures(path: Path, *, most_bytes: int) -> Iterator[Capture]:
    """Give what each response of a WARC file holds. Bodies of more than `most_bytes` are refused while unpacking."""
    return _read(path, lambda record, offset: _capture(record, offset, most_bytes))


def addresses(path: Path) -> Iterator[str]:
    """Give the addresses of a WARC file's responses; the bodies are passed over."""
    for capture in _read(path, _address):
        if capture.page is not None:
            yield capture.page.url


def _read(path: Path, take: Take) -> Iterator[Capture]:
    try:
        with path.open("rb") as file:
            yield from _Reading(file, take).captures()
    except OSError:
        yield Capture(reason=UNREADABLE)


class _Reading:
    """The reading of one file, past damaged records."""

    def __init__(self, file: BinaryIO, take: Take) -> None:
        self.file = file
        self.take = take
        self.read = 0  # records, over all
        self.skip = 0  # records given already, when the file is read again otherwise
        self.bad_at = -1  # offset of the last record that was told as bad

    def captures(self) -> Iterator[Capture]:
        """Give what each response holds."""
        start: int | None = 0
        while start is not None:
            start = yield from self._until_damage(start)

    def _until_damage(self, start: int) -> Generator[Capture, None, int | None]:
        """Read on from an offset; return that of the next sound record behind a damaged one, None at the end."""
        self.file.seek(start)
        records = _Records(self.file)
        try:
            for record in records:
                self.read += 1
                capture = self.take(record, records.offset)
                if capture is None or self.read <= self.skip:
                    continue
                if capture.reason == BAD_RECORD:
                    self.bad_at = records.offset
                yield capture
        except DAMAGE as error:
            if isinstance(error, ArchiveLoadFailed) and ONE_MEMBER in str(error):
                return self._as_one_member()
            if self.bad_at != records.offset:
                yield Capture(reason=BAD_RECORD, offset=records.offset)
            self.bad_at = -1
            return _next_record(self.file, max(records.offset, start) + 1)
        return None

    def _as_one_member(self) -> int:
        """Go on with a file that was packed as a whole, not by the record, from its start."""
        self.file.seek(0)
        self.file = gzip.GzipFile(fileobj=self.file)  # type: ignore[assignment]  # it reads and seeks
        self.skip, self.read = self.read, 0
        return 0


def _capture(record: Any, offset: int, most_bytes: int) -> Capture | None:
    """Return what a record holds; None for those that are no captures: requests, descriptions of the file."""
    if record.rec_type == "revisit":
        return Capture(reason=REVISIT, offset=offset)
    if record.rec_type not in ("response", "resource"):
        return None
    try:
        page, reason = _page(record, most_bytes)
    except DAMAGE:
        page, reason = None, BAD_RECORD
    return Capture(page=page, reason=reason, offset=offset)


def _address(record: Any, offset: int) -> Capture | None:
    """Return a capture without its body."""
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    if record.rec_type not in ("response", "resource") or not url.startswith(("http:", "https:")):
        return None
    empty = Page(url=url, final_url=url, source="", status=OK, headers=(), body=b"", fetched_at=NEVER)
    return Capture(page=empty, offset=offset)


def _page(record: Any, most_bytes: int) -> tuple[Page | None, str]:
    headers, http = record.rec_headers, record.http_headers
    url = headers.get_header("WARC-Target-URI").strip("<> ")  # some writers of WARC 1.0 put it in brackets
    fetched_at = datetime.fromisoformat(headers.get_header("WARC-Date")).astimezone(UTC)
    if not url.startswith(("http:", "https:")):
        return None, NO_PAGE
    status = int(http.get_statuscode()) if http is not None else OK
    sent = () if http is None else headers_as_sent(http.headers)
    media = _media_type(sent) if http is not None else headers.get_header("Content-Type", "")
    if status != OK:
        return None, NOT_OK
    if media.partition(";")[0].strip().lower() not in PAGE_TYPES:
        return None, NO_PAGE
    if headers.get_header("WARC-Truncated"):
        return None, TRUNCATED
    body = _bounded(record.content_stream(), most_bytes)
    if len(body) > most_bytes:
        return None, TOO_LARGE
    if record.raw_stream.limit > 0 and not record.raw_stream.read(1):
        return None, BAD_RECORD  # the file ends before the record does
    asked = headers.get_header(ASKED_HEADER) or url
    page = Page(url=asked, final_url=url, source="", status=status, headers=sent, body=body, fetched_at=fetched_at)
    return page, ""


def _bounded(stream: Any, most_bytes: int) -> bytes:
    """Return what a stream gives, one byte more than `most_bytes` at most."""
    parts: list[bytes] = []
    left = most_bytes + 1
    while left > 0 and (part := stream.read(min(left, READ_BYTES))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _media_type(headers: tuple[tuple[str, str], ...]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _next_record(file: BinaryIO, start: int) -> int | None:
    """Return the offset of the next record behind damage: a gzip member that is one, or a record in the open."""
    file.seek(start)
    kept = b""
    at = start  # of the first byte of `kept`
    while data := file.read(SEARCH_BYTES):
        kept += data
        for found in _starts(kept):
            if _is_record(kept, found):
                return at + found
        keep = min(len(kept), READ_BYTES)  # a start may lie across two reads
        at, kept = at + len(kept) - keep, kept[-keep:]
    return None


def _starts(data: bytes) -> list[int]:
    """Return where members or records may begin, in order."""
    places = []
    for mark, shift in ((GZIP_START, 0), (RECORD_START, 4)):
        place = data.find(mark)
        while place >= 0:
            places.append(place + shift)
            place = data.find(mark, place + 1)
    return sorted(places)


def _is_record(data: bytes, place: int) -> bool:
    """Tell whether a record begins there; the magic of gzip stands in other bytes by chance."""
    if not data.startswith(GZIP_START, place):
        return True
    try:
        head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[place : place + READ_BYTES], 16)
    except zlib.error:
        return False
    return head.startswith(b"WARC/")
