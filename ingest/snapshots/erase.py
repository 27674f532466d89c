"""Take raw pages out of WARC files for good, without moving the records beside them.

A record is overwritten in place by a short record of the same length: the following records keep their offsets, every
index stays valid, and archive tools still read the file. Do not call this while the file is being copied elsewhere.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

from ingest.errors import SnapshotError
from ingest.model import RecordLocation
from ingest.snapshots.remote import overwrite

RECORD = (
    b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: <urn:ingest:erased:%d>\r\n"
    b"WARC-Date: 1970-01-01T00:00:00Z\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nerased\r\n\r\n"
)
COMMENT_FLAG = 0x10  # RFC 1952: a comment of any length, ended by a zero byte, that readers skip
UNKNOWN_SYSTEM = 0xFF


def erase(home: Path, places: Iterable[RecordLocation], *, storage: str = "") -> int:
    """Overwrite the records at these locations, in the home or in the remote storage; return how many.

    A file that no longer exists is passed over. Raises SnapshotError for a file that cannot be written; a repetition
    is harmless.
    """
    erased = 0
    for place in places:
        path = home / place.file
        try:
            _overwrite(path, place, storage)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SnapshotError(f"{path}: cannot erase a raw page: {error.strerror}; then run it again") from error
        erased += 1
    return erased


def _overwrite(path: Path, place: RecordLocation, storage: str) -> None:
    try:
        with path.open("r+b") as file:
            file.seek(place.offset)
            file.write(stand_in(place.length, place.offset))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        if not storage:
            raise
        overwrite(storage, path.name, place.offset, stand_in(place.length, place.offset))


def stand_in(length: int, number: int) -> bytes:
    """Return a gzip member of exactly that many bytes, which holds a WARC record with the payload "erased".

    The comment of the gzip member fills the remaining bytes. `number` makes the record id unique within the file.
    """
    record = RECORD % number
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(record) + packer.flush()
    head = struct.pack("<2sBBLBB", b"\x1f\x8b", 8, COMMENT_FLAG, 0, 0, UNKNOWN_SYSTEM)
    tail = struct.pack("<LL", zlib.crc32(record), len(record))
    padding = length - len(head) - len(packed) - len(tail) - 1
    if padding < 0:
        raise SnapshotError(f"a raw page of {length} bytes is too short to be one of ours; nothing was erased")
    return head + b" " * padding + b"\0" + packed + tail
