"""What time it is: the computer's clock, unless INGEST_CLOCK sets another one going so that tests live through days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ingest.config import Config

STARTED_AT = datetime.now(UTC)  # one for the process, so that all its clocks agree

Clock = Callable[[], datetime]  # gives the present moment, aware and UTC


def clock(config: Config) -> Clock:
    """Return the clock of a config: it reads INGEST_CLOCK when the process starts and goes on from there."""
    ahead = datetime.fromisoformat(config.clock) - STARTED_AT if config.clock else timedelta()

    def now() -> datetime:
        return datetime.now(UTC) + ahead

    return now
