"""Ten days of the mini web: each day's run finds what is new, what changed and what was removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.days import MINIWEB, live_through

MIN_RECALL = 0.98


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not MINIWEB.is_dir(), reason="../shared/miniweb is not there")
def test_ten_days_are_followed_without_loss_and_without_false_revisions(tmp_path: Path) -> None:
    days = list(live_through(tmp_path / "home"))
    for day in days:
        assert day.recall >= MIN_RECALL, day
        assert day.false_revisions == 0, day
        assert (day.revised, day.marked) == (day.changed, day.gone), day
    assert [day.not_modified > 0 for day in days] == [False, True, True, True]
