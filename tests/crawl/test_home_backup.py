"""`ingest db backup --with-raw`: a home to go on from, also when it was copied in the middle of a crawl."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.command import RunIngest, StartIngest
from tests.site import Web
from tests.site.sites import family
from tests.waiting import wait_until

SITES = {site.key: site for site in family()}


@pytest.fixture
def web() -> Iterator[Web]:
    with Web([replace(SITES["post"], count=8)]) as web:
        yield web


def test_a_backup_put_in_the_old_place_is_the_home_again(
    web: Web, run_ingest: RunIngest, home: Path, tmp_path: Path
) -> None:
    home.mkdir()
    (home / "sources.toml").write_text(f'[sources.post]\nurl = "{web.url("post")}"\n')
    (home / "sources.d").mkdir()
    (home / "sources.d/more.toml").write_text("")
    assert run_ingest("run").code == 0
    before = run_ingest("export").stdout
    done = run_ingest("db", "backup", "--with-raw", str(tmp_path / "copies/monday"))
    assert done.code == 0, done.stderr
    assert "1 raw file of" in done.stdout
    again = run_ingest("db", "backup", "--with-raw", str(tmp_path / "copies/monday"))
    assert (again.code, "exists" in again.stderr) == (2, True)
    assert [file.name for file in (tmp_path / "copies").iterdir()] == ["monday"]

    shutil.rmtree(home)
    shutil.copytree(tmp_path / "copies/monday", home)
    assert run_ingest("db", "check").code == 0
    assert run_ingest("export").stdout == before
    reread = run_ingest("reextract", "--dry-run", "--json").json
    assert (reread["articles"], reread["unreadable"]) == (8, 0)
    web.clear_log()
    assert run_ingest("run", "post").code == 0
    assert web.articles_asked() == []


def test_a_backup_in_the_middle_of_a_crawl_loses_nothing(
    web: Web, run_ingest: RunIngest, start_ingest: StartIngest, home: Path, tmp_path: Path
) -> None:
    web.latency_s = 0.2
    with start_ingest("crawl", web.url("post")) as crawling:
        assert wait_until(lambda: len(web.articles_asked()) > 3)
        done = run_ingest("db", "backup", "--with-raw", str(tmp_path / "copy"))
        assert done.code == 0, done.stderr
        crawling.kill()
    web.latency_s = 0
    shutil.rmtree(home)
    (tmp_path / "copy").rename(home)
    assert run_ingest("db", "check").code == 0
    assert run_ingest("crawl", web.url("post")).code == 0
    assert {record["url"] for record in run_ingest("export").json_lines} == set(web.expected("post"))
    assert run_ingest("reextract", "--dry-run", "--json").json["unreadable"] == 0


def test_a_backup_is_refused_where_it_cannot_be(run_ingest: RunIngest, home: Path, tmp_path: Path) -> None:
    assert run_ingest("db", "backup", "--with-raw", str(tmp_path / "copy")).code == 2
    assert not (tmp_path / "copy").exists()
    assert run_ingest("db", "upgrade").code == 0
    inside = run_ingest("db", "backup", "--with-raw", str(home / "raw" / "copy"))
    assert (inside.code, "lies in the folder" in inside.stderr) == (2, True)
    folder = run_ingest("db", "backup", str(tmp_path))
    assert (folder.code, "--with-raw" in folder.stderr) == (2, True)
