"""The books of a run, against what the server saw and what is in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.store import open_store
from tests.command import RunIngest
from tests.crawl.stored import sqlite_url
from tests.site import Web
from tests.site.sites import family

KEYS = ("post", "lindtal", "weblog")


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(replace(site, count=6) for site in family() if site.key in KEYS) as web:
        yield web


def test_the_books_are_what_the_server_saw(
    web: Web, run_ingest: RunIngest, sources_toml: Callable[[str], Path], home: Path
) -> None:
    sources_toml("\n".join(f'[sources.{key}]\nurl = "{web.url(key)}"\n' for key in KEYS))
    newest, gone, broken, moved, empty, *_ = web.sites["post"].on(0)
    target = web.url("post", newest.path)
    web.misbehave("post", gone.path, "410")
    web.misbehave("post", broken.path, "500")
    web.misbehave("post", moved.path, "redirect", target=target)
    web.misbehave("post", empty.path, "soft-404")
    web.misbehave("weblog", web.sites["weblog"].articles[0].path, "reset", times=1)  # had at the second try
    done = run_ingest("run", env={"INGEST_RETRIES": "1"})
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    asked = Counter(one.key for one in web.log)
    with open_store(sqlite_url(home)) as store:
        last = store.runs.last()
        assert last is not None
        by_source = {one.source: one for one in store.runs.of(last.run_id)}
        assert {key: book.counts.requests for key, book in by_source.items()} == dict(asked)
        articles = {key: sum(1 for _ in store.articles.each(source=key)) for key in KEYS}
        assert store.check() == ()
    for key, book in by_source.items():
        counts = book.counts
        assert counts.stored == articles[key] == counts.dated == counts.authored
        assert sum(book.reasons.values()) == counts.outcomes
        assert counts.bytes > counts.words > counts.stored * 50
        assert counts.seconds > 0
        assert counts.blocks > counts.cut
        assert book.next_due_at is not None
    post = by_source["post"]
    assert post.reasons["gone http-410"] == post.reasons["screened error-page"] == 1
    assert post.reasons["failed http-500"] == 1
    assert post.counts.duplicate + post.counts.unchanged == 1
    assert post.left == 1  # the page that failed is tried again

    status = {row["source"]: row for row in run_ingest("status", "--json").json["sources"]}
    for key, book in by_source.items():
        told = {name: status[key][name] for name in ("found", "new", "stored", "failed", "requests")}
        assert told == {name: getattr(book.counts, name) for name in told}
        assert status[key]["articles"] == articles[key]
