"""Moments out of what pages write, no more exact than that."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract.metadata import dates
from ingest.model import Moment, Precision
from ingest.text.dates import reader
from ingest.text.dates.reader import DateContext, read

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TABLE = tomllib.loads((Path(__file__).parents[1] / "data/metadata/dates.toml").read_text("utf-8"))
ROWS = [(text, moment) for group in TABLE.values() for text, moment in group.items()]


@pytest.mark.parametrize(("text", "moment"), ROWS, ids=[text or "nothing" for text, _ in ROWS])
def test_a_text_names_the_moment_it_names(text: str, moment: str) -> None:
    found = read(text, DateContext(now=NOW))
    assert (found.iso() if found else "") == moment


def test_an_american_page_puts_the_month_first() -> None:
    first = read("3/4/2024", DateContext(now=NOW, month_first=True))
    other = read("3/4/2024", DateContext(now=NOW))
    assert first
    assert other
    assert (first.on, other.on) == (date(2024, 3, 4), date(2024, 4, 3))


def test_a_page_of_tonight_may_be_dated_tomorrow_in_the_east_but_no_later() -> None:
    assert read("2026-11-23", DateContext(now=NOW))
    assert read("2026-11-24", DateContext(now=NOW)) is None


WALLS = st.datetimes(datetime(1995, 1, 1), datetime(2026, 11, 1))  # noqa: DTZ001 - clocks on walls have no zone


@given(WALLS, st.integers(-14 * 2, 14 * 2))
@settings(max_examples=80, deadline=None)
def test_what_we_write_we_read(wall: datetime, half_hours: int) -> None:
    wall = wall.replace(microsecond=0)
    instant = Moment.of_instant(wall.replace(tzinfo=timezone(timedelta(minutes=30 * half_hours))))
    for moment in (instant, Moment.of_wall(wall), Moment.of_day(wall.date())):
        if moment.on not in reader.UNSET_DAYS:
            assert read(moment.iso(), DateContext(now=NOW)) == moment


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_raise(text: str) -> None:
    found = read(text, DateContext(now=NOW))
    assert found is None or reader.plausible(found, DateContext(now=NOW))


def moment(text: str) -> Moment:
    found = read(text, DateContext(now=NOW))
    assert found
    return found


@pytest.mark.parametrize(
    ("of", "others", "expected"),
    [
        ("2024-05-02", ["2024-05-03T10:00:00Z", "2024-05-02T17:30:00+02:00"], "2024-05-02T17:30:00+02:00"),
        ("2024-05-02", ["2024-05-02 17:30", "2024-05-02T17:30:00+02:00"], "2024-05-02T17:30:00+02:00"),
        ("2024-05-02 17:30", ["2024-05-02T15:30:00+02:00"], "2024-05-02T17:30:00"),
        ("2024-05-02", ["2024-05-02"], "2024-05-02"),
    ],
)
def test_a_day_or_a_clock_is_completed_by_a_witness_of_the_same(of: str, others: list[str], expected: str) -> None:
    assert dates.more_exact(moment(of), [moment(other) for other in others]).iso() == expected


@pytest.mark.parametrize(
    ("of", "others", "zone", "expected"),
    [
        ("2023-11-09T05:30:59Z", ["2023-11-08 23:30"], None, "2023-11-08T23:30:59-06:00"),
        ("2023-11-09T05:30:59Z", ["2023-11-08T23:30:59-06:00"], None, "2023-11-08T23:30:59-06:00"),
        ("2023-11-09T05:30:59Z", ["2023-11-08 22:47"], None, "2023-11-09T05:30:59+00:00"),
        ("2023-11-09T05:30:59+00:00", [], "America/Chicago", "2023-11-08T23:30:59-06:00"),
        ("2023-11-09T05:30:59+01:00", ["2023-11-08 23:30"], "America/Chicago", "2023-11-09T05:30:59+01:00"),
        ("2023-11-09", [], "America/Chicago", "2023-11-09"),
    ],
)
def test_utc_gives_way_to_the_place_where_it_was_published(
    of: str, others: list[str], zone: str | None, expected: str
) -> None:
    assert dates.localised(moment(of), [moment(other) for other in others], zone).iso() == expected


def test_a_clock_is_read_in_the_zone_of_its_source_with_its_summer_time() -> None:
    assert dates.in_zone(moment("2024-07-01 09:00"), "Europe/Berlin").iso() == "2024-07-01T09:00:00+02:00"
    assert dates.in_zone(moment("2024-01-01 09:00"), "Europe/Berlin").iso() == "2024-01-01T09:00:00+01:00"
    assert dates.in_zone(moment("2024-01-01"), "Europe/Berlin").precision is Precision.DAY


@pytest.mark.parametrize(
    ("seen", "zone"),
    [
        (["2024-01-10T08:00:00+01:00", "2024-07-10T08:00:00+02:00"], "Europe/Berlin"),
        (["2024-01-10T08:00:00-05:00", "2024-07-10T08:00:00-04:00"], "America/New_York"),
        (["2024-01-10T08:00:00+09:00", "2024-07-10T08:00:00+09:00"], "Asia/Tokyo"),
        (["2024-01-10T08:00:00+05:30", "2024-02-10T08:00:00+05:30", "2024-07-01T08:00:00+05:30"], "Asia/Kolkata"),
        (["2024-07-10T08:00:00Z", "2024-01-10T08:00:00Z"], None),
        (["2024-07-10T08:00:00+02:00", "2024-07-10T08:00:00-05:00"], None),
        (["2024-07-10T08:00:00+02:00"], None),
        ([], None),
    ],
)
def test_a_zone_is_learned_from_pages_that_give_theirs(seen: list[str], zone: str | None) -> None:
    assert (
        dates.learn_zone([moment(text) for text in seen] * 2 if len(seen) > 1 else [moment(text) for text in seen])
        == zone
    )
