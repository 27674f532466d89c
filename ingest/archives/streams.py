"""Decompressed files: gzip member by member, Zstandard frame by frame, with or without a dictionary."""

from __future__ import annotations

import gzip
import io
import struct
import sys
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from ingest.errors import WrongUse

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
# A dictionary for all frames of a file, in a skippable frame at its start, itself compressed or not:
# https://iipc.github.io/warc-specifications/specifications/warc-zstd/
DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
DICTIONARY_MAX_BYTES = 64 << 20
LOOK_BYTES = 4096
READ_BYTES = 1 << 16
ZstdError = zstd.ZstdError


class ZstdFrames(io.RawIOBase):
    """The content of Zstandard frames from an offset on. `frame_at` is the offset of the frame being read."""

    def __init__(self, file: BinaryIO, start: int = 0, *, closes: bool = False) -> None:
        super().__init__()
        self._closes = closes
        self._file = file
        self._dictionary = _dictionary(file)
        file.seek(max(start, self._dictionary[1]))
        self.frame_at = file.tell()
        self._unpacker = self._new()
        self._packed = b""
        self._position = 0

    def _new(self) -> Any:
        return zstd.ZstdDecompressor(zstd_dict=self._dictionary[0])

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def close(self) -> None:
        """Close the file too, if it was opened for this."""
        if self._closes:
            self._file.close()
        super().close()

    def tell(self) -> int:
        """Return the offset in the decompressed content."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer. Raises ZstdError for damage and EOFError for a frame that ends early."""
        while True:
            if self._unpacker.eof:
                self._packed = self._unpacker.unused_data
                self.frame_at = self._file.tell() - len(self._packed)
                if not self._packed:
                    self._packed = self._file.read(READ_BYTES)
                    if not self._packed:
                        return 0
                self._unpacker = self._new()
            piece = self._packed
            if not piece and self._unpacker.needs_input:
                piece = self._file.read(READ_BYTES)
                if not piece:
                    if self._file.tell() == self.frame_at:
                        return 0
                    raise EOFError("the file ends within a frame")
            self._packed = b""
            data = self._unpacker.decompress(piece, len(buffer))
            if data:
                buffer[: len(data)] = data
                self._position += len(data)
                return len(data)


def _dictionary(file: BinaryIO) -> tuple[Any, int]:
    """Return the dictionary of a file, None without one, and the offset behind it."""
    file.seek(0)
    head = file.read(8)
    if not head.startswith(DICTIONARY_MAGIC) or len(head) < 8:
        return None, 0
    (size,) = struct.unpack("<L", head[4:])
    if size > DICTIONARY_MAX_BYTES:
        raise zstd.ZstdError(f"a dictionary of {size:,} bytes")
    data = file.read(size)
    if data.startswith(ZSTD_MAGIC):
        data = zstd.ZstdDecompressor().decompress(data, DICTIONARY_MAX_BYTES)
    return zstd.ZstdDict(data), 8 + size


def is_zstd(head: bytes) -> bool:
    """Tell whether a file that begins so is compressed with Zstandard."""
    return head.startswith((ZSTD_MAGIC, DICTIONARY_MAGIC))


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file, decompressed. Raises WrongUse for a file that cannot be opened."""
    try:
        with path.open("rb") as file:
            head = file.read(LOOK_BYTES)
            if head.startswith(GZIP_MAGIC):
                return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, LOOK_BYTES)
            if is_zstd(head):
                return ZstdFrames(file).read(LOOK_BYTES) or b""
    except (zlib.error, ZstdError, EOFError):
        pass
    except OSError as error:
        raise WrongUse(f"{path}: cannot be read: {error.strerror or error}") from error
    return head


def opened(path: Path) -> BinaryIO:
    """Open a file for reading its decompressed bytes. Raises OSError."""
    file = path.open("rb")
    head = file.read(4)
    file.seek(0)
    if head.startswith(GZIP_MAGIC):
        file.close()
        return gzip.open(path)  # type: ignore[return-value]  # it reads as one
    if is_zstd(head):
        return io.BufferedReader(ZstdFrames(file, closes=True), READ_BYTES)
    return file


def unpacked(path: Path, most_bytes: int) -> bytes:
    """Return the decompressed bytes of a file, at most `most_bytes` and one more. Raises OSError."""
    try:
        with opened(path) as file:
            return file.read(most_bytes + 1)
    except (EOFError, zlib.error, ZstdError) as error:
        raise OSError(str(error)) from error
