"""Raw pages in WARC files: write one, read one, read all.

A run writes into one open file under `raw/` of the home, gzipped record by record, and begins the next file when it is
large. Every record is handed to the operating system before its Place is given out, so a killed process leaves a
readable file; a record cut by the kill is taken off by the next Writer. What the pages mean is not known here.
"""

from __future__ import annotations

import fcntl
import logging
import os
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import BaseWARCWriter

from ingest import __version__
from ingest.errors import SnapshotError
from ingest.events import event
from ingest.model import Page, Place
from ingest.text import digest

log = logging.getLogger(__name__)

FOLDER = "raw"  # in the home
SUFFIX = ".warc.gz"
OPEN_MARK = ".open"  # an empty, locked file beside the WARC file being written; not locked: its run was killed
MAX_FILE_BYTES = 1_000_000_000  # the usual size of WARC files in archives (ISO 28500, annex: 1 GB)
GZIP_LEVEL = 4  # real pages of 190 KB: 2.6 ms, 37.5 KB; level 9 of warcio 6.3 ms, 35.4 KB; level 1 1.5 ms, 42.5 KB
KNOWN_DIGESTS = 20_000  # bodies of this run remembered so that equal bytes are written once; 4 MB at most
READ_BYTES = 1 << 16

SOURCE_HEADER = "Ingest-Source"  # extension fields, as ISO 28500 section 4 allows
ASKED_HEADER = "Ingest-Asked-URI"
# these tell how the bytes travelled, not what they are: kept under another name, the record holds the decoded body
TRAVEL_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"})
KEPT_AS = "X-Archive-Orig-"  # the prefix other archivers use for the same


class Writer:
    """Writes the pages of one run. A context manager; the file is made with the first page."""

    def __init__(self, home: Path, *, max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self.home = home
        self.max_file_bytes = max_file_bytes
        self._file: BinaryIO | None = None
        self._mark: BinaryIO | None = None  # locked as long as the file is written
        self._path = Path()
        self._number = 0
        self._known: OrderedDict[str, Place] = OrderedDict()
        recover(home)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, page: Page, known: Place | None = None) -> Place:
        """Write a page and return its place; bytes of this run or of `known` are not written a second time.

        Raises SnapshotError when the disk does not take it; what was written before stays readable.
        """
        body_digest = digest(page.body)
        if known is not None and known.digest == body_digest:
            return known
        if body_digest in self._known:
            self._known.move_to_end(body_digest)
            return self._known[body_digest]
        try:
            file = self._opened()
            offset = file.tell()
            try:
                _RecordWriter(file).write_record(_record(page))
                file.flush()
            except OSError:
                with suppress(OSError):  # the first error is the one to tell
                    file.seek(offset)
                    file.truncate()
                raise
        except OSError as error:
            raise SnapshotError(f"{self._path}: cannot write a raw page: {error.strerror or error}") from error
        place = Place(
            file=f"{FOLDER}/{self._path.name}", offset=offset, length=file.tell() - offset, digest=body_digest
        )
        self._known[body_digest] = place
        if len(self._known) > KNOWN_DIGESTS:
            self._known.popitem(last=False)
        return place

    def sync(self) -> None:
        """Have the operating system put on disk what was written, so that it outlives a loss of power."""
        if self._file is not None:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Finish the open file, if there is one."""
        if self._file is None:
            return
        file, self._file = self._file, None
        with suppress(OSError):
            os.fsync(file.fileno())
        with suppress(OSError):  # what could not be flushed was never given a place
            file.close()
        _mark(self._path).unlink(missing_ok=True)
        if self._mark is not None:
            self._mark.close()

    def _opened(self) -> BinaryIO:
        if self._file is not None and self._file.tell() >= self.max_file_bytes:
            self.close()
        if self._file is None:
            self._number += 1
            folder = self.home / FOLDER
            folder.mkdir(parents=True, exist_ok=True)
            # the process number keeps two runs apart that begin at the same moment (several shards on one home)
            stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
            self._path = folder / f"ingest-{stamp}-{os.getpid()}-{self._number:05}{SUFFIX}"
            self._mark = _mark(self._path).open("wb")
            fcntl.flock(self._mark, fcntl.LOCK_EX)
            self._file = self._path.open("xb", buffering=1 << 18)
            _RecordWriter(self._file).write_record(_file_info(self._path.name))
        return self._file


class _RecordWriter(BaseWARCWriter):  # type: ignore[misc]  # warcio ships no types
    """warcio's writer with a lighter gzip."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__(gzip=False, warc_version="1.1")
        self.out = out

    def write_record(self, record: Any, params: Any = None) -> None:
        """Append one record as one gzip member."""
        member = _Member(self.out)
        self._write_warc_record(member, record)
        member.close()


class _Member:
    """One gzip member; written to the file in one piece."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Compress."""
        self.parts.append(self.packer.compress(data))

    def flush(self) -> None:
        """Do nothing: warcio calls it at the end of a record, `close` does the work."""

    def close(self) -> None:
        """Write the member."""
        self.parts.append(self.packer.flush())
        self.out.write(b"".join(self.parts))


class _Headers(StatusAndHeaders):  # type: ignore[misc]  # warcio ships no types
    """HTTP headers as they are: warcio would percent-encode all beyond ASCII."""

    def compute_headers_buffer(self, header_filter: Any = None) -> None:
        """Write them in UTF-8."""
        self.headers_buff = self.to_bytes(header_filter, "utf-8")


