"""A thousand stored pages, extracted again."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.command import command, environment
from tests.crawl.killing import Home, three_hosts
from tests.site import Web

OF_EACH_HOST = 334


def everything(file: Path) -> list[str]:
    """Every row of every table, as SQL."""
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_stored_pages_are_extracted_again_without_a_request_to_the_same_rows(tmp_path: Path) -> None:
    file = tmp_path / "ingest.db"
    with Web(three_hosts(OF_EACH_HOST)) as web:
        home = Home.made(tmp_path / "home", f"sqlite:///{file}", web)
        home.run()
        before = everything(file)
        web.clear_log()
        done = subprocess.run(
            command(home.folder, "reextract", "--json"),
            env=environment(home.env),
            capture_output=True,
            timeout=900,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        told = json.loads(done.stdout)
        assert told["same"] == told["articles"] == 3 * OF_EACH_HOST
        assert web.log == ()
    assert everything(file) == before
