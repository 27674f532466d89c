"""Advisory locks of PostgreSQL: held by a connection, so free at once when its process dies.

When its machine dies or drops off the network, the server notices within SERVER_S and frees them; the process itself
notices sooner, within CLIENT_S, so that it has stopped asking before another may begin.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, Self

from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from ingest.errors import StoreError
from ingest.store.db.engine import engine_for, named, translate_db_errors, url_of

# Seconds of silence, seconds between probes, probes: the client gives up after 5 + 3 * 3 = 14 s, the server after
# 15 + 3 * 5 = 30 s. Without them a machine that lost its power would keep its locks for two hours.
CLIENT = {"keepalives_idle": "5", "keepalives_interval": "3", "keepalives_count": "3", "tcp_user_timeout": "14000"}
SERVER = {"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}


def is_file(database_url: str) -> str | None:
    """Return the path of an SQLite database, None for PostgreSQL. Raises SettingsError when it is neither."""
    url = url_of(database_url)
    return url.database if url.get_backend_name() == "sqlite" else None


class Locks:
    """A connection of its own that holds locks; all are free when it is closed. To be used in a `with`.

    Locks are of one database. Nothing need be in it yet. Raises StoreError when the server cannot be reached, at
    opening, or when the connection was lost, at any later query: then another process may hold them already.
    """

    def __init__(self, database_url: str, *, application: str = "ingest") -> None:
        self.url = url_of(database_url)
        self._lost: StoreError | None = None
        with translate_db_errors(self.url):
            self._connection = _connected(self.url, application)

    def take(self, name: str, *, shared: bool = False) -> bool:
        """Try to hold the lock of that name; False when another process holds it."""
        way = "_shared" if shared else ""
        return bool(self._execute_named(f"SELECT pg_try_advisory_lock{way}(:number)", name))

    def take_first(self, name: str, most: int) -> int | None:
        """Hold the first that is free of NAME 1, NAME 2 ...; return its number, None when all of them are held."""
        return next((number for number in range(1, most + 1) if self.take(f"{name} {number}")), None)

    def release(self, name: str) -> None:
        """Release a lock that was taken once."""
        self._execute_named("SELECT pg_advisory_unlock(:number)", name)

    def holder(self, name: str) -> str:
        """Return who holds a lock, in words."""
        return self._execute_named(_HOLDER, name) or f"a process on {named(self.url)}"

    def check(self) -> None:
        """Raise StoreError when the connection is lost, and all locks with it; asks the server only when data came."""
        if self._lost or self._data_came():
            self._execute("SELECT 1")

    def close(self) -> None:
        """Free all locks."""
        self._connection.invalidate()  # closed for good, whatever state it is in
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _data_came(self) -> bool:
        """Return whether the server has sent something unrequested: as a rule that it shuts down."""
        driver: Any = self._connection.connection.driver_connection
        if driver.closed:
            return True
        watch = select.poll()
        watch.register(driver.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return bool(watch.poll(0))

    def _execute_named(self, statement: str, name: str) -> Any:
        return self._execute(statement, number=number_of(name))

    def _execute(self, statement: str, **values: Any) -> Any:
        """Execute; once the connection was lost, never again: a new one would hold no lock."""
        if self._lost is not None:
            raise StoreError(str(self._lost))
        try:
            with translate_db_errors(self.url):
                return self._connection.execute(text(statement), values).scalar()
        except StoreError as error:
            self._lost = error
            raise


@contextmanager
def advisory(database_url: str, name: str, *, application: str = "ingest") -> Iterator[bool]:
    """Try to hold one lock; give False while another process holds it."""
    with Locks(database_url, application=application) as locks:
        yield locks.take(name)


def number_of(name: str) -> int:
    """Return the 64 bits that PostgreSQL knows a lock by."""
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


def _connected(url: URL, application: str) -> Connection:
    if not url.query.get("keepalives_idle"):
        url = url.update_query_dict(CLIENT)
    engine = engine_for(url, pool=NullPool, application=application)
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")  # nothing stays open while we run
    for name, value in SERVER.items():
        connection.execute(text("SELECT set_config(:name, :value, false)"), {"name": name, "value": value})
    return connection


# a 64-bit key lies in pg_locks as two halves, objsubid 1
_HOLDER = """
    SELECT 'process ' || activity.pid || coalesce(' on ' || activity.client_addr::text, '') || ' ('
           || activity.application_name || ', since ' || to_char(activity.backend_start, 'YYYY-MM-DD HH24:MI') || ')'
    FROM pg_locks AS lock JOIN pg_stat_activity AS activity ON activity.pid = lock.pid
    WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
      AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (lock.classid::bigint << 32) | lock.objid::bigint = :number
    LIMIT 1
    """
