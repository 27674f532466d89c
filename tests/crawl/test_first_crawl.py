"""`ingest crawl` on sites it has never seen: everything is found, nothing else is stored, the text is clean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.command import RunIngest
from tests.site import Web
from tests.site.writing import texts

SITES = ("post", "lindtal", "zarechye", "qingshi", "wahat", "weblog")


def furniture(language: str) -> tuple[str, ...]:
    """The lines that belong to the site."""
    bank = texts(language)
    return (*bank.newsletter, *bank.appeal, bank.hint)


@pytest.fixture
def crawled(web: Web, run_ingest: RunIngest) -> dict[str, dict[str, Any]]:
    """The exported records by URL after one crawl of the whole family."""
    done = run_ingest("crawl", *(web.url(key) for key in SITES))
    assert done.code == 0, done.stderr
    return {record["url"]: record for record in run_ingest("export", "-f", "jsonl").json_lines}


def test_every_article_of_every_kind_of_site_is_stored_clean_and_nothing_else(
    web: Web, crawled: dict[str, dict[str, Any]]
) -> None:
    expected = web.expected()
    assert set(crawled) == set(expected)
    leaked, lost, titles = [], [], []
    for key, site in web.sites.items():
        for url, words in web.expected(key).items():
            record = crawled[url]
            leaked += [(url, line) for line in furniture(site.language) if line in record["body"]]
            leaked += [(url, texts(site.language).teaser)] * (texts(site.language).teaser in record["body"])
            lost += [(url, paragraph) for paragraph in words.paragraphs if paragraph not in record["body"]]
            titles += [(record["title"], words.title)] * (record["title"] != words.title)
    assert leaked == []
    assert lost == []
    assert titles == []
    assert all(record["published"] and record["authors"] and record["language"] for record in crawled.values())
    assert {record["language"] for record in crawled.values()} == {"en", "de", "ru", "zh", "ar"}
    assert web.at_once("post") == 1  # as on every site
    assert not [one.target for one in web.log if one.target.startswith(("/private", "/search"))]
    assert all(one.headers["user-agent"].startswith("ingest/") for one in web.log)
    assert not [one for one in web.log if "cookie" in one.headers or "referer" in one.headers]


def test_a_second_crawl_with_nothing_new_asks_for_no_article(web: Web, run_ingest: RunIngest) -> None:
    first = run_ingest("crawl", web.url("post"), web.url("lindtal"))
    assert first.code == 0, first.stderr
    web.clear_log()
    second = run_ingest("crawl", web.url("post"), web.url("lindtal"))
    assert second.code == 0, second.stderr
    assert web.articles_asked() == []
    assert all(cells["stored"] == "0" for cells in second.table.values())
    seeds = [one for one in web.log if one.key == "post" and one.target in ("/feed", "/sitemap.xml")]
    assert seeds
    assert {one.status for one in seeds} == {304}


def test_the_closing_table_counts_and_says_what_to_type_next(web: Web, run_ingest: RunIngest, home: Path) -> None:
    done = run_ingest("crawl", web.url("weblog"))
    (row,) = done.table.values()
    assert row["stored"] == str(len(web.expected("weblog")))
    assert int(row["stripped"]) > 0
    assert f"ingest --home {home} show 1" in done.stdout
    assert done.stderr == ""
    shown = run_ingest("show", "1")
    assert shown.stdout.splitlines()[0] in {words.title for words in web.expected("weblog").values()}


def test_the_result_can_be_had_as_json(web: Web, run_ingest: RunIngest) -> None:
    done = run_ingest("crawl", web.url("weblog"), "--json")
    (source,) = done.json["sources"]
    assert source["stored"] == len(web.expected("weblog"))
    assert source["failed"] == 0
    assert source["state"] == "ok"


def test_max_articles_leaves_the_rest_for_the_next_run(web: Web, run_ingest: RunIngest) -> None:
    first = run_ingest("crawl", web.url("post"), "--max-articles", "4")
    assert first.code == 0, first.stderr
    assert first.table[next(iter(first.table))]["stored"] == "4"
    second = run_ingest("crawl", web.url("post"))
    assert second.table[next(iter(second.table))]["stored"] == str(len(web.expected("post")) - 4)
    fetched = [one.target.partition("?")[0] for one in web.articles_asked("post")]
    assert len(fetched) == len(set(fetched))


def test_the_newest_articles_come_first(web: Web, run_ingest: RunIngest) -> None:
    run_ingest("crawl", web.url("post"), "--max-articles", "3")
    newest = [article.path for article in web.sites["post"].on(0)[:3]]
    assert sorted(one.target.partition("?")[0] for one in web.articles_asked("post")) == sorted(newest)


def test_crawl_delay_is_kept(web: Web, run_ingest: RunIngest) -> None:
    site = replace(web.sites["weblog"], crawl_delay=0.2, count=4, days=0)
    with Web([site]) as slow:
        done = run_ingest("crawl", slow.url("weblog"))
        assert done.code == 0, done.stderr
        assert len(slow.articles_asked()) == 4
        after_robots = slow.gaps_s("weblog")[1:]
        assert min(after_robots) >= 0.19  # the server sees a millisecond of jitter


def test_pages_that_fail_cost_only_themselves(web: Web, run_ingest: RunIngest) -> None:
    paths = [article.path for article in web.sites["post"].on(0)]
    for path, name in zip(paths, ("500", "truncated", "soft-404", "redirect-loop", "404"), strict=False):
        web.misbehave("post", path, name)
    done = run_ingest("crawl", web.url("post"), env={"INGEST_RETRIES": "0"})
    assert done.code == 0, done.stderr
    records = run_ingest("export", "-f", "jsonl").json_lines
    assert {record["url"] for record in records} == {web.url("post", path) for path in paths[5:]}


def test_a_redirect_to_a_private_address_is_refused(web: Web, run_ingest: RunIngest) -> None:
    path = web.sites["weblog"].on(0)[0].path
    web.misbehave("weblog", path, "redirect-private")
    done = run_ingest("crawl", web.url("weblog"))
    assert done.table[next(iter(done.table))]["stored"] == str(len(web.expected("weblog")) - 1)
    asked = run_ingest("fetch", web.url("weblog", path))
    assert asked.code == 3
    assert "refused" in asked.stdout


def test_an_article_behind_a_redirect_is_stored_once(web: Web, run_ingest: RunIngest) -> None:
    first, second, *_ = web.sites["weblog"].on(0)
    web.misbehave("weblog", first.path, "redirect", target=second.path)
    done = run_ingest("crawl", web.url("weblog"))
    assert done.code == 0, done.stderr
    urls = [record["url"] for record in run_ingest("export", "-f", "jsonl").json_lines]
    assert sorted(urls) == sorted(url for url in web.expected("weblog") if not url.endswith(first.path))
