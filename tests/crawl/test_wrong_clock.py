"""A run whose clock was years ahead costs the runs after it nothing: sources, feeds, hosts and robots.txt come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.command import RunIngest
from tests.crawl.stored import articles
from tests.site import Web
from tests.site.sites import EPOCH, family

KEYS = ("lindtal", "weblog")


@pytest.fixture
def web() -> Iterator[Web]:
    with Web(replace(site, count=3) for site in family() if site.key in KEYS) as web:
        yield web


def test_a_run_in_another_year_does_not_silence_a_source(
    web: Web, run_ingest: RunIngest, sources_toml: Callable[[str], Path], sqlite_url: str
) -> None:
    sources_toml("\n".join(f'[sources.{key}]\nurl = "{web.url(key)}"\n' for key in KEYS))
    database = {"INGEST_DATABASE_URL": sqlite_url}
    ahead = run_ingest("run", env=database | {"INGEST_CLOCK": (EPOCH + timedelta(days=1500)).isoformat()})
    assert ahead.code == 0
    web.day = 1
    web.clear_log()
    run = run_ingest("run", env=database | {"INGEST_CLOCK": (EPOCH + timedelta(days=1)).isoformat()})
    assert (run.code, run.stderr) == (0, "")
    assert set(articles(sqlite_url)) >= set(web.expected())
