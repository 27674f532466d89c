"""Transactions: they nest, they may be grouped into one commit, and an error undoes what it interrupts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from ingest.errors import StoreError
from ingest.store.db.engine import PROGRAM_FAULTS, READS_ALONE, WRITES, named, translate_db_errors

# A commit with synchronous=FULL waits for the disk; one for several articles costs the same as one for one.
# What a kill may cost is bounded by both numbers: the work of a quarter of a second.
GROUP_TRANSACTIONS = 200
GROUP_S = 0.25
# SQLAlchemy's nested transactions cost four times as much as these, which every article needs two of. A savepoint is
# released in one message with the next: a round trip fewer.
BEGIN_ONE = "SAVEPOINT one_of_group"
END_ONE = "RELEASE SAVEPOINT one_of_group"
UNDO_ONE = "ROLLBACK TO SAVEPOINT one_of_group"
_PLAIN = {"no_parameters": True}  # so that PostgreSQL takes two statements in one message


@dataclass(slots=True)
class _GroupedCommit:
    """Transactions that are finished and wait for one commit."""

    most: int
    seconds: float
    connection: Connection | None = None
    reader: Connection | None = None
    root: RootTransaction | None = None
    begun: float = 0.0
    finished: int = 0
    saved: bool = False  # the last transaction's savepoint is still to be released


class PendingWrites(Protocol):
    """Writes of a group that wait to be made together."""

    @property
    def since_s(self) -> float | None:
        """When the oldest came, on the monotonic clock; None when there are none."""

    def holds(self, keys: Iterable[str]) -> bool:
        """Return whether one of these URL keys is of what they will write."""

    def holds_source(self, source: str) -> bool:
        """Return whether one of them is an article of that source."""

    def write(self) -> None:
        """Make them, by transactions."""


class UnitOfWork:
    """The connection in use. One writer at a time, whichever thread it comes from."""

    def __init__(self, engine: Engine, url: URL) -> None:
        self.engine = engine
        self.url = url
        self.rollbacks = 0  # caches of what a transaction read are invalid when this has grown
        self._lock = RLock()
        self._connection: Connection | None = None
        self._depth = 0
        self._spoilt = False
        self.pending: PendingWrites | None = None  # written before anything else is read or written
        self.before_commit: Callable[[], None] | None = None  # of a group: what its rows refer to is made safe
        self._writing = False  # they are being written
        self._group: _GroupedCommit | None = None

    def holds_back(self, *keys: str) -> bool:
        """Return whether a pending write is of one of these URL keys."""
        return self.pending is not None and self.pending.holds(keys)

    def holds_back_source(self, source: str) -> bool:
        """Return whether a pending write is an article of that source."""
        return self.pending is not None and self.pending.holds_source(source)

    @property
    def is_grouping(self) -> bool:
        """Whether transactions share commits now, so that writes may wait for each other."""
        return self._group is not None and not self._depth

    @contextmanager
    def transaction(self, *, independent: bool = False) -> Iterator[Connection]:
        """Give the connection of the transaction; an inner one joins the outer, which commits.

        After an error in an inner one the outer cannot be committed any more, caught or not. `independent`: it neither
        reads nor changes what pending writes will write, so that they may wait on.
        """
        with self._lock, translate_db_errors(self.url):
            if not independent:
                self.write_pending()
            if self._depth:
                yield from self._joined()
            elif self._group is not None:
                yield from self._grouped(self._group)
            else:
                yield from self._alone()

    def _alone(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection = connection.execution_options(**{WRITES: True})
            try:
                with connection.begin():
                    yield from self._held(connection)
            except BaseException:
                self.rollbacks += 1  # a refused commit as well
                raise

    def _joined(self) -> Iterator[Connection]:
        assert self._connection is not None
        self._depth += 1
        try:
            yield self._connection
        except BaseException:
            self._spoilt = True
            raise
        finally:
            self._depth -= 1

    def _held(self, connection: Connection) -> Iterator[Connection]:
        self._connection, self._depth, self._spoilt = connection, 1, False
        try:
            yield connection
            self._check_unspoilt()
        finally:
            self._connection, self._depth = None, 0

    def _check_unspoilt(self) -> None:
        if self._spoilt:
            raise RuntimeError("a part of this transaction failed; none of it is written")

    def _grouped(self, group: _GroupedCommit) -> Iterator[Connection]:
        if group.connection is None:
            group.connection = self.engine.connect().execution_options(**{WRITES: True})
            group.root = group.connection.begin()
            group.begun, group.finished, group.saved = time.monotonic(), 0, False
        begun = False
        try:
            self._begin_one(group, group.connection)
            begun = True
            yield from self._held(group.connection)
        except BaseException as error:
            self.rollbacks += 1
            if isinstance(error, StoreError | DBAPIError) and not isinstance(error, PROGRAM_FAULTS):
                self._abandon(group)  # a full disk, a lost connection: the database has rolled all of it back
            elif begun:
                self._undo_one(group, group.connection)
            raise
        group.finished += 1
        if group.finished >= group.most:
            self.flush()
        else:
            self.flush_if_due()

    def _begin_one(self, group: _GroupedCommit, connection: Connection) -> None:
        if not group.saved:
            _send(connection, BEGIN_ONE)
        elif self.engine.dialect.name == "postgresql":
            _send(connection, f"{END_ONE}; {BEGIN_ONE}")
        else:
            _send(connection, END_ONE)
            _send(connection, BEGIN_ONE)
        group.saved = True

    def _undo_one(self, group: _GroupedCommit, connection: Connection) -> None:
        if connection.invalidated:  # lost before, by what somebody caught
            self._abandon(group)
            return
        try:
            _send(connection, UNDO_ONE)
        except BaseException:  # lost now
            self._abandon(group)
            raise

    @contextmanager
    def reading(self, *, independent: bool = False) -> Iterator[Connection]:
        """Give a connection to read with: the transaction's own where there is one, so that it sees what it wrote.

        `independent`: what pending writes will write is not read, so that they may wait on.
        """
        with self._lock, translate_db_errors(self.url):
            if not independent:
                self.write_pending()
            if self._connection is not None:
                yield self._connection
            elif self._group is not None and self._group.connection is not None:
                yield from self._in(self._group, self._group.connection)
            elif self._group is not None:
                yield from self._between(self._group)
            else:
                with self.engine.connect() as connection:
                    yield connection
                    if self.engine.dialect.name == "postgresql":
                        connection.commit()  # of nothing; at a rollback psycopg forgets what it has prepared

    def _between(self, group: _GroupedCommit) -> Iterator[Connection]:
        """Give a group's connection for reading between two commits, which begins no transactions."""
        if group.reader is None:
            autocommit: dict[str, Any] = {READS_ALONE: True}
            if self.engine.dialect.name == "postgresql":
                autocommit["isolation_level"] = "AUTOCOMMIT"
            group.reader = self.engine.connect().execution_options(**autocommit)
        try:
            yield group.reader
        except DBAPIError:  # a lost connection is not used again
            reader, group.reader = group.reader, None
            if reader is not None:
                reader.close()
            raise

    def _in(self, group: _GroupedCommit, connection: Connection) -> Iterator[Connection]:
        refused: DBAPIError | None = None
        try:
            yield connection
        except DBAPIError as error:
            if self.engine.dialect.name != "postgresql" or connection.invalidated:
                raise
            refused = error  # the transaction is aborted: COMMIT would be answered by ROLLBACK, without an error
            message = f"a query failed; the pending changes were rolled back: {error.orig}"
            raise StoreError(f"{named(self.url)}: {' '.join(message.split())}") from error
        finally:
            if refused or connection.invalidated:  # the next transaction begins on a new connection
                self._abandon(group)

    @contextmanager
    def group(self, *, most: int = GROUP_TRANSACTIONS, seconds: float = GROUP_S) -> Iterator[None]:
        """Commit the transactions within together: after `most` of them or `seconds`, whichever comes first.

        Each stays whole: an error undoes that one alone. The time is looked at when a transaction ends and by
        `flush_if_due`, which must be called a few times a second. What is finished is committed on leaving, also after
        an error.
        """
        with self._lock:
            assert self._group is None, "groups do not nest"
            assert not self._depth, "a group is opened outside of a transaction"
            self._group = _GroupedCommit(most, seconds)
        try:
            yield
        finally:
            with self._lock:
                group = self._group
                try:
                    self.flush()
                finally:
                    self._group = None
                    if group.reader is not None:
                        group.reader.close()

    def flush(self) -> None:
        """Commit what is finished now, with what is pending."""
        with self._lock, translate_db_errors(self.url):
            if self._group is not None and not self._depth and not self._writing:
                self.write_pending()
                self._commit(self._group)

    def flush_if_due(self) -> None:
        """Commit what is finished if the oldest of it has waited long enough."""
        with self._lock, translate_db_errors(self.url):
            group = self._group
            if group is None or self._depth or self._writing:
                return
            begun = [] if group.connection is None else [group.begun]
            if self.pending is not None and self.pending.since_s is not None:
                begun.append(self.pending.since_s)
            if begun and time.monotonic() - min(begun) >= group.seconds:
                self.flush()

    def write_pending(self) -> None:
        """Make the pending writes, unless this is called by what makes them."""
        if self.pending is None or self.pending.since_s is None or self._depth or self._writing:
            return
        self._writing = True
        try:
            self.pending.write()
        finally:
            self._writing = False

    def _commit(self, group: _GroupedCommit) -> None:
        if group.connection is None or group.root is None:
            return
        try:
            if self.before_commit is not None:
                self.before_commit()
            group.root.commit()
        except BaseException:
            self._abandon(group)
            raise
        connection, group.connection, group.root = group.connection, None, None
        connection.close()

    def _abandon(self, group: _GroupedCommit) -> None:
        self.rollbacks += 1
        connection, group.connection, group.root = group.connection, None, None
        if connection is not None:
            connection.close()

    def checkpoint(self) -> None:
        """Copy the write-ahead log of SQLite into the database and empty it: deleted text must not stay there."""
        if self.engine.dialect.name != "sqlite":
            return
        self.flush()
        with self._lock, translate_db_errors(self.url):
            assert not self._depth, "a checkpoint inside a transaction would wait for itself"
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def close(self) -> None:
        """Commit what is finished and close the database."""
        self.flush()
        self.engine.dispose()


def _send(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options=_PLAIN)
