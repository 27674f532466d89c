"""Small sites of the usual generators, without feeds and sitemaps, are found whole, for few requests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.command import RunIngest
from tests.crawl.stored import articles, sqlite_url
from tests.smallsites import SmallSite, forty
from tests.smallsites.server import NETWORK, serving

MIN_RECALL, MIN_PRECISION = 0.98, 0.97
REQUESTS_AN_ARTICLE, REQUESTS_A_SITE = 1.6, 7
FAST = ("jekyll-plain-short", "wordpress-plain-short", "news-script-plain", "board-plain", "blogger-plain")


def crawl(sites: Sequence[SmallSite], run_ingest: RunIngest, home: Path) -> None:
    env = {"INGEST_ALLOW_NETWORKS": NETWORK, "INGEST_DELAY_S": "0.01"}
    with serving(sites) as served:
        done = run_ingest("crawl", *(f"{one.url}/" for one in served), env=env, timeout_s=900)
        stored = set(articles(sqlite_url(home)))
        assert done.code == 0, done.stderr
        wanted = set[str]().union(*(one.articles for one in served))
        missing, extra = wanted - stored, stored - wanted
        assert len(missing) <= (1 - MIN_RECALL) * len(wanted), sorted(missing)
        assert len(extra) <= (1 - MIN_PRECISION) * len(stored), sorted(extra)
        for one in served:
            most = REQUESTS_AN_ARTICLE * len(one.articles) + REQUESTS_A_SITE
            assert one.asked.total() <= most, (one.site.name, one.asked)
        for one in served:
            one.asked.clear()
        again = run_ingest("crawl", *(f"{one.url}/" for one in served), env=env, timeout_s=900)
        assert again.code == 0, again.stderr
        # what the first run left out (recall is not 1) is news to the second one; what it stored is not asked for again
        asked = {one.url + path for one in served for path in one.asked if path in one.site.articles}
        assert asked & stored == set()


def test_small_plain_sites_are_found_whole(run_ingest: RunIngest, home: Path) -> None:
    crawl([site for site in forty() if site.name in FAST], run_ingest, home)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_forty_small_sites_are_found_whole(run_ingest: RunIngest, home: Path) -> None:
    crawl(forty(), run_ingest, home)
