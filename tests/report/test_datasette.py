"""Looking around in Datasette: its settings fit our tables, and it shows them in a browser."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from benchmarks.archive import NOW, fill
from ingest.report.datasette import SETTINGS, settings
from ingest.store import open_store
from tests.command import RunIngest
from tests.report.test_report import SMALL

SHIPPED: dict[str, Any] = json.loads(SETTINGS.read_text(encoding="utf-8"))["databases"]["ingest"]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("datasette") / "ingest.db"
    with open_store(f"sqlite:///{file}", create=True) as store:
        fill(store, SMALL)
        store.findings.begin("source-001", "silent", NOW)
    return file


@pytest.mark.parametrize("name", SHIPPED["queries"])
def test_each_canned_question_is_answered(name: str, database: Path) -> None:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.create_function("escape_fts", 1, lambda words: f'"{words}"')
        connection.row_factory = sqlite3.Row
        rows = connection.execute(SHIPPED["queries"][name]["sql"], {"words": "nothing"}).fetchall()
    if name in ("newest", "yield", "authors", "ill"):
        assert rows


def test_tables_columns_and_facets_are_there(database: Path) -> None:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for table, about in SHIPPED["tables"].items():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            assert columns, table
            named = {*about.get("facets", ()), *about.get("columns", ())}
            named |= {about[word] for word in ("label_column", "sort", "sort_desc") if word in about}
            assert about.get("hidden") or named <= columns, table


def test_the_settings_go_by_the_name_of_the_file() -> None:
    assert list(settings(Path("/x/news.v2.db"))["databases"]) == ["news.v2"]


def test_the_command_writes_them_and_says_how_to_go_on(home: Path, run_ingest: RunIngest, tmp_path: Path) -> None:
    home.mkdir()
    target = tmp_path / "datasette.json"
    done = run_ingest("report", "--datasette", str(target))
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"datasette serve {home / 'ingest.db'} --metadata {target}")
    assert list(json.loads(target.read_text())["databases"]) == ["ingest"]
    other = run_ingest("report", "--datasette", str(target), env={"INGEST_DATABASE_URL": "postgresql://nobody@h/d"})
    assert (other.code, other.stdout) == (2, "")
    assert "Datasette reads SQLite" in other.stderr


@pytest.fixture
def served(database: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a Datasette over the database."""
    pytest.importorskip("datasette", reason="datasette is not installed: pip install 'ingest[browse]'")
    metadata = tmp_path / "datasette.json"
    metadata.write_text(json.dumps(settings(database)), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "datasette", "serve", str(database), "--metadata", str(metadata), "-p", str(port)]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(300):
                with suppress(OSError), urllib.request.urlopen(address):
                    break
                assert process.poll() is None
                time.sleep(0.1)
            yield address
        finally:
            process.terminate()


@pytest.mark.slow  # starts Datasette and a browser
def test_a_browser_shows_articles_facets_search_and_questions(served: str, chromium: Any, tmp_path: Path) -> None:
    view = chromium.new_page(viewport={"width": 1200, "height": 900})
    faults: list[str] = []
    view.on("pageerror", lambda error: faults.append(str(error)))
    view.goto(f"{served}/ingest/articles_clean")
    assert "40 rows" in view.inner_text("h3")
    assert view.locator(".facet-info-name").all_inner_texts()[0].startswith("source")
    word = view.locator("td.col-title").first.inner_text().split()[0]
    view.fill("input[name=_search]", word)
    with view.expect_navigation():
        view.keyboard.press("Enter")
    assert "search matches" in view.inner_text("h3")
    for name, query in SHIPPED["queries"].items():
        answer = view.goto(f"{served}/ingest/{name}?words=nothing")
        assert answer.status == 200, name
        assert query["title"] in view.inner_text("h1"), name
    view.screenshot(path=tmp_path / "datasette.png")
    assert faults == []
    view.close()
