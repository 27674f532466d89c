"""Backups of an SQLite database, made while others write."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from ingest.errors import NoDatabase, StoreError, WrongUse
from ingest.store.db.engine import BUSY_S, file_of, named, url_of


def backup(database_url: str, target: Path) -> int:
    """Write a consistent copy of the database to `target`, which must not be there yet; return its bytes.

    A crawl may go on meanwhile and is not held up. The copy appears under its name only when it is whole and sound.
    """
    url = url_of(database_url)
    file = file_of(url)
    if file is None:
        raise WrongUse(
            f"{named(url)}: back up PostgreSQL with its own tool: pg_dump --format=custom --file={target} URL"
        )
    if not file.exists():
        raise NoDatabase(f"{file}: there is no database to back up")
    if target.exists():
        raise WrongUse(f"{target} exists; name another file or remove it")
    if not target.parent.is_dir():
        raise StoreError(f"{target}: cannot be written: there is no folder {target.parent}; make it first")
    part = target.with_name(f"{target.name}.part")
    try:
        _copy(file, part)
        part.replace(target)
    except (OSError, sqlite3.Error) as cause:
        raise StoreError(f"{target}: the backup could not be written: {cause}") from cause
    finally:
        for left in (part, part.with_name(part.name + "-journal")):
            left.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(file: Path, part: Path) -> None:
    part.unlink(missing_ok=True)
    read_only = f"{file.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(read_only, uri=True, timeout=BUSY_S)) as source,
        closing(sqlite3.connect(part)) as copy,
    ):
        source.backup(copy)  # in one step: a reader's snapshot, so writers neither wait nor make it start again
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself; opening it makes it WAL again
        (result,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if result != "ok":
            raise sqlite3.DatabaseError(f"the copy is not sound: {result}; run: ingest db check")
    with part.open("rb") as whole:
        os.fsync(whole.fileno())
