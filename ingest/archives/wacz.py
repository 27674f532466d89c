"""WACZ: a ZIP file of WARC files with index and list of pages. Only the WARC files are read, nothing is fetched.

https://specs.webrecorder.net/wacz/1.1.1/
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from ingest.archives import warc
from ingest.archives.capture import UNREADABLE, Capture
from ingest.archives.selection import Selection

WARCS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")
NESTED = ".wacz"  # a WACZ file may hold others
MAX_DEPTH = 2
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError, OSError)


def captures(path: Path, *, most_bytes: int, selection: Selection) -> Iterator[Capture]:
    """Give what each response of the WARC files within holds."""
    try:
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for file in _files(path):
            yield from warc.captures_of(file, most_bytes=most_bytes, selection=selection, written_at=written_at)
    except BROKEN:  # what zipfile raises for damage, for a password, for a compression it does not know
        yield Capture(reason=UNREADABLE)


def addresses(path: Path, *, selection: Selection) -> Iterator[str]:
    """Give the addresses of the responses."""
    try:
        for file in _files(path):
            yield from warc.addresses_of(file, selection=selection)
    except BROKEN:
        return


def _files(path: Path) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(path) as whole:
        yield from _inner(whole, MAX_DEPTH)


def _inner(whole: zipfile.ZipFile, depth: int) -> Iterator[BinaryIO]:
    for name in sorted(whole.namelist()):
        if name.endswith(WARCS):
            with closing(whole.open(name)) as file:
                yield cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, file), 1 << 16))
        elif name.endswith(NESTED) and depth:
            with whole.open(name) as file, zipfile.ZipFile(file) as nested:
                yield from _inner(nested, depth - 1)
