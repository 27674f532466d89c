"""SQLite and PostgreSQL: the engine, its pragmas, and what makes an error of either one line for people."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError
from sqlalchemy.pool import NullPool, Pool

from ingest.errors import MAKE_ROOM, SettingsError, StoreError, how_to_install

BUSY_S = 30.0  # how long a writer waits for another; in WAL mode readers never wait
CACHE_KIB = 16 * 1024
PROGRAM_FAULTS = (IntegrityError, ProgrammingError)
READS_ALONE = "ingest_reads_alone"  # execution option of a connection whose statements each read by themselves
WRITES = "ingest_writes"  # execution option of a connection that will write


def url_of(database_url: str) -> URL:
    """Return the URL with its driver. Raises SettingsError for what is no URL of SQLite or PostgreSQL."""
    try:
        url = make_url(database_url)
        usable = url.port is None or 0 < url.port < 65_536
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        usable = False
    if not usable:
        raise SettingsError("INGEST_DATABASE_URL cannot be read; use sqlite:///FILE or postgresql://USER@HOST/DATABASE")
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise SettingsError("INGEST_DATABASE_URL names no file; use sqlite:///FILE")
        return url.set(drivername="sqlite")
    raise SettingsError(
        f"INGEST_DATABASE_URL asks for {backend}; use sqlite:///FILE or postgresql://USER@HOST/DATABASE"
    )


def named(url: URL) -> str:
    """Return the database's name for messages: the file, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    plain = url.set(drivername="postgresql", query={})
    return plain.render_as_string(hide_password=True)


def file_of(url: URL) -> Path | None:
    """Return the file of an SQLite database, None for PostgreSQL."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def file_of_database(database_url: str) -> Path | None:
    """Return the file of an SQLite database by its address, None for PostgreSQL."""
    return file_of(url_of(database_url))


def engine_for(url: URL, *, pool: type[Pool] | None = None, application: str = "ingest") -> Engine:
    """Return an engine; nothing is opened yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, pool)
    if not any("connect_timeout" in name for name in url.query):
        url = url.update_query_dict({"connect_timeout": "10"})
    if "application_name" not in url.query:
        url = url.update_query_dict({"application_name": application})
    # last in, first out: the connection in use most has its statements prepared
    pooling = {} if pool is NullPool else {"pool_size": 4, "max_overflow": 8, "pool_use_lifo": True}
    try:
        return create_engine(url, poolclass=pool, **pooling)
    except ModuleNotFoundError as cause:
        raise StoreError(f"{named(url)}: the PostgreSQL driver is missing; {how_to_install('postgres')}") from cause


def _sqlite_engine(url: URL, pool: type[Pool] | None) -> Engine:
    arguments: dict[str, Any] = {"timeout": BUSY_S, "check_same_thread": False}
    read_only = _read_only_uri(Path(url.database or ""))
    if read_only:

        def connect() -> sqlite3.Connection:
            opened: sqlite3.Connection = sqlite3.connect(read_only, uri=True, **arguments)
            return opened

        engine = create_engine(url, poolclass=pool, creator=connect)
    else:
        engine = create_engine(url, poolclass=pool, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # we send BEGIN: the driver sends it too late and never IMMEDIATE
        cursor = connection.cursor()
        if not read_only:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA busy_timeout={int(BUSY_S * 1000)}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a transaction that begins by reading fails at its first write when another has written in between
        options = connection.get_execution_options()
        if not options.get(READS_ALONE):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES) else "BEGIN")

    return engine


def _read_only_uri(file: Path) -> str:
    """Return the address that opens a database which this user may only read, "" for others.

    A database in WAL mode needs a file beside it even for reading. Where the folder cannot be written to and no log is
    left to be read, it is opened as one that nobody changes.
    """
    if not file.is_file() or (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        return ""
    log = file.with_name(f"{file.name}-wal")
    has_log = log.is_file() and log.stat().st_size > 0
    return f"{file.absolute().as_uri()}?mode=ro{'' if has_log else '&immutable=1'}"


@contextmanager
def translate_db_errors(url: URL) -> Iterator[None]:
    """Turn errors of the database into StoreError; faults of the program (a broken constraint, bad SQL) pass."""
    try:
        yield
    except PROGRAM_FAULTS:
        raise
    except (DatabaseError, InterfaceError) as cause:
        raise StoreError(f"{named(url)}: {_reason(cause)}") from cause


def _reason(error: DBAPIError) -> str:
    """Return what happened and what to do, in one line."""
    message = " ".join(str(error.orig).split())
    lower = message.lower()
    for sign, advice in _ADVICE:
        if sign in lower:
            return f"{message}; {advice}"
    return message


_ADVICE: tuple[tuple[str, str], ...] = (
    ("disk is full", MAKE_ROOM),
    ("no space left", MAKE_ROOM),
    ("readonly", "make the file and its folder writable"),
    ("unable to open", "see that the folder exists and is writable"),
    ("database is locked", f"another program has been writing for {BUSY_S:.0f} s; end it or try later"),
    ("lock timeout", "another program has been writing for long; end it or try later"),
    ("not a database", "the file is something else; name another one"),
    ("malformed", "the file is damaged; restore a backup made by: ingest db backup"),
    ("password", "check user and password in INGEST_DATABASE_URL"),
    ("does not exist", "create it, or check the name in INGEST_DATABASE_URL"),
    ("connection refused", "see that the server runs and is reached at this address"),
    ("could not translate host name", "check the host in INGEST_DATABASE_URL"),
    ("failed to resolve host", "check the host in INGEST_DATABASE_URL"),
    ("server closed the connection", "run again when the server is back: everything committed is kept"),
    ("terminating connection", "run again when the server is back: everything committed is kept"),
)


def insert_for(dialect: str) -> Any:
    """Return the dialect's own `insert`, which knows ON CONFLICT."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


def upsert_for(connection: Connection) -> Any:
    """Return the `insert` of a connection's dialect."""
    return insert_for(connection.dialect.name)
