"""A database that this user may only read is read: with a log beside it, without one, and in a folder of others."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from ingest.errors import SettingsError, StoreError
from ingest.store import open_store
from ingest.store.db import engine
from tests.store.values import NOW, source


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database whose file and folder cannot be written to; root would be let through by the system itself."""
    file = tmp_path / "read only" / "ingest.db"
    file.parent.mkdir()
    with open_store(f"sqlite:///{file}", create=True) as store:
        store.sources.sync([source("news")], NOW)
    access = os.access
    monkeypatch.setattr(engine.os, "access", lambda path, how: how != os.W_OK and access(path, how))
    return file


def test_a_database_in_a_folder_of_others_is_read_and_nothing_is_written_beside_it(database: Path) -> None:
    before = sorted(database.parent.iterdir())
    with open_store(f"sqlite:///{database}") as store:
        assert [one.name for one in store.summaries.all(NOW)] == ["news"]
        assert store.check() == ()
    assert sorted(database.parent.iterdir()) == before == [database]


def test_what_a_killed_writer_left_in_the_log_is_read_too(database: Path) -> None:
    writer = sqlite3.connect(database)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("UPDATE source SET name = 'renamed'")
    writer.commit()
    with open_store(f"sqlite:///{database}") as store:
        assert [one.name for one in store.summaries.all(NOW)] == ["renamed"]
    writer.close()


def test_a_write_is_refused_in_one_line(database: Path) -> None:
    with open_store(f"sqlite:///{database}") as store, pytest.raises(StoreError, match="make the file and its folder"):
        store.sources.sync([source("other")], NOW)


@pytest.mark.parametrize("port", ["abc", "99999", "0", "-1", "54 32"])
def test_a_port_that_is_none_is_wrong_use(port: str) -> None:
    with pytest.raises(SettingsError, match="INGEST_DATABASE_URL cannot be read") as refused:
        open_store(f"postgresql://me:hunter2@localhost:{port}/news")
    assert (refused.value.exit_code, "hunter2" in str(refused.value)) == (2, False)
