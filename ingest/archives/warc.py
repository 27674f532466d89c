"""WARC and ARC files as streams, plain, gzipped or with Zstandard: a damaged record costs itself, the rest is read."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from ingest.archives import pdf
from ingest.archives.capture import (
    BAD_RECORD,
    NO_PAGE,
    NOT_OK,
    REVISIT,
    TOO_LARGE,
    TRUNCATED,
    UNDECODABLE,
    UNREADABLE,
    Capture,
)
from ingest.archives.selection import Selection
from ingest.archives.streams import ZSTD_MAGIC, ZstdError, ZstdFrames, is_zstd
from ingest.errors import UrlError
from ingest.model import Page
from ingest.snapshots.payload import PayloadError, payload
from ingest.snapshots.warc_dates import capture_moment
from ingest.snapshots.warc_headers import ASKED_HEADER, DAMAGE, headers_as_sent
from ingest.web.urls import normalise

OK = 200
PAGE_TYPES = ("text/html", "application/xhtml+xml", "")  # "": the server did not say
READ_BYTES = 1 << 16
SEARCH_BYTES = 1 << 20
ONE_MEMBER = "non-chunked gzip"  # what warcio says of a file that was compressed as a whole
GZIP_START = b"\x1f\x8b\x08"
RECORD_START = re.compile(rb"\r\n\r\n(?=WARC/1)|\n(?=(?:https?|filedesc)://\S+ \S+ \d{8,14} \S+ \d+\r?\n)")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
RECORD_HEAD = re.compile(rb"WARC/|(?:https?|filedesc)://\S")
NEVER = datetime.min.replace(tzinfo=UTC)
REASONS = {
    "truncated": BAD_RECORD,  # the file ends within the record, or a stream within the body
    "too-large": TOO_LARGE,
    "bomb": TOO_LARGE,
    "bad-encoding": UNDECODABLE,
}
BROKEN = (*DAMAGE, ZstdError)

Take = Callable[[Any, int], Capture | None]  # what is wanted of a record at an offset


class _Records(ArchiveIterator):  # type: ignore[misc]  # warcio ships no types
    """warcio's iterator without its messages on stderr; ARC records look like WARC records."""

    INC_RECORD = ""

    def __init__(self, file: Any) -> None:
        super().__init__(file, arc2warc=True)


def captures(path: Path, *, most_bytes: int, selection: Selection) -> Iterator[Capture]:
    """Give what each response of a file holds. Bodies of more than `most_bytes` are refused while decoding."""
    try:
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with path.open("rb") as file:
            yield from captures_of(file, most_bytes=most_bytes, selection=selection, written_at=written_at)
    except OSError:
        yield Capture(reason=UNREADABLE)


def captures_of(
    file: BinaryIO, *, most_bytes: int, selection: Selection, written_at: datetime | None
) -> Iterator[Capture]:
    """Give what each response of an open file holds. `written_at`: when the file existed already."""
    taker = _Taker(most_bytes, selection, written_at)
    yield from _Reading(file, taker.capture).captures()


def addresses(path: Path, *, selection: Selection) -> Iterator[str]:
    """Give the addresses of the responses that a selection wants; the bodies are skipped."""
    try:
        with path.open("rb") as file:
            yield from addresses_of(file, selection=selection)
    except OSError:
        return


def addresses_of(file: BinaryIO, *, selection: Selection) -> Iterator[str]:
    """Give the addresses of the responses of an open file."""
    taker = _Taker(0, selection, None)
    for capture in _Reading(file, taker.address).captures():
        if capture.page is not None:
            yield capture.page.url


class _Reading:
    """The reading of one file, past damaged records."""

    def __init__(self, file: BinaryIO, take: Take) -> None:
        self.file = file
        self.take = take
        self.read = 0  # records so far
        self.skip = 0  # records given already, when the file is read again in another way
        self.bad_at = -1  # offset of the last record that was given as bad
        self.frames: ZstdFrames | None = None
        file.seek(0)
        self.is_zstd = is_zstd(file.read(4))

    def captures(self) -> Iterator[Capture]:
        """Give what each response holds."""
        start: int | None = 0
        while start is not None:
            start = yield from self._until_damage(start)

    def _opened(self, start: int) -> Any:
        if self.is_zstd:
            self.frames = ZstdFrames(self.file, start)
            return self.frames  # not buffered: what stands before a damaged frame would be lost
        self.file.seek(start)
        return self.file

    def _at(self, records: _Records) -> int:
        """Return an offset in the file for a record: of its frame, of its gzip member, or its own."""
        return self.frames.frame_at if self.frames is not None else int(records.offset)

    def _until_damage(self, start: int) -> Generator[Capture, None, int | None]:
        """Read on from an offset; return that of the next intact record behind a damaged one, None at the end."""
        try:
            records = _Records(self._opened(start))
        except BROKEN:
            yield Capture(reason=BAD_RECORD, offset=start)
            return None
        try:
            for record in records:
                if not _is_sound(record):
                    raise ArchiveLoadFailed("no record")
                self.read += 1
                capture = self.take(record, self._at(records))
                if capture is None or self.read <= self.skip:
                    continue
                if capture.reason == BAD_RECORD:
                    self.bad_at = self._at(records)
                yield capture
        except BROKEN as error:
            if isinstance(error, ArchiveLoadFailed) and ONE_MEMBER in str(error):
                return self._as_one_member()
            at = self._at(records)
            if self.bad_at != at:
                yield Capture(reason=BAD_RECORD, offset=at)
            self.bad_at = -1
            return self._next_record(max(at, start) + 1)
        return None

    def _next_record(self, start: int) -> int | None:
        """Return the offset of the next record behind damage; None without, and where nothing more can be unpacked."""
        try:
            return _next_record(self.file, start)
        except BROKEN:  # the one gzip member of a file that was compressed as a whole
            return None

    def _as_one_member(self) -> int:
        """Go on with a file that was compressed as a whole, not record by record, from its start."""
        self.file.seek(0)
        self.file = gzip.GzipFile(fileobj=self.file)  # type: ignore[assignment]  # it reads and seeks
        self.skip, self.read = self.read, 0
        return 0


