"""One run per database and shard, by locks that the operating system or the server takes back when a process dies.

Beside an SQLite file lies FILE.lock, locked with flock; on PostgreSQL it is an advisory lock. A shard shares the whole
database's lock with the other shards and the workers' crawls, and holds its own alone, so that they run side by side
and a whole run excludes them all. Reading and exporting take none.

Runs that share the database lock each polite unit before they send requests to it, so that one process at a time
fetches from a site.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import Locked, StoreError
from ingest.store.db.locks import Locks, is_file, number_of

WHOLE = "ingest run"  # name of the lock of a whole database on PostgreSQL
WORKER = "ingest worker"  # and of one crawl of a worker, numbered
UNIT = "ingest unit"  # and of a polite unit
ALL = "all"  # the holder of a whole database
POLL_S = 0.2  # between two tries to take the lock
MOST_CRAWLS = 1000  # of workers at a time, over all machines


@dataclass(slots=True)
class Held:
    """The run lock as held. This one is of a whole database: every polite unit is this process' own."""

    holder: str = ALL  # "all", "2/5" for a shard, "worker 7" for the seventh crawl of all workers
    shared: bool = False  # other runs are at work in the same database

    def take(self, unit: str) -> bool:
        """Try to have a polite unit for this process; False while another process has it."""
        return True

    def release(self, unit: str) -> None:
        """Leave a polite unit to others."""

    def check(self) -> None:
        """Raise StoreError when the locks were lost: another process may have taken them."""


@dataclass(slots=True)
class _OnServer(Held):
    """Polite units as advisory locks on the connection that holds the run's."""

    locks: Locks | None = None

    def take(self, unit: str) -> bool:
        assert self.locks is not None
        return not self.shared or self.locks.take(f"{UNIT} {unit}")

    def release(self, unit: str) -> None:
        assert self.locks is not None
        if self.shared:
            self.locks.release(f"{UNIT} {unit}")

    def check(self) -> None:
        assert self.locks is not None
        self.locks.check()


@dataclass(slots=True)
class _InFile(Held):
    """Polite units as single locked bytes of one empty file: no file for each, free when the process dies."""

    descriptor: int = -1

    def take(self, unit: str) -> bool:
        try:
            fcntl.lockf(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _byte_of(unit))
        except (BlockingIOError, PermissionError):  # either, says POSIX
            return False
        return True

    def release(self, unit: str) -> None:
        fcntl.lockf(self.descriptor, fcntl.LOCK_UN, 1, _byte_of(unit))


def _byte_of(unit: str) -> int:
    return number_of(unit) & 0x3FFF_FFFF_FFFF_FFFF  # the last byte of a file has to fit into 63 bits


@contextmanager
def held(database_url: str, *, shard: str | None = None, worker: bool = False) -> Iterator[Held]:
    """Hold the run lock of a database, of a shard such as "2/5", or of one crawl of a worker.

    Raises Locked, naming the holder where it is known, and StoreError where no lock can be made.
    """
    file = is_file(database_url)
    with ExitStack() as locks:
        if file is None:
            yield _on_server(locks, database_url, shard, worker=worker)
            return
        path = Path(file)
        locks.enter_context(_flock(path.with_name(path.name + ".lock"), shared=shard is not None))
        if shard is None:
            yield Held()
        else:
            name = shard.replace("/", "-of-")
            locks.enter_context(_flock(path.with_name(f"{path.name}.{name}.lock"), shared=False))
            descriptor = locks.enter_context(_opened(path.with_name(path.name + ".units.lock")))
            yield _InFile(holder=shard, shared=True, descriptor=descriptor)


def _on_server(stack: ExitStack, database_url: str, shard: str | None, *, worker: bool) -> Held:
    what = "crawl of ingest work" if worker else "ingest run"
    locks = stack.enter_context(Locks(database_url, application=f"{what}, pid {os.getpid()}"))
    shared = worker or shard is not None
    _take(locks, WHOLE, shared=shared)
    if worker:
        number = locks.take_first(WORKER, MOST_CRAWLS)
        if number is None:
            raise Locked(f"{MOST_CRAWLS} crawls of workers are under way; wait for one to end")
        return _OnServer(holder=f"worker {number}", shared=True, locks=locks)
    if shard is not None:
        _take(locks, f"{WHOLE} {shard}", shared=False)
        return _OnServer(holder=shard, shared=True, locks=locks)
    return _OnServer(locks=locks)


def _take(locks: Locks, name: str, *, shared: bool) -> None:
    if not locks.take(name, shared=shared):
        raise Locked(f"another run holds the lock: {locks.holder(name)}; wait for it to end")


@contextmanager
def in_turn(database_url: str, what: str, *, most_s: float = 60.0) -> Iterator[bool]:
    """Let one process at a time do something that parallel runs would do twice; False when the lock was never free."""
    deadline = time.monotonic() + most_s
    while True:
        with ExitStack() as stack:
            if _take_lock(stack, database_url, what) or time.monotonic() > deadline:
                yield time.monotonic() <= deadline
                return
        time.sleep(POLL_S)


def _take_lock(stack: ExitStack, database_url: str, what: str) -> bool:
    file = is_file(database_url)
    if file is None:
        locks = stack.enter_context(Locks(database_url, application=f"ingest {what}"))
        return locks.take(f"ingest {what}")
    path = Path(file)
    try:
        stack.enter_context(_flock(path.with_name(f"{path.name}.{what}.lock"), shared=False))
    except Locked:
        return False
    return True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as cause:
        raise StoreError(f"{path}: {cause.strerror}; see that the folder exists and is writable") from cause
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _flock(path: Path, *, shared: bool) -> Iterator[None]:
    """Hold a file lock; the file stays, empty or naming its last holder."""
    with _opened(path) as descriptor:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip() or "a shard"
            raise Locked(f"another run holds {path}: {holder}; wait for it to end") from None
        _HELD.add(descriptor)
        try:
            _write_holder(descriptor, shared=shared)
            yield
        finally:
            _HELD.discard(descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing alone would leave it to a child forked just now


def _write_holder(descriptor: int, *, shared: bool) -> None:
    """Write who holds the lock, for the message to the next process; on a full disk it is left out."""
    holder = "" if shared else f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n"
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)
    except OSError:
        return


def _close_in_child() -> None:
    """Close the locks in a forked child, which would keep them after this process has ended."""
    while _HELD:
        os.close(_HELD.pop())


_HELD: set[int] = set()
os.register_at_fork(after_in_child=_close_in_child)
