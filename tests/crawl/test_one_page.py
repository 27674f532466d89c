"""`ingest clean URL`: one article printed, nothing kept; `ingest fetch -f`: the articles of single pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.command import RunIngest
from tests.crawl.stored import articles, sqlite_url
from tests.site import Web
from tests.site.sites import family

SITES = {site.key: site for site in family()}


@pytest.fixture
def story() -> Iterator[tuple[Web, str]]:
    with Web([replace(SITES["post"], count=3)]) as web:
        yield web, next(iter(web.expected("post")))


def test_one_page_is_printed_and_nothing_is_stored(story: tuple[Web, str], run_ingest: RunIngest, home: Path) -> None:
    web, url = story
    words = web.expected("post")[url]
    done = run_ingest("clean", url, "-f", "md")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"# {words.title}\n\n")
    assert all(paragraph in done.stdout for paragraph in words.paragraphs)
    assert not home.exists()
    assert [one.target for one in web.log] == ["/robots.txt", "/" + url.split("/", 3)[3]]


def test_one_page_as_json_is_a_record_without_a_number(story: tuple[Web, str], run_ingest: RunIngest) -> None:
    web, url = story
    record = run_ingest("clean", url, "-f", "json").json
    words = web.expected("post")[url]
    assert (record["url"], record["title"], record["authors"]) == (url, words.title, list(words.authors))
    assert not {"id", "revision", "cluster"} & set(record)
    text = run_ingest("clean", url, "-f", "text").stdout
    assert text == run_ingest("clean", url).stdout


def test_what_may_not_be_fetched_is_not(story: tuple[Web, str], run_ingest: RunIngest, home: Path) -> None:
    web, url = story
    assert run_ingest("fetch", url).code == 0
    assert run_ingest("forget", url).code == 0
    web.clear_log()
    gone = run_ingest("clean", url)
    assert (gone.code, gone.stdout) == (2, "")
    assert "taken down" in gone.stderr
    forbidden = run_ingest("clean", web.url("post", "/private/notes"))
    assert (forbidden.code, "robots" in forbidden.stderr) == (3, True)
    private = run_ingest("clean", url + "x", env={"INGEST_ALLOW_NETWORKS": ""})
    assert (private.code, "address-refused" in private.stderr) == (3, True)
    assert {one.target for one in web.log} <= {"/robots.txt"}
    assert articles(sqlite_url(home)) == {}


def test_what_was_learned_about_the_site_is_cut(run_ingest: RunIngest) -> None:
    with Web([replace(SITES["post"], count=8)]) as web:
        assert run_ingest("crawl", web.url("post")).code == 0
        url = next(iter(web.expected("post")))
        stored = {record["url"]: record["body"] for record in run_ingest("export", "-f", "jsonl").json_lines}
        assert run_ingest("clean", url, "-f", "json").json["body"] == stored[url]


def test_fetch_prints_the_articles_it_stored(story: tuple[Web, str], run_ingest: RunIngest) -> None:
    web, url = story
    other = list(web.expected("post"))[1]
    done = run_ingest("fetch", url, other, f"{url}-no", "-f", "json")
    assert done.code == 3
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["url"] for record in records] == [url, other]
    assert all(record["id"] for record in records)
    assert f"{url}-no: gone: http-404" in done.stderr
    rows = run_ingest("fetch", url, "--json").json
    assert rows[0]["article"] == records[0]["id"]
    assert run_ingest("fetch", url, "-f", "md", "--json").code == 2


def test_the_first_fetch_gives_the_number_of_the_article(story: tuple[Web, str], run_ingest: RunIngest) -> None:
    assert run_ingest("fetch", story[1], "--json").json[0]["article"] == 1


def test_a_binary_file_is_named_and_not_printed(run_ingest: RunIngest, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    done = run_ingest("clean", str(tmp_path / "a.png"))
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr == f"ingest: {tmp_path}/a.png: a binary file (png), no page or text\n"
    (tmp_path / "b.txt").write_text("A line of text that was scraped.\n")
    both = run_ingest("clean", str(tmp_path))
    assert both.code == 0
    assert "a.png: left out" in both.stderr
    assert "scraped" in both.stdout


def test_a_page_that_was_taken_down_is_refused_and_adds_no_source(
    story: tuple[Web, str], run_ingest: RunIngest, home: Path
) -> None:
    web, url = story
    assert run_ingest("crawl", web.url("post")).code == 0
    assert run_ingest("forget", url).code == 0
    before = [row["source"] for row in run_ingest("status", "--json").json["sources"]]
    web.clear_log()
    (row,) = run_ingest("fetch", url, "--json").json
    assert (row["outcome"], row["reason"]) == ("refused", "forgotten")
    both = run_ingest("fetch", url, list(web.expected("post"))[1])
    assert both.code == 3
    assert "forgotten: it was taken down with ingest forget" in both.stdout
    assert url.split("/", 3)[3] not in " ".join(one.target for one in web.log)
    after = [row["source"] for row in run_ingest("status", "--json").json["sources"]]
    assert after == before
