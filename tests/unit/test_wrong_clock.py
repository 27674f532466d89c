"""Moments that a wrong clock left behind are not believed: nothing rests for years, nothing is fresh for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.clock import plausible
from ingest.crawl.plan import furthest_due, next_due
from ingest.discover.polling import next_poll, rests
from ingest.model import Seed, SeedKind, Source
from ingest.store import SourceEnd, Store

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
LATER = datetime(2030, 3, 1, 6, tzinfo=UTC)  # what the clock showed once
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


@pytest.mark.parametrize("every", [timedelta(minutes=5), HOUR, WEEK, timedelta(days=40)])
@pytest.mark.parametrize("failures", range(0, 20, 3))
def test_every_due_time_that_can_be_set_is_believed(every: timedelta, failures: int) -> None:
    assert next_due(NOW, every, failures) <= furthest_due(NOW, every)
    for depth in (0, 1):
        seed = Seed(url="https://example.com/feed", kind=SeedKind.FEED, depth=depth)
        for unchanged in (0, 1, 1000):
            at = next_poll(seed, NOW, every, changed_at=None, unchanged=unchanged, failures=failures)
            assert not rests(at, at, every)
            assert plausible(at, NOW, max(every, WEEK))


def test_a_seed_does_not_rest_until_another_year() -> None:
    assert rests(NOW + 3 * HOUR, NOW, HOUR)
    assert not rests(LATER, NOW, HOUR)


def test_a_source_that_is_due_in_another_year_is_due_now(store: Store) -> None:
    source = Source(name="news", url="https://example.com/")
    store.sources.sync([source], NOW)
    for due_at, is_due in ((NOW + 12 * HOUR, False), (LATER, True), (NOW - HOUR, True)):
        store.sources.ran("news", NOW, next_due_at=due_at, state=SourceEnd.OK)
        assert [one.name for one in store.sources.due(NOW, furthest=furthest_due(NOW, HOUR))] == ["news"] * is_due
