"""25m, 7d, 2026-03-01: what people type for times."""

from datetime import UTC, datetime, timedelta

import click
import pytest

from ingest.cli.support.durations import DURATION, SINCE


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("25m", timedelta(minutes=25)),
        ("6h", timedelta(hours=6)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_a_duration_is_a_number_with_a_unit(typed, meant):
    assert DURATION.convert(typed, None, None) == meant


@pytest.mark.parametrize("typed", ["", "25", "m", "0m", "-5m", "1.5h", "25 m", "99999999999d"])
def test_anything_else_is_refused_with_examples(typed):
    with pytest.raises(click.BadParameter, match="25m"):
        DURATION.convert(typed, None, None)


def test_since_takes_days_moments_and_durations():
    assert SINCE.convert("2026-03-01", None, None) == datetime(2026, 3, 1, tzinfo=UTC)
    assert SINCE.convert("2026-03-01T06:00+01:00", None, None) == datetime(2026, 3, 1, 5, tzinfo=UTC)
    assert abs(SINCE.convert("7d", None, None) - datetime.now(UTC) + timedelta(days=7)) < timedelta(minutes=1)


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30", "999999999w"])
def test_since_refuses_what_is_no_moment(typed):
    with pytest.raises(click.BadParameter, match="2026-03-01"):
        SINCE.convert(typed, None, None)
