"""Recover raw files of killed runs: truncate incomplete records and hand the files to the next run."""

from __future__ import annotations

import fcntl
import logging
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest.events import event
from ingest.snapshots.format import FOLDER, OPEN_MARK, SUFFIX, mark_of

log = logging.getLogger(__name__)

READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """A raw file of a killed run."""

    path: Path
    owner: str  # as given to its Writer
    cut_bytes: int  # of an incomplete record, truncated

    @property
    def name(self) -> str:
        """The file name as in a RecordLocation."""
        return f"{FOLDER}/{self.path.name}"


@contextmanager
def recovered(home: Path) -> Iterator[tuple[Killed, ...]]:
    """Yield the raw files of killed runs without incomplete records; afterwards they count as finished files.

    After an error they stay marked for the next call. Files that another run is writing are not among them.
    """
    with ExitStack() as held:
        found = []
        for mark in sorted((home / FOLDER).glob(f"*{OPEN_MARK}")):
            file = held.enter_context(mark.open("rb"))
            if not _ours(file):
                continue
            path = mark.with_name(mark.name.removesuffix(OPEN_MARK))
            found.append(Killed(path=path, owner=file.read().decode(), cut_bytes=_take_off_cut_record(path)))
        yield tuple(one for one in found if one.path.exists())
        for one in found:
            one.path.with_name(one.path.name + OPEN_MARK).unlink(missing_ok=True)


def finished(home: Path) -> tuple[Path, ...]:
    """Return the raw files that are neither being written nor left by a killed run, oldest first."""
    files = sorted((home / FOLDER).glob(f"*{SUFFIX}"))
    return tuple(file for file in files if not mark_of(file).exists())


def _ours(mark: BinaryIO) -> bool:
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take_off_cut_record(path: Path) -> int:
    if not path.exists():
        return 0
    whole = whole_bytes(path)
    cut = path.stat().st_size - whole
    if cut:
        with path.open("r+b") as file:
            file.truncate(whole)
        event(log, logging.INFO, "truncated record removed", file=path.name, bytes=cut)
    if not whole:
        path.unlink()
    return cut


def whole_bytes(path: Path) -> int:
    """Return the length in bytes of the complete gzip members at the start."""
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
