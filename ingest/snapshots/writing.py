"""Write raw pages: one file per run, one gzip member per page."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections import OrderedDict
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from isal import isal_zlib
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import BaseWARCWriter

from ingest.errors import SnapshotError, disk_refused
from ingest.model import Page, RecordLocation
from ingest.snapshots.format import FOLDER, SUFFIX, mark_of
from ingest.snapshots.warc_headers import ASKED_HEADER, KEPT_AS, SESSION_HEADERS, SOURCE_HEADER, TRAVEL_HEADERS
from ingest.text.normalize import digest
from ingest.version import __version__

MAX_FILE_BYTES = 1_000_000_000  # the usual size of WARC files in archives (ISO 28500, annex: 1 GB)
GZIP_LEVEL = 2  # of 0 to 3; real pages of 193 KB: 0.45 ms, 42.1 KB; zlib's 4: 2.8 ms, 38.2 KB; warcio's 9: 6.3 ms, 35.4
KNOWN_DIGESTS = (
    20_000  # bodies of this run whose locations are remembered, so that equal bytes are written once; at most 4 MB
)


class Writer:
    """Writes the pages of one run. A context manager; the file is created with the first page.

    After an error the file keeps its mark like that of a killed run, because its pages may not be in the database.
    `owner` is written into the mark and names the database that may recover the pages.
    """

    def __init__(self, home: Path, *, owner: str = "", max_file_bytes: int = MAX_FILE_BYTES) -> None:
        self.home = home
        self.owner = owner
        self.max_file_bytes = max_file_bytes
        self._file: BinaryIO | None = None
        self._mark: BinaryIO | None = None  # locked while the file is being written
        self._path = Path()
        self._number = 0
        self._known: OrderedDict[str, RecordLocation] = OrderedDict()
        self._unsynced = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(whole=kind is None)

    def write(
        self, page: Page, known: RecordLocation | None = None, *, body_digest: str | None = None
    ) -> RecordLocation:
        """Write a page and return its location; a body that this run or `known` has is not written again.

        `body_digest` saves computing the digest of the body. Raises SnapshotError when the file cannot be written; the
        records before it stay readable.
        """
        body_digest = body_digest or digest(page.body)
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
                with suppress(OSError):  # report the first error
                    file.seek(offset)
                    file.truncate()
                raise
        except OSError as error:
            raise SnapshotError(f"{self._path}: cannot write a raw page: {disk_refused(error)}") from error
        place = RecordLocation(
            file=f"{FOLDER}/{self._path.name}", offset=offset, length=file.tell() - offset, digest=body_digest
        )
        self._unsynced = True
        self._known[body_digest] = place
        if len(self._known) > KNOWN_DIGESTS:
            self._known.popitem(last=False)
        return place

    def sync(self) -> None:
        """Sync what was written since the last time to disk, so that it survives a loss of power."""
        if self._file is None or not self._unsynced:
            return
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise SnapshotError(f"{self._path}: cannot write a raw page: {disk_refused(error)}") from error
        self._unsynced = False

    def close(self, *, whole: bool = True) -> None:
        """Close the open file, if any; without `whole` it stays marked like the file of a killed run."""
        if self._file is None:
            return
        file, self._file = self._file, None
        with suppress(OSError):
            os.fsync(file.fileno())
        with suppress(OSError):  # no location was returned for unflushed bytes
            file.close()
        if whole:
            mark_of(self._path).unlink(missing_ok=True)
        if self._mark is not None:
            self._mark.close()

    def _opened(self) -> BinaryIO:
        if self._file is not None and self._file.tell() >= self.max_file_bytes:
            self.close()
        if self._file is None:
            self._number += 1
            folder = self.home / FOLDER
            folder.mkdir(parents=True, exist_ok=True)
            # random part: files of several machines may begin at the same moment, and containers share host name and
            # process id
            stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
            random_part = secrets.token_hex(4)
            self._path = folder / f"ingest-{stamp}-{os.getpid()}-{random_part}-{self._number:05}{SUFFIX}"
            self._mark = mark_of(self._path).open("wb")
            fcntl.flock(self._mark, fcntl.LOCK_EX)
            self._mark.write(self.owner.encode())
            self._mark.flush()
            self._file = self._path.open("xb", buffering=1 << 18)
            _RecordWriter(self._file).write_record(_file_info(self._path.name))
        return self._file


class _RecordWriter(BaseWARCWriter):  # type: ignore[misc]  # warcio ships no types
    """warcio's writer with a faster gzip."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__(gzip=False, warc_version="1.1")
        self.out = out

    def write_record(self, record: Any, params: Any = None) -> None:
        """Append one record as one gzip member."""
        member = _Member(self.out)
        self._write_warc_record(member, record)
        member.close()


class _Member:
    """One gzip member, written with one call."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.packer = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, isal_zlib.MAX_WBITS | 16)
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
    """HTTP headers unchanged: warcio would percent-encode non-ASCII characters."""

    def compute_headers_buffer(self, header_filter: Any = None) -> None:
        """Write them in UTF-8."""
        self.headers_buff = self.to_bytes(header_filter, "utf-8")


def _record(page: Page) -> Any:
    headers = [
        (f"{KEPT_AS}{name}" if name.lower() in TRAVEL_HEADERS else name, value)
        for name, value in page.headers
        if name.lower() not in SESSION_HEADERS
    ]
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
    """Return the text without characters that end a header line."""
    return "".join(char for char in text if char not in "\r\n\0").encode("utf-8", "replace").decode()