class _Taker:
    """Makes captures of records."""

    def __init__(self, most_bytes: int, selection: Selection, written_at: datetime | None) -> None:
        self.most_bytes = most_bytes
        self.selection = selection
        self.written_at = written_at

    def capture(self, record: Any, offset: int) -> Capture | None:
        """Return what a record holds; None for those that are no captures: requests, descriptions of the file."""
        if record.rec_type == "revisit":
            return Capture(reason=REVISIT, offset=offset)
        if record.rec_type not in ("response", "resource"):
            return None
        try:
            page, reason = self._page(record)
        except PayloadError as error:
            page, reason = None, REASONS[error.reason]
        except DAMAGE:
            page, reason = None, BAD_RECORD
        return Capture(page=page, reason=reason, offset=offset)

    def address(self, record: Any, offset: int) -> Capture | None:
        """Return a capture without its body."""
        try:
            url = _url(record)
            if record.rec_type not in ("response", "resource") or not url.startswith(("http:", "https:")):
                return None
            if not _is_address(url):
                return None
            if self.selection.unwanted(url, self._moment(record)):
                return None
        except DAMAGE:
            return None
        empty = Page(url=url, final_url=url, source="", status=OK, headers=(), body=b"", fetched_at=NEVER)
        return Capture(page=empty, offset=offset)

    def _moment(self, record: Any) -> datetime:
        return capture_moment(record.rec_headers.get_header("WARC-Date"), latest=self.written_at)

    def _page(self, record: Any) -> tuple[Page | None, str]:
        headers, http = record.rec_headers, record.http_headers
        url = _url(record)
        fetched_at = self._moment(record)
        if not url.startswith(("http:", "https:")):
            return None, NO_PAGE
        asked = headers.get_header(ASKED_HEADER) or url
        if not (_is_address(url) and _is_address(asked)):
            return None, BAD_RECORD
        status = int(http.get_statuscode()) if http is not None else OK
        sent = () if http is None else headers_as_sent(http.headers)
        media = _media_type(sent) if http is not None else headers.get_header("Content-Type", "")
        media = media.partition(";")[0].strip().lower()
        if status != OK:
            return None, NOT_OK
        is_pdf = media == pdf.MEDIA_TYPE and pdf.available()
        if media not in PAGE_TYPES and not is_pdf:
            return None, NO_PAGE
        if reason := self.selection.unwanted(asked, fetched_at):
            return None, reason
        if headers.get_header("WARC-Truncated"):
            return None, TRUNCATED
        body = payload(record, pdf.MAX_BYTES if is_pdf else self.most_bytes)
        if is_pdf:
            made = pdf.as_page(body)
            if made is None:
                return None, NO_PAGE
            body, sent = made, pdf.HEADERS
        page = Page(url=asked, final_url=url, source="", status=status, headers=sent, body=body, fetched_at=fetched_at)
        reason = self.selection.unwanted_page(page) if self.selection.languages else ""
        return (None, reason) if reason else (page, "")


def _is_sound(record: Any) -> bool:
    """Tell whether warcio has found a record: in damaged data it takes any line of five words for one of ARC."""
    if record.rec_type in ("response", "resource", "revisit"):
        return bool(SCHEME.match(_url(record)))
    return isinstance(record.rec_type, str)


def _url(record: Any) -> str:
    url: str = record.rec_headers.get_header("WARC-Target-URI") or ""
    return url.strip("<> ")  # some writers of WARC 1.0 put it in brackets


def _is_address(url: str) -> bool:
    """Tell whether a crawl could have asked for an address: damage in a record's head makes others."""
    try:
        normalise(url)
    except UrlError:
        return False
    return True


def _media_type(headers: tuple[tuple[str, str], ...]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _next_record(file: BinaryIO, start: int) -> int | None:
    """Return the offset of the next record behind damage: a gzip member or frame that begins with one, or its line."""
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
    """Return where members, frames or records may begin, in order."""
    places = [match.end() for match in RECORD_START.finditer(data)]
    for mark in (GZIP_START, ZSTD_MAGIC):
        place = data.find(mark)
        while place >= 0:
            places.append(place)
            place = data.find(mark, place + 1)
    return sorted(places)


def _is_record(data: bytes, place: int) -> bool:
    """Tell whether a record begins there; the marks of compression stand in other bytes by chance."""
    if data.startswith(GZIP_START, place):
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[place : place + READ_BYTES], 16)
        except zlib.error:
            return False
        return bool(RECORD_HEAD.match(head))
    if data.startswith(ZSTD_MAGIC, place):
        try:
            head = ZstdFrames(io.BytesIO(data[place : place + READ_BYTES])).read(16) or b""
        except (ZstdError, EOFError):
            return False
        return bool(RECORD_HEAD.match(head))
    return True
