"""Sources that break at random over simulated days, with kills: nothing is lost, nothing is out of balance or silent.

`python -m benchmarks.soak` is the long one: 2,000 sources over 20 days.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawl.soak import Soak, live_through, memory_grew


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_soak_of_broken_sources_balances_every_day(tmp_path: Path) -> None:
    days = list(live_through(Soak(sources=30, days=6, kills=3), tmp_path / "home"))
    assert [day.wrong for day in days] == [()] * 6
    assert all(day.articles >= day.expected for day in days)
    assert sum(day.broken for day in days) >= 10
    assert not memory_grew(days)
