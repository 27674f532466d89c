"""`ingest import`: archives through the same stages as a crawl, without a request; bad records cost themselves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import RunIngest
from tests.crawl.stored import articles, sqlite_url
from tests.site import Web
from tests.site.archives import CAPTURED, RECORDS, damage, warc

SourcesToml = Callable[[str], Path]


@pytest.mark.slow
def test_a_warc_of_crawled_pages_gives_the_same_articles_without_a_request(
    web: Web, sources_toml: SourcesToml, run_ingest: RunIngest, home: Path, tmp_path: Path
) -> None:
    sources_toml("\n".join(f'[sources.{key}]\nurl = "{web.url(key)}"\n' for key in ("post", "weblog")))
    assert run_ingest("run").code == 0
    crawled = articles(sqlite_url(home))
    files = [str(shutil.copy(file, tmp_path)) for file in (home / "raw").glob("*.warc.gz")]
    shutil.rmtree(home / "raw")
    for file in home.glob("ingest.db*"):
        file.unlink()
    web.clear_log()
    done = run_ingest("import", *files, "--json")
    assert (done.code, done.stderr) == (0, "")
    imported = articles(sqlite_url(home))
    assert web.log == ()
    assert set(imported) == set(crawled)
    for url, stored in crawled.items():
        one, other = stored.article, imported[url].article
        for name in ("source", "title", "body", "published", "fetched_at", "language", "canonical_url"):
            assert getattr(one, name) == getattr(other, name), (url, name)
    again = run_ingest("import", *files, "--json").json
    assert {row["stored"] + row["revised"] for row in again["sources"]} == {0}
    assert {file["pages"] for file in again["files"]} == {0}


def test_a_foreign_archive_is_sorted_by_host_dated_as_captured_and_damage_told(
    run_ingest: RunIngest, home: Path, tmp_path: Path
) -> None:
    file = warc(tmp_path / "CC-NEWS-20240506.warc.gz", RECORDS)
    damage(file)
    done = run_ingest("import", str(file), "--json")
    assert done.code == 3
    assert done.stderr == "ingest: 2 records could not be read: bad-record 2; all others were\n"
    stored = articles(sqlite_url(home))
    assert {url: one.article.fetched_at for url, one in stored.items()} == {
        RECORDS[0][0]: CAPTURED,
        RECORDS[2][0]: CAPTURED,
    }
    assert len({one.article.source for one in stored.values()}) == 2
    assert done.json["files"][0]["skipped"] == {"bad-record": 2}
