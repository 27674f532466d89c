"""A copy of a whole home to go on from, database, raw pages and sources.toml, made also while a crawl writes.

The database is copied first, then the raw files: whatever the copied rows point to was on the disk before their commit.
A file that a crawl is writing keeps its mark in the copy, so that the next run there treats it as a killed run's.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.config import DATABASE_FILE, SOURCES_FILE
from ingest.errors import IngestError, WrongUse, disk_refused
from ingest.snapshots import FOLDER, SUFFIX
from ingest.snapshots.format import OPEN_MARK
from ingest.store import backup

SOURCES_FOLDER = "sources.d"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeBackup:
    """What was copied."""

    database_bytes: int
    raw_files: int
    raw_bytes: int


def backup_home(database_url: str, home: Path, target: Path) -> HomeBackup:
    """Copy database, raw pages and sources files into a folder that must not be there yet.

    It appears under its name when it is whole. Secret files that sources.toml names stay out. Raises WrongUse for a
    folder that is there and for PostgreSQL, NoDatabase, and IngestError when the disk refuses.
    """
    if target.exists():
        raise WrongUse(f"{target} exists; name a new folder, or remove it")
    if target.resolve().is_relative_to((home / FOLDER).resolve()):
        raise WrongUse(f"{target} lies in the folder that is copied; name one elsewhere")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as beside:
            made = Path(beside) / "home"
            (made / FOLDER).mkdir(parents=True)
            for mark in _files(home / FOLDER, f"*{OPEN_MARK}"):
                _copied(mark, made / FOLDER / mark.name)
            size = backup(database_url, made / DATABASE_FILE)
            files, raw_bytes = _copy_raw(home / FOLDER, made / FOLDER)
            _copy_sources(home, made)
            made.rename(target)
    except OSError as error:
        raise IngestError(f"{target}: {disk_refused(error)}") from error
    return HomeBackup(database_bytes=size, raw_files=files, raw_bytes=raw_bytes)


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    return (file for file in sorted(folder.glob(pattern)) if file.is_file())


def _copied(file: Path, copy: Path) -> bool:
    """Copy a file; False when it went away meanwhile, as a mark does at the end of a run."""
    try:
        shutil.copy2(file, copy)
    except FileNotFoundError:
        return False
    return True


def _copy_raw(folder: Path, copy: Path) -> tuple[int, int]:
    """Copy the raw files, each with its mark before it; return how many, and their bytes."""
    count = size = 0
    for file in _files(folder, f"*{SUFFIX}"):
        mark = file.with_name(file.name + OPEN_MARK)
        if mark.exists():
            _copied(mark, copy / mark.name)
        if _copied(file, copy / file.name):
            count += 1
            size += (copy / file.name).stat().st_size
    return count, size


def _copy_sources(home: Path, copy: Path) -> None:
    files = [home / SOURCES_FILE] if (home / SOURCES_FILE).is_file() else []
    more = list(_files(home / SOURCES_FOLDER, "*.toml"))
    if more:
        (copy / SOURCES_FOLDER).mkdir()
    for file in (*files, *more):
        shutil.copy2(file, copy / file.relative_to(home))
