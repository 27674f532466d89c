"""`ingest run`, day after day: what is new, what changed, what went; and both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.model import OutcomeKind
from tests.command import RunIngest
from tests.crawl.stored import articles, outcome, revised, sqlite_url
from tests.site import Web
from tests.site.sites import EPOCH, family

SourcesToml = Callable[[str], Path]

KEYS = ("post", "lindtal", "weblog")  # validators: both, one, both; seeds: feed and sitemap, both, feed


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(replace(site, count=5) for site in family() if site.key in KEYS) as web:
        yield web


@pytest.fixture(autouse=True)
def declared(web: Web, sources_toml: SourcesToml) -> None:
    sources_toml("\n".join(f'[sources.{key}]\nurl = "{web.url(key)}"\n' for key in KEYS))


def at(*, days: float = 0, **env: str) -> dict[str, str]:
    """The environment of a command that starts so many days into the life of the web."""
    return {"INGEST_CLOCK": (EPOCH + timedelta(days=days)).isoformat(), **env}


def test_each_day_brings_what_is_new_changed_and_gone(web: Web, run_ingest: RunIngest, database_url: str) -> None:
    database = {"INGEST_DATABASE_URL": database_url}
    first = run_ingest("run", env=at(**database))
    assert (first.code, first.stdout, first.stderr) == (0, "", "")
    assert set(articles(database_url)) == set(web.expected())
    removed = {web.url(key, web.sites[key].articles[0].path) for key in ("post", "lindtal")}

    web.day = 1
    web.clear_log()
    second = run_ingest("run", env=at(days=1.1, **database))
    assert (second.code, second.stdout, second.stderr) == (0, "", "")
    stored = articles(database_url)
    assert set(stored) == set(web.expected()) | removed
    for url, words in web.expected().items():
        assert [one for one in words.paragraphs if one not in stored[url].article.body] == [], url
    assert revised(database_url) == {web.url(key, web.sites[key].articles[1].path) for key in KEYS}
    assert {outcome(database_url, url) for url in removed} == {OutcomeKind.GONE}
    statuses = [one.status for one in web.articles_asked()]
    assert statuses.count(410) == len(removed)
    assert statuses.count(304) == len(stored) - 3 - len(KEYS) - len(removed)  # not the new, changed and removed

    web.clear_log()
    third = run_ingest("run", *KEYS, env=at(days=1.11, **database))  # named: due or not
    assert (third.code, third.stdout, third.stderr) == (0, "", "")
    assert web.articles_asked() == []

    web.clear_log()
    fourth = run_ingest("run", "-v", env=at(days=1.12, **database))
    assert fourth.code == 0
    assert "nothing is due" in fourth.stderr
    assert web.log == ()


def test_a_page_fetched_again_is_reported_as_what_it_is(web: Web, run_ingest: RunIngest, home: Path) -> None:
    gone, changed, same, *_ = (web.url("post", article.path) for article in web.sites["post"].articles)
    assert run_ingest("run", "post").code == 0
    web.day = 1
    done = run_ingest("fetch", gone, changed, same, "--json")
    assert done.code == 3  # one of them is gone
    assert [row["outcome"] for row in done.json] == ["gone", "revised", "unchanged"]
    assert gone in articles(sqlite_url(home))


def test_a_failing_source_is_reported_once_and_every_time_with_strict(web: Web, run_ingest: RunIngest) -> None:
    web.misbehave("post", "*", "500")
    env = {"INGEST_RETRIES": "0"}
    first = run_ingest("run", "post", "weblog", env=env)
    assert first.code == 3
    assert first.stdout == ""
    (line,) = first.stderr.splitlines()
    assert "post" in line
    assert "500" in line
    again = run_ingest("run", "post", "weblog", env=env)
    assert (again.code, again.stderr) == (0, "")
    assert run_ingest("run", "post", "weblog", "--strict", env=env).code == 3
    status = {row["source"]: row for row in run_ingest("status", "--json").json["sources"]}
    assert status["post"]["state"] == "failed"
    assert status["weblog"]["state"] == "ok"


def test_a_dry_run_fetches_no_article_and_keeps_nothing(web: Web, run_ingest: RunIngest, home: Path) -> None:
    done = run_ingest("run", "--dry-run", "weblog")
    assert done.code == 0, done.stderr
    assert web.articles_asked() == []
    assert int(done.table["weblog"]["new"]) >= 5
    assert run_ingest("run", "weblog").code == 0
    assert set(articles(sqlite_url(home))) == set(web.expected("weblog"))


def test_a_dead_feed_falls_back_to_what_else_is_there(web: Web, run_ingest: RunIngest, home: Path) -> None:
    web.misbehave("post", "/feed", "500")
    assert run_ingest("run", "post", env={"INGEST_RETRIES": "0"}).code == 0
    assert set(articles(sqlite_url(home))) == set(web.expected("post"))
