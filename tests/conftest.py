"""What all tests share. Fixtures live beside what they are about; they are named here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Web

os.environ["SCRAPY_SETTINGS_MODULE"] = "settings"  # Scrapy looks for scrapy.cfg in the working directory only

# databases: SQLite and a PostgreSQL of our own; command: the real command in a process of its own; browser: Chromium
pytest_plugins = ("tests.browser", "tests.command", "tests.databases")

KINDS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--databases",
        default=",".join(KINDS),
        help="run the tests that go over every database on these only: sqlite, postgresql or both (default)",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of databases that were not asked for."""
    chosen = set(config.getoption("--databases").split(","))
    if unknown := chosen - set(KINDS):
        raise pytest.UsageError(f"--databases: {', '.join(sorted(unknown))}; use {' or '.join(KINDS)}")
    unwanted = set(KINDS) - chosen
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        call = getattr(item, "callspec", None)
        values = call.params.values() if call else ()
        (left if any(isinstance(value, str) and value in unwanted for value in values) else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.fixture
def web() -> Iterator[Web]:
    """A fresh loopback web on day 0."""
    with Web() as web:
        yield web


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for sources.toml, ingest.db and raw/; not made yet."""
    return tmp_path / "home"
