"""The table of status."""

from __future__ import annotations

import pytest

from ingest.cli.status import sparkline

TRENDS = (((), ""), ((0, 0), "··"), ((0, 1, 8), "·▁█"), ((3,), "█"), ((1, 1000), "▁█"), ((4, 8, 2), "▄█▂"))


@pytest.mark.parametrize(("counts", "bars"), TRENDS)
def test_a_trend_is_one_bar_a_day_and_a_dot_for_none(counts: tuple[int, ...], bars: str) -> None:
    assert sparkline(counts) == bars