def _record(page: Page) -> Any:
    headers = [(f"{KEPT_AS}{name}" if name.lower() in TRAVEL_HEADERS else name, value) for name, value in page.headers]
    headers.append(("Content-Length", str(len(page.body))))
    http = _Headers(f"{page.status} ", [(_one_line(n), _one_line(v)) for n, v in headers], protocol="HTTP/1.1")
    return _RecordWriter(BytesIO()).create_warc_record(
        _one_line(page.final_url),
        "response",
        payload=BytesIO(page.body),
        length=len(page.body),
        http_headers=http,
        warc_headers_dict={
            "WARC-Date": _warc_date(page.fetched_at),
            SOURCE_HEADER: _one_line(page.source),
            ASKED_HEADER: _one_line(page.url),
        },
    )


def _file_info(name: str) -> Any:
    return _RecordWriter(BytesIO()).create_warcinfo_record(
        name, {"software": f"ingest {__version__}", "format": "WARC File Format 1.1"}
    )


def _warc_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _one_line(text: str) -> str:
    """Return the text without what would end a header line early."""
    return "".join(char for char in text if char not in "\r\n\0").encode("utf-8", "replace").decode()


def _mark(path: Path) -> Path:
    return path.with_name(path.name + OPEN_MARK)


# ---------------------------------------------------------------- reading


def read(home: Path, place: Place) -> Page:
    """Return the page at a place. Raises SnapshotError when file or record is not there or not what it was."""
    path = home / place.file
    try:
        with path.open("rb") as file:
            file.seek(place.offset)
            record = BytesIO(file.read(place.length))
        page = next((page for page, _ in _pages(record, place.file)), None)
    except OSError as error:
        raise SnapshotError(f"{path}: cannot read a raw page: {error.strerror or error}") from error
    if page is None or digest(page.body) != place.digest:
        raise SnapshotError(f"{path}: no page with digest {place.digest} at offset {place.offset}; was it replaced?")
    return replace(page, place=place)


def read_all(path: Path) -> Iterator[Page]:
    """Yield every page of a WARC file, ours or another archive's, gzipped or not, with its place relative to the file.

    A record that is cut ends the reading with a warning; what stands before it was yielded. Raises SnapshotError when
    the file cannot be opened or is no WARC file.
    """
    try:
        with path.open("rb") as file:
            for page, (offset, length) in _pages(file, path.name):
                place = Place(file=path.name, offset=offset, length=length, digest=digest(page.body))
                yield replace(page, place=place)
    except OSError as error:
        raise SnapshotError(f"{path}: cannot read: {error.strerror or error}") from error


def _pages(file: BinaryIO, name: str) -> Iterator[tuple[Page, tuple[int, int]]]:
    records = ArchiveIterator(file)
    count = 0
    try:
        for record in records:
            count += 1
            page = _page_of(record)
            if page is not None:
                yield page, (records.get_record_offset(), records.get_record_length())
    except (ArchiveLoadFailed, EOFError, zlib.error) as error:
        if not count:
            raise SnapshotError(f"{name}: not a WARC file: {error}") from error
        event(log, logging.WARNING, "raw file ends in a cut record", file=name, records=count)


def _page_of(record: Any) -> Page | None:
    """Return the page of a record; None for records that hold none or a cut one."""
    headers = record.rec_headers
    url = headers.get_header("WARC-Target-URI")
    moment = headers.get_header("WARC-Date")
    if record.rec_type != "response" or record.http_headers is None or not url or not moment:
        return None
    if not url.startswith(("http:", "https:")):
        return None
    body = record.content_stream().read()
    status = record.http_headers.get_statuscode()
    length = record.http_headers.get_header("Content-Length")
    own = headers.get_header(SOURCE_HEADER)
    if own is not None and length is not None and length.isdigit() and int(length) != len(body):
        raise EOFError(f"{len(body)} of {length} bytes")
    return Page(
        url=headers.get_header(ASKED_HEADER) or url,
        final_url=url,
        source=own or "",
        status=int(status) if status.isdigit() else 0,
        headers=_headers_as_sent(record.http_headers.headers),
        body=body,
        fetched_at=datetime.fromisoformat(moment).astimezone(UTC),
    )


def _headers_as_sent(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Undo the renaming; the length of the record gives way to the length that was sent."""
    renamed = {name.removeprefix(KEPT_AS).lower() for name, _ in headers if name.startswith(KEPT_AS)}
    return tuple((name.removeprefix(KEPT_AS), value) for name, value in headers if name.lower() not in renamed)


# ---------------------------------------------------------------- after a kill


def recover(home: Path) -> int:
    """Cut half-written records off files whose run was killed. Returns how many bytes went."""
    lost = 0
    for mark in sorted((home / FOLDER).glob(f"*{OPEN_MARK}")):
        with mark.open("rb") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # another run is writing it
            lost += _take_off_cut_record(mark.with_name(mark.name.removesuffix(OPEN_MARK)))
            mark.unlink(missing_ok=True)
    return lost


def _take_off_cut_record(path: Path) -> int:
    if not path.exists():
        return 0
    whole = whole_bytes(path)
    cut = path.stat().st_size - whole
    if cut:
        with path.open("r+b") as file:
            file.truncate(whole)
        event(log, logging.WARNING, "cut record taken off", file=path.name, bytes=cut)
    if not whole:
        path.unlink()
    return cut


def whole_bytes(path: Path) -> int:
    """Return how many bytes from the start are whole gzip members."""
    whole = 0
    with path.open("rb") as file:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        seen = 0
        while data := file.read(READ_BYTES):
            seen += len(data)
            while data:
                try:
                    unpacker.decompress(data)
                except zlib.error:
                    return whole
                data = b""
                if unpacker.eof:
                    data = unpacker.unused_data
                    whole = seen - len(data)
                    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    return whole
