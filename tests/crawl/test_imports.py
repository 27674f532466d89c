"""`ingest import`: archives through the same stages as a crawl, without a request; bad records cost themselves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import RunIngest
from tests.crawl.stored import articles, sqlite_url
from tests.site import Web
from tests.site.archives import CAPTURED, RECORDS, damage, page, warc
from tests.site.foreign import CODINGS, arc, letter, mbox, response, zstd

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


def test_files_of_many_tools_are_imported_once_with_their_addresses(
    run_ingest: RunIngest, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    headers, coding = CODINGS["two headers"]
    (folder / "a.warc.zst").write_bytes(zstd.compress(response("https://north.example/1", coding(page(1)), headers)))
    arc(folder / "b.arc.gz", [("https://north.example/2", page(2))], packed=True)
    mbox(folder / "c.mbox", [letter(1)])
    (folder / "d.html").write_text(f"<!-- saved from url=(0023)https://north.example/4 -->{page(4).decode()}")
    counted = run_ingest("import", str(folder), "--dry-run", "--json").json
    assert {file["file"]: file["pages"] for file in counted["files"]} == {
        "a.warc.zst": 1,
        "b.arc.gz": 1,
        "c.mbox": 1,
        "d.html": 1,
    }
    done = run_ingest("import", str(folder), "--json")
    assert (done.code, done.stderr) == (0, "")
    stored = articles(sqlite_url(home))
    assert {url: one.article.source for url, one in stored.items()} == {
        "https://north.example/1": "north-example",
        "https://north.example/2": "north-example",
        "https://letters.example/mail/anna/letter.1@mailer.example": "anna-letters-example",
        "https://north.example/4": "north-example",
    }
    again = run_ingest("import", str(folder), "--json").json
    assert {(file["pages"], file["skipped"].get("known")) for file in again["files"]} == {(0, 1)}
    counted = run_ingest("import", str(folder), "--dry-run", "--json").json
    assert {(file["pages"], file["skipped"].get("known")) for file in counted["files"]} == {(0, 1)}


def test_a_listing_is_cut_down_and_counted_before_it_is_queued(run_ingest: RunIngest, tmp_path: Path) -> None:
    file = tmp_path / "listing.txt"
    file.write_text(
        "".join(f"20240506{hour:02}0809 https://north.example/{part}/{hour}\n" for hour in range(10) for part in "ab")
        + "20240506000809 https://north.example/a/0\n"
    )
    chosen = ("--since", "2024-05-06T02:00", "--until", "2024-05-06T05:00", "--url-matches", "/a/")
    for flags, queued, known in ((("--dry-run",), 3, None), ((), 3, None), (("--dry-run",), 0, 3)):
        (told,) = run_ingest("import", str(file), *chosen, *flags, "--json").json["files"]
        assert (told["queued"], told["skipped"].get("known")) == (queued, known)
        assert told["skipped"]["before-since"] == 5
    refused = run_ingest("import", str(file), "--url-matches", "(")
    assert (refused.code, refused.stderr.count("\n")) == (2, 1)
