"""The schema: made, checked at opening, the same in models and migrations."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from ingest.errors import SchemaError, SettingsError, StoreError
from ingest.store import open_store, upgrade
from ingest.store.db.engine import url_of
from ingest.store.db.schema import Base
from ingest.store.maintenance.upgrade import VERSIONS
from ingest.store.search.search import OWN_COLUMN, OWN_INDEX, OWN_TABLES


def test_versions_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "ingest.store:migrations")
    steps = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(reversed([step.revision for step in steps])) == VERSIONS


def is_of_the_models(thing: object, name: str | None, kind: str, *_more: object) -> bool:
    """The full-text index is the databases' own: no model has it."""
    return name not in (*OWN_TABLES, OWN_COLUMN, OWN_INDEX)


def test_migrations_make_what_the_models_say(database_url: str) -> None:
    engine = create_engine(url_of(database_url))
    with engine.connect() as connection:
        opts = {"compare_type": True, "compare_server_default": False, "include_object": is_of_the_models}
        context = MigrationContext.configure(connection, opts=opts)
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def test_upgrade_makes_a_database_and_leaves_a_new_one_alone(empty_database_url: str) -> None:
    assert upgrade(empty_database_url) == (None, VERSIONS[-1])
    assert upgrade(empty_database_url) == (VERSIONS[-1], VERSIONS[-1])
    open_store(empty_database_url).close()


def test_a_database_is_made_when_asked_for_and_kept_when_there(empty_database_url: str) -> None:
    open_store(empty_database_url, create=True).close()
    open_store(empty_database_url, create=True).close()


def test_a_missing_database_is_refused_with_the_command_to_type(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"run: ingest db upgrade|ingest run makes one"):
        open_store(empty_database_url)
    assert not (tmp_path / "empty.db").exists()


@pytest.mark.parametrize("create", [False, True])
def test_a_schema_of_the_future_is_refused(database_url: str, create: bool) -> None:
    engine = create_engine(url_of(database_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SchemaError, match="newer than this version"):
        open_store(database_url, create=create)
    with pytest.raises(SchemaError, match="newer than this version"):
        upgrade(database_url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://u:secret@h/d", "asks for mysql"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("nonsense", "cannot be read"),
    ],
)
def test_an_url_of_no_database_we_know_is_refused(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        open_store(url, create=True)
    assert "secret" not in str(caught.value)


def test_a_folder_that_is_not_there_is_reported_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder exists") as caught:
        open_store(f"sqlite:///{tmp_path}/nowhere/ingest.db", create=True)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_is_no_database_is_reported_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough to be looked at\n" * 50)
    for create in (False, True):
        with pytest.raises(StoreError, match="the file is something else"):
            open_store(f"sqlite:///{file}", create=create)
    assert file.read_text().startswith("not a database")


def test_a_server_that_is_not_there_is_reported_without_the_password(tmp_path: Path) -> None:
    url = f"postgresql://someone:secret@/ingest?host={tmp_path}"
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "someone" in str(caught.value)
