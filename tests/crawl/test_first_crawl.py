"""`ingest crawl` on sites it has never seen: everything is found, nothing else is stored, the text is clean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.command import RunIngest
from tests.crawl.stored import articles, sqlite_url
from tests.site import Web
from tests.site.sites import family
from tests.site.writing import texts

SITES = {site.key: site for site in family()}


@pytest.fixture
def small() -> Iterator[Web]:
    """One site with a feed, a sitemap and sections, of eight articles."""
    with Web([replace(SITES["post"], count=8, feed_entries=4)]) as web:
        yield web


def furniture(language: str) -> tuple[str, ...]:
    """The lines that belong to the site."""
    bank = texts(language)
    return (*bank.newsletter, *bank.appeal, bank.hint, bank.teaser)


def test_every_article_of_every_kind_of_site_is_stored_clean_and_nothing_else(
    web: Web, run_ingest: RunIngest, home: Path
) -> None:
    done = run_ingest("crawl", *(web.url(key) for key in web.sites))
    assert done.code == 0, done.stderr
    assert done.stderr == ""
    stored = articles(sqlite_url(home))
    assert set(stored) == set(web.expected())
    leaked, lost, titles = [], [], []
    for key, site in web.sites.items():
        for url, words in web.expected(key).items():
            article = stored[url].article
            leaked += [(url, line) for line in furniture(site.language) if line in article.body]
            lost += [(url, paragraph) for paragraph in words.paragraphs if paragraph not in article.body]
            titles += [(article.title, words.title)] * (article.title != words.title)
            assert article.language == site.language
            assert article.authors == words.authors
            assert article.published is not None
    assert (leaked, lost, titles) == ([], [], [])
    assert max(web.at_once(key) for key in web.sites) == 1
    assert not [one.target for one in web.log if one.target.startswith(("/private", "/search"))]
    assert all(one.headers["user-agent"].startswith("ingest/") for one in web.log)
    assert not [one for one in web.log if "cookie" in one.headers or "referer" in one.headers]

    web.clear_log()
    again = run_ingest("crawl", *(web.url(key) for key in web.sites))
    assert again.code == 0, again.stderr
    assert web.articles_asked() == []
    seeds = [one.status for one in web.log if (one.key, one.target) in (("post", "/feed"), ("lindtal", "/sitemap.xml"))]
    assert set(seeds) == {304}


def test_the_closing_table_counts_and_says_what_to_type_next(small: Web, run_ingest: RunIngest, home: Path) -> None:
    done = run_ingest("crawl", small.url("post"))
    (row,) = done.table.values()
    assert row["stored"] == "8"
    assert int(row["stripped"]) > 0
    assert re.search(rf"--home {re.escape(str(home))} show [1-8]  ", done.stdout)  # the newest
    assert done.stderr == ""
    titles = {words.title for words in small.expected().values()}
    assert run_ingest("show", "1").stdout.splitlines()[0] in titles
    records = run_ingest("export", "-f", "jsonl").json_lines
    assert {record["title"] for record in records} == titles
    assert {record["url"] for record in records} == set(small.expected())
    keys = {"url", "canonical_url", "title", "body", "published", "authors", "language", "site_name", "source", "id"}
    assert all(keys <= set(record) for record in records)
    assert all(record["site_name"] == "The Ashgrove Post" for record in records)


def test_max_articles_takes_the_newest_and_leaves_the_rest_for_the_next_run(small: Web, run_ingest: RunIngest) -> None:
    first = run_ingest("crawl", small.url("post"), "--max-articles", "3", "--json")
    (source,) = first.json["sources"]
    assert (source["state"], source["stored"], source["failed"]) == ("ok", 3, 0)
    asked = [one.target.partition("?")[0] for one in small.articles_asked()]
    assert sorted(asked) == sorted(article.path for article in small.sites["post"].on(0)[:3])
    second = run_ingest("crawl", small.url("post"), "--json")
    assert second.json["sources"][0]["stored"] == 5
    asked = [one.target.partition("?")[0] for one in small.articles_asked()]
    assert len(asked) == len(set(asked))


def test_crawl_delay_is_kept(run_ingest: RunIngest) -> None:
    with Web([replace(SITES["weblog"], crawl_delay=0.2, count=3, days=0)]) as web:
        done = run_ingest("crawl", web.url("weblog"))
        assert done.code == 0, done.stderr
        assert len(web.articles_asked()) == 3
        assert min(web.gaps_s("weblog")[1:]) >= 0.19  # after robots.txt; the server's clock trembles by milliseconds


def test_pages_that_fail_cost_only_themselves(small: Web, run_ingest: RunIngest, home: Path) -> None:
    paths = [article.path for article in small.sites["post"].on(0)]
    faults = ("500", "truncated", "reset", "redirect-loop", "404", "redirect-private")
    for path, name in zip(paths, faults, strict=False):
        small.misbehave("post", path, name)
    done = run_ingest("crawl", small.url("post"), env={"INGEST_RETRIES": "0"})
    assert done.code == 0, done.stderr
    assert set(articles(sqlite_url(home))) == {small.url("post", path) for path in paths[len(faults) :]}
    asked = run_ingest("fetch", small.url("post", paths[5]), env={"INGEST_RETRIES": "0"})
    assert asked.code == 3
    assert "refused" in asked.stdout


def test_an_article_behind_a_redirect_is_stored_once(small: Web, run_ingest: RunIngest, home: Path) -> None:
    first, second, *_ = small.sites["post"].on(0)
    small.misbehave("post", first.path, "redirect", target=second.path)
    done = run_ingest("crawl", small.url("post"))
    assert done.code == 0, done.stderr
    assert set(articles(sqlite_url(home))) == {url for url in small.expected() if not url.endswith(first.path)}
