"""`ingest run`, day after day: what is new, what changed, what went; and both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest.store import open_store
from tests.command import RunIngest
from tests.site import Web

SourcesToml = Callable[[str], Path]


@pytest.fixture
def declared(web: Web, sources_toml: SourcesToml) -> None:
    sources_toml(
        "\n".join(f'[sources.{key}]\nurl = "{web.url(key)}"\nevery_min = 1\n' for key in ("post", "lindtal", "weblog"))
    )


def records(run_ingest: RunIngest, **env: str) -> dict[str, dict[str, Any]]:
    return {record["url"]: record for record in run_ingest("export", "-f", "jsonl", env=env).json_lines}


NAMES = ("post", "lindtal", "weblog")  # named ones are crawled whether due or not


@pytest.mark.usefixtures("declared")
def test_each_day_brings_the_new_articles_and_the_changed_ones(
    web: Web, run_ingest: RunIngest, database_url: str
) -> None:
    env = {"INGEST_DATABASE_URL": database_url}
    first = run_ingest("run", *NAMES, env=env)
    assert (first.code, first.stdout, first.stderr) == (0, "", "")
    assert set(records(run_ingest, **env)) == set(web.expected(*NAMES))

    web.day = 1
    web.clear_log()
    second = run_ingest("run", *NAMES, env=env)
    assert (second.code, second.stdout, second.stderr) == (0, "", "")
    found = records(run_ingest, **env)
    assert set(web.expected(*NAMES, day=1)) <= set(found)
    for url, words in web.expected(*NAMES).items():
        missing = [paragraph for paragraph in words.paragraphs if paragraph not in found[url]["body"]]
        assert missing == [], url
    changed = {web.url(key, web.sites[key].articles[1].path) for key in NAMES if web.sites[key].sitemap}
    with open_store(database_url) as store:
        revised = {
            stored.article.url for stored in store.articles.each() if len(store.articles.revisions(stored.id)) > 1
        }
    assert revised == changed

    web.clear_log()
    third = run_ingest("run", *NAMES, env=env)
    assert third.code == 0
    assert web.articles_asked() == []


@pytest.mark.usefixtures("declared")
def test_a_removed_article_is_marked_and_kept(web: Web, run_ingest: RunIngest) -> None:
    url = web.url("post", web.sites["post"].articles[0].path)
    assert run_ingest("run", "post").code == 0
    web.day = 1
    asked = run_ingest("fetch", url)
    assert "gone" in asked.stdout
    assert url in records(run_ingest)


@pytest.mark.usefixtures("declared")
def test_an_unchanged_page_is_answered_with_304_and_makes_no_revision(web: Web, run_ingest: RunIngest) -> None:
    path = web.sites["post"].articles[5].path
    assert run_ingest("run", "post").code == 0
    web.clear_log()
    done = run_ingest("fetch", web.url("post", path))
    assert done.code == 0
    assert "unchanged" in done.stdout
    assert [one.status for one in web.articles_asked()] == [304]


@pytest.mark.usefixtures("declared")
def test_only_due_sources_are_crawled(web: Web, run_ingest: RunIngest) -> None:
    assert run_ingest("run").code == 0
    web.clear_log()
    done = run_ingest("run", "-v")
    assert done.code == 0
    assert "nothing is due" in done.stderr
    assert web.log == ()


@pytest.mark.usefixtures("declared")
def test_a_failing_source_is_told_once_and_every_time_with_strict(web: Web, run_ingest: RunIngest) -> None:
    assert run_ingest("run", *NAMES).code == 0
    web.misbehave("post", "*", "500")
    env = {"INGEST_RETRIES": "0"}
    first = run_ingest("run", *NAMES, env=env)
    assert first.code == 3
    assert first.stdout == ""
    (line,) = first.stderr.splitlines()
    assert "post" in line
    assert "500" in line
    again = run_ingest("run", *NAMES, env=env)
    assert (again.code, again.stderr) == (0, "")
    assert run_ingest("run", *NAMES, "--strict", env=env).code == 3
    status = {row["name"]: row for row in run_ingest("status", "--json").json["sources"]}
    assert status["post"]["state"] == "failed"
    assert status["weblog"]["state"] == "ok"


@pytest.mark.usefixtures("declared")
def test_a_dry_run_fetches_no_article_and_stores_nothing(web: Web, run_ingest: RunIngest) -> None:
    done = run_ingest("run", "--dry-run")
    assert done.code == 0, done.stderr
    assert web.articles_asked() == []
    assert done.table["weblog"]["new"] == str(len(web.expected("weblog")))
    assert run_ingest("export", "-f", "jsonl").stdout == ""
    after = run_ingest("run")
    assert after.code == 0, after.stderr
    assert set(records(run_ingest)) == set(web.expected(*NAMES))


@pytest.mark.usefixtures("declared")
def test_a_dead_feed_falls_back_to_what_else_is_there(web: Web, run_ingest: RunIngest) -> None:
    web.misbehave("post", "/feed", "500")
    assert run_ingest("run", "post", env={"INGEST_RETRIES": "0"}).code == 0
    assert set(records(run_ingest)) == set(web.expected("post"))
