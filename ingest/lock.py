"""One run per database and shard, by locks that the operating system or the server takes back when a process dies.

Beside an SQLite file lies FILE.lock, locked with flock; on PostgreSQL it is an advisory lock. A shard shares the whole
database's lock with the other shards and holds its own alone, so that shards run side by side and a whole run excludes
them all. Reading and exporting take none.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import Locked, StoreError
from ingest.store.locks import advisory, is_file

WHOLE = "ingest run"  # name of the lock of a whole database on PostgreSQL


@contextmanager
def held(database_url: str, *, shard: str | None = None) -> Iterator[None]:
    """Hold the run lock of a database, or of a shard such as "2/5".

    Raises Locked, naming the holder where it is known, and StoreError where no lock can be made.
    """
    file = is_file(database_url)
    with ExitStack() as locks:
        if file is None:
            _hold_advisory(locks, database_url, WHOLE, shared=shard is not None)
            if shard is not None:
                _hold_advisory(locks, database_url, f"{WHOLE} {shard}", shared=False)
        else:
            path = Path(file)
            locks.enter_context(_flock(path.with_name(path.name + ".lock"), shared=shard is not None))
            if shard is not None:
                name = shard.replace("/", "-of-")
                locks.enter_context(_flock(path.with_name(f"{path.name}.{name}.lock"), shared=False))
        yield


def _hold_advisory(locks: ExitStack, database_url: str, name: str, *, shared: bool) -> None:
    application = f"ingest run, pid {os.getpid()}"
    holder = locks.enter_context(advisory(database_url, name, shared=shared, application=application))
    if holder is not None:
        raise Locked(f"another run holds the lock: {holder}; wait for it to end")


@contextmanager
def _flock(path: Path, *, shared: bool) -> Iterator[None]:
    """Hold a file lock; the file stays, empty or naming its last holder."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as cause:
        raise StoreError(f"{path}: {cause.strerror}; see that the folder exists and is writable") from cause
    try:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "a shard"
            raise Locked(f"another run holds {path}: {holder}; wait for it to end") from None
        _HELD.add(descriptor)
        _write_holder(descriptor, shared=shared)
        yield
    finally:
        _HELD.discard(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing alone would leave it to a child forked just now
        os.close(descriptor)


def _write_holder(descriptor: int, *, shared: bool) -> None:
    """Say who holds the lock, for the message of the next who comes; on a full disk it goes without."""
    said = "" if shared else f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n"
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, said.encode(), 0)
    except OSError:
        return


def _let_go() -> None:
    """Close the locks in a forked child, which would keep them when we are gone."""
    while _HELD:
        os.close(_HELD.pop())


_HELD: set[int] = set()
os.register_at_fork(after_in_child=_let_go)
