"""What the closing table says of a backfill."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.cli.support.summary import backfilled
from ingest.crawl.plan import SourceResult

OPEN = [["https://example.com/page/2/", 0, True]]


@pytest.mark.parametrize(
    ("backfill", "left", "told"),
    [
        (None, 3, None),
        ({"window": "2024-01-01..2024-03-31", "open": [], "done": True}, 0, "2024-01-01..2024-03-31 is complete"),
        ({"window": "2024-01-01..", "open": OPEN, "done": False}, 12, "1 list to read and 12 pages to fetch"),
    ],
)
def test_a_backfill_says_how_far_it_has_come(backfill: dict[str, Any] | None, left: int, told: str | None) -> None:
    result = SourceResult()
    result.backfill, result.left = backfill, left
    said = backfilled(result)
    assert said is None if told is None else told in str(said)
