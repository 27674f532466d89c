"""Remote storage: a shared folder or an object store that finished raw files are moved to, so that other machines read
them.

A file is written completely in the home and then moved: object stores cannot append, and other machines do not see a
lock in a shared folder. Until it is moved, only the machine that wrote it can read it. Folders need no extra; addresses
such as s3://bucket/raw go through fsspec, with the credentials that its driver finds.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ingest.errors import SettingsError, SnapshotError, how_to_install
from ingest.events import event
from ingest.web.redact import redacted

log = logging.getLogger(__name__)

PART = ".part"  # a copy under way: never read, replaced by the next try


class RemoteStorage:
    """A folder or an address. Names are those of raw files, without folders; errors are OSError or SnapshotError."""

    def __init__(self, place: str) -> None:
        self.place = place.rstrip("/")
        self.shown = redacted(self.place)  # a driver's address may hold a login
        self._folder = _folder_of(self.place)

    def keep(self, file: Path) -> None:
        """Copy a finished file there; an incomplete copy never gets its name."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f"{file.name}{PART}"
            shutil.copyfile(file, part)
            with part.open("rb") as copied:
                os.fsync(copied.fileno())
            part.replace(self._folder / file.name)
            return
        system, root = self._system()
        system.makedirs(root, exist_ok=True)
        system.put_file(str(file), f"{root}/{file.name}")
        if system.size(f"{root}/{file.name}") != file.stat().st_size:
            raise SnapshotError(f"{self.shown}/{file.name}: the copy has another length; the next run tries again")

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Return a part of a file, fewer bytes at its end. Raises FileNotFoundError."""
        if self._folder is not None:
            with (self._folder / name).open("rb") as file:
                file.seek(offset)
                return file.read(length)
        system, root = self._system()
        data: bytes = system.cat_file(f"{root}/{name}", start=offset, end=offset + length)
        return data

    def overwrite(self, name: str, offset: int, data: bytes) -> None:
        """Overwrite a part of a file. Raises FileNotFoundError."""
        if self._folder is not None:
            with (self._folder / name).open("r+b") as file:
                file.seek(offset)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            return
        system, root = self._system()
        whole = bytearray(system.cat_file(f"{root}/{name}"))
        whole[offset : offset + len(data)] = data
        system.pipe_file(f"{root}/{name}", bytes(whole))

    def remove(self, name: str) -> None:
        """Delete a file; a missing one is no error."""
        if self._folder is not None:
            (self._folder / name).unlink(missing_ok=True)
            return
        system, root = self._system()
        with suppress(FileNotFoundError):
            system.rm_file(f"{root}/{name}")

    def _system(self) -> tuple[Any, str]:
        try:
            import fsspec
        except ModuleNotFoundError as cause:
            raise SettingsError(f"INGEST_RAW_PLACE {self.shown} needs fsspec; {how_to_install('fleet')}") from cause
        try:
            system, root = fsspec.core.url_to_fs(self.place)
        except (ImportError, ValueError) as cause:
            raise SettingsError(f"INGEST_RAW_PLACE {self.shown} cannot be reached: {_one_line(cause)}") from cause
        return system, str(root).rstrip("/")


def _folder_of(place: str) -> Path | None:
    if place.startswith("file://"):
        return Path(unquote(urlsplit(place).path))
    return None if "://" in place else Path(place).expanduser()


def store_away(place: str, files: Iterable[Path]) -> int:
    """Move finished files to the remote storage; return how many. One that cannot be moved stays for the next run."""
    storage = RemoteStorage(place)
    moved = 0
    for file in files:
        try:
            storage.keep(file)
        except (SettingsError, FileNotFoundError):
            if file.exists():
                raise
            continue  # another crawl of this home has moved it
        except Exception as error:  # drivers raise any type; the file is still in the home
            event(
                log,
                logging.WARNING,
                "raw file not moved",
                file=file.name,
                place=storage.shown,
                error=_one_line(error),
            )
            break
        with suppress(FileNotFoundError):
            file.unlink()
        moved += 1
    return moved


def fetch(place: str, name: str, offset: int, length: int) -> bytes:
    """Return a part of a file in the remote storage. Raises OSError, FileNotFoundError where there is none."""
    try:
        return RemoteStorage(place).read(name, offset, length)
    except (OSError, SettingsError):
        raise
    except Exception as error:  # drivers raise any type
        raise OSError(_one_line(error)) from error


def overwrite(place: str, name: str, offset: int, data: bytes) -> None:
    """Overwrite a part of a file in the remote storage. Raises OSError, FileNotFoundError where there is none."""
    try:
        RemoteStorage(place).overwrite(name, offset, data)
    except (OSError, SettingsError):
        raise
    except Exception as error:
        raise OSError(_one_line(error)) from error


def remove(place: str, name: str) -> None:
    """Delete a file in the remote storage. Raises OSError when that fails."""
    try:
        RemoteStorage(place).remove(name)
    except (OSError, SettingsError):
        raise
    except Exception as error:
        raise OSError(_one_line(error)) from error


def _one_line(error: Exception) -> str:
    return redacted(" ".join(f"{type(error).__name__}: {error}".split()))[:200]
