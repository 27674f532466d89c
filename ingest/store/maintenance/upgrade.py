"""The schema's version: checked at every opening, raised only by `ingest db upgrade`."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from ingest.errors import NoDatabase, SchemaError, StoreError
from ingest.store.db.engine import WRITES, engine_for, file_of, named, translate_db_errors, url_of

# every schema there was, oldest first; the last is this program's. A test holds it against the migrations.
VERSIONS = ("0001", "0002", "0003")
HEAD = VERSIONS[-1]
UPGRADE_LOCK = 0x696E67657374  # "ingest" in ASCII: advisory lock of PostgreSQL while the schema changes


def upgrade(database_url: str) -> tuple[str | None, str]:
    """Bring a database to this version's schema, making it when it is not there. Returns the version before and after.

    Raises SchemaError when the database is newer than the program.
    """
    url = url_of(database_url)
    file = file_of(url)
    if file is not None and not file.parent.is_dir():
        raise StoreError(f"{named(url)}: unable to open; see that the folder exists and is writable")
    engine = engine_for(url, pool=NullPool)
    with translate_db_errors(url), engine.connect() as connection:
        connection = connection.execution_options(**{WRITES: True})
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
            before = _version(connection)
            if before is not None and before not in VERSIONS:
                raise _newer(url, before)
            if before != HEAD:
                migrate(connection, HEAD)
    return before, HEAD


def create_if_new(url: URL) -> None:
    """Make the tables in a database that has none at all; leave every other one alone."""
    file = file_of(url)
    if file is None or file.exists():  # it may be there and empty: killed while it was made
        with translate_db_errors(url), engine_for(url, pool=NullPool).connect() as connection:
            if inspect(connection).get_table_names():
                return
    upgrade(url.render_as_string(hide_password=False))


def check_exists(url: URL) -> None:
    """Raise NoDatabase for an SQLite file that is not there; for a server its answer counts."""
    file = file_of(url)
    if file is not None and not file.exists():
        raise NoDatabase(
            f"{named(url)}: there is no database yet; ingest demo, ingest crawl URL or ingest run makes one, "
            "--home names the folder of another"
        )


def check_schema(engine: Engine, url: URL) -> None:
    """Raise SchemaError unless the database has this version's schema."""
    check_exists(url)
    with translate_db_errors(url), engine.connect() as connection:
        version = _version(connection)
    if version == HEAD:
        return
    if version is None:
        raise SchemaError(f"{named(url)}: the database has no tables of ingest yet; run: ingest db upgrade")
    if version in VERSIONS:
        raise SchemaError(
            f"{named(url)}: the database has schema {version}, this version of ingest needs {HEAD}; "
            "run: ingest db upgrade"
        )
    raise _newer(url, version)


def _newer(url: URL, version: str) -> SchemaError:
    return SchemaError(
        f"{named(url)}: the database has schema {version}, newer than this version of ingest knows ({HEAD}); "
        "install the newer ingest; `ingest db upgrade` cannot go back"
    )


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def migrate(connection: Connection, version: str) -> None:
    """Bring the database up to a version, in the transaction of the connection."""
    from alembic import command  # 0.2 s that a run on an existing database need not spend
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ingest.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, version)
