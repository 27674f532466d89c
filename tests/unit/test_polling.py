"""When a seed is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.discover.polling import MOST_REST, MOST_REST_BEHIND, next_poll, rests
from ingest.model import Seed, SeedKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = Seed(url="https://a.example/feed", kind=SeedKind.FEED)
BEHIND = Seed(url="https://a.example/sitemap-2019.xml", kind=SeedKind.SITEMAP, depth=1)


@pytest.mark.parametrize(
    ("silent", "after"),
    [
        pytest.param(timedelta(), HOUR, id="just now: at the next run"),
        pytest.param(6 * HOUR, HOUR, id="this morning: at the next run"),
        pytest.param(timedelta(days=1), 2 * HOUR, id="yesterday"),
        pytest.param(timedelta(days=6), 12 * HOUR, id="last week"),
        pytest.param(timedelta(days=900), MOST_REST, id="years ago: still once a day"),
    ],
)
def test_a_seed_is_asked_less_often_the_longer_it_has_been_silent(silent: timedelta, after: timedelta) -> None:
    told = {"unchanged": 3, "failures": 0}
    assert next_poll(FEED, NOW, HOUR, changed_at=NOW - silent, **told) == NOW + after


def test_a_seed_that_never_brought_anything_counts_its_polls() -> None:
    assert next_poll(FEED, NOW, HOUR, changed_at=None, unchanged=48, failures=0) == NOW + 4 * HOUR


def test_what_stands_behind_an_index_may_rest_for_a_week() -> None:
    years_ago = NOW - timedelta(days=900)
    assert next_poll(BEHIND, NOW, HOUR, changed_at=years_ago, unchanged=99, failures=0) == NOW + MOST_REST_BEHIND


@pytest.mark.parametrize(("failures", "after_h"), [(1, 1), (2, 2), (3, 4), (9, 24), (500, 24)])
def test_a_failing_seed_is_tried_ever_later_and_once_a_day_at_least(failures: int, after_h: int) -> None:
    assert next_poll(FEED, NOW, HOUR, changed_at=NOW, unchanged=0, failures=failures) == NOW + after_h * HOUR


def test_a_source_that_is_crawled_once_a_week_asks_all_its_seeds_each_time() -> None:
    week = timedelta(days=7)
    told = next_poll(FEED, NOW, week, changed_at=NOW - timedelta(days=300), unchanged=40, failures=0)
    assert told == NOW + week
    assert not rests(told, NOW + week - timedelta(minutes=5), week)


def test_a_run_that_comes_a_little_early_does_not_pass_a_seed_over() -> None:
    assert not rests(NOW + timedelta(minutes=20), NOW, HOUR)
    assert rests(NOW + timedelta(minutes=40), NOW, HOUR)
    assert not rests(None, NOW, HOUR)
