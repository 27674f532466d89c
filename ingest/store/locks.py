"""Advisory locks of PostgreSQL: held by a connection, so free at once when its process dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from sqlalchemy import text
from sqlalchemy.pool import NullPool

from ingest.store.engine import engine_for, named, told, url_of


def is_file(database_url: str) -> str | None:
    """Return the path of an SQLite database, None for PostgreSQL. Raises SettingsError when it is neither."""
    url = url_of(database_url)
    return url.database if url.get_backend_name() == "sqlite" else None


@contextmanager
def advisory(
    database_url: str, name: str, *, shared: bool = False, application: str = "ingest"
) -> Iterator[str | None]:
    """Try to hold a lock of that name; give None while it is held, else who holds it instead, in words.

    Locks are of one database. Nothing need be in it yet.
    """
    url = url_of(database_url)
    number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
    way = "_shared" if shared else ""
    with told(url):
        connection = engine_for(url, pool=NullPool, application=application).connect()
    with connection:
        with told(url):
            taken = connection.execute(text(f"SELECT pg_try_advisory_lock{way}(:number)"), {"number": number}).scalar()
            holder = None if taken else connection.execute(_HOLDER, {"number": number}).scalar()
            connection.commit()  # an open transaction would keep the server from tidying up for as long as we run
        yield None if taken else holder or f"a process on {named(url)}"


# a 64-bit key lies in pg_locks as two halves, objsubid 1
_HOLDER = text(
    """
    SELECT 'process ' || activity.pid || coalesce(' on ' || activity.client_addr::text, '') || ' ('
           || activity.application_name || ', since ' || to_char(activity.backend_start, 'YYYY-MM-DD HH24:MI') || ')'
    FROM pg_locks AS lock JOIN pg_stat_activity AS activity ON activity.pid = lock.pid
    WHERE lock.locktype = 'advisory' AND lock.granted AND lock.objsubid = 1
      AND (lock.classid::bigint << 32) | lock.objid::bigint = :number
    LIMIT 1
    """
)
