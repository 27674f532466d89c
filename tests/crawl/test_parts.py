"""Articles over several pages: one article in order, whichever of its pages was asked for, now and out of raw pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.store import StoredArticle
from tests.command import RunIngest
from tests.crawl.stored import articles, sqlite_url
from tests.site import Web
from tests.site.sites import Site, SiteArticle

PAGES = 4
NUMBER = 3  # of the article that goes over four pages


@pytest.fixture
def gazette() -> Iterator[Web]:
    """A site of four articles, one of them over four pages."""
    site = Site(key="gazette", host="127.4.1.9", language="en", count=4, days=0, sitemap="plain", paged={NUMBER: PAGES})
    with Web([site]) as web:
        yield web


def long_one(web: Web) -> SiteArticle:
    return web.sites["gazette"].articles[NUMBER]


def paragraphs(stored: StoredArticle) -> list[str]:
    return [block.text for block in stored.article.kept]


def test_four_pages_become_one_article_in_order_without_repeated_paragraphs(
    gazette: Web, run_ingest: RunIngest, home: Path
) -> None:
    done = run_ingest("crawl", gazette.url("gazette"))
    assert done.code == 0, done.stderr
    url = gazette.url("gazette", long_one(gazette).path)
    stored = articles(sqlite_url(home))
    assert set(stored) == set(gazette.expected())
    own = list(long_one(gazette).words.paragraphs)
    text = paragraphs(stored[url])
    assert [one for one in text if one in own] == own  # in order, none lost, none twice
    assert len(set(text)) == len(text)
    assert [part.note for part in stored[url].article.parts] == [""] * (PAGES - 1)
    assert sorted(one.target for one in gazette.log if one.target.startswith(long_one(gazette).path)) == [
        long_one(gazette).path,
        *(f"{long_one(gazette).path}?page={number}" for number in range(2, PAGES + 1)),
    ]

    before = stored[url]
    same = run_ingest("reextract", "--json")  # out of the raw pages, each of them
    assert (same.json["same"], same.json["articles"]) == (len(stored), len(stored)), same.stdout
    gazette.clear_log()
    third = run_ingest("fetch", f"{url}?page=3")
    assert third.code == 0, third.stderr
    after = articles(sqlite_url(home))
    assert set(after) == set(stored)
    assert paragraphs(after[url]) == paragraphs(before)
    why = run_ingest("why", f"{url}?page=3")
    assert f"joined from {PAGES} pages" in why.stdout
    assert f"leads to {url}" in why.stdout
    packed = run_ingest("export", "-f", "warc").stdout
    assert packed.count("WARC-Type: response") == len(stored) + PAGES - 1
