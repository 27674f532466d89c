"""Write files atomically, compressed according to their names."""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from ingest.errors import IngestError

GZIP_LEVEL = 6  # gzip's own; 9 takes twice the time for 1 % of text


class Out:
    """A file being written. `stream` takes bytes; `close` syncs the file to disk."""

    def __init__(self, file: IO[bytes], packing: str | None) -> None:
        self.file = file
        self.stream = _packed(file, packing)
        self.beside: Path | None = None  # the temporary file, where there is one

    def close(self) -> None:
        """Finish the compression and sync, before an export is recorded as done."""
        if self.stream is not self.file:
            self.stream.close()
        self.file.flush()
        with suppress(OSError):  # pipes and devices cannot be synced
            os.fsync(self.file.fileno())


def packing(target: Path) -> str | None:
    """Return how a file of that name is compressed: gz, zst or None."""
    suffix = target.suffix.lower().removeprefix(".")
    return suffix if suffix in ("gz", "zst") else None


@contextmanager
def whole_file(target: Path, *, packed: bool = True) -> Iterator[Out]:
    """Yield a temporary file that replaces the target on leaving; after an error the target is unchanged.

    A pipe or device is written directly; of a symbolic link its destination is replaced. Raises IngestError when the
    target cannot be written.
    """
    how = packing(target) if packed else None
    place = target.resolve()
    beside: str | None = None
    try:
        if place.exists() and not place.is_file():
            with place.open("wb") as device:
                yield Out(device, how)
            return
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False) as file:
            beside = file.name
            out = Out(file, how)
            out.beside = Path(beside)
            yield out
        Path(beside).chmod(0o666 & ~_umask())
        Path(beside).replace(place)
        _sync_folder(place.parent)
    except FileNotFoundError as error:
        raise IngestError(f"{target}: cannot be written: there is no folder {place.parent}; make it first") from error
    except OSError as error:
        raise IngestError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Have a new name on disk."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _packed(file: IO[bytes], packing: str | None) -> IO[bytes]:
    if packing == "gz":
        return cast(IO[bytes], gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=GZIP_LEVEL, mtime=0))
    if packing == "zst":
        return cast(IO[bytes], _zstd().ZstdFile(file, mode="wb"))
    return file


def _zstd() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
