"""What time it is: the computer's clock, unless INGEST_CLOCK sets another one so that tests can run through days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ingest.config import Config

STARTED_AT = datetime.now(UTC)  # one for the process, so that all its clocks agree

Clock = Callable[[], datetime]  # gives the present moment, aware and UTC

SLACK = timedelta(hours=1)  # by which the clocks of two machines may differ
SURELY_WRONG = timedelta(days=366)  # a due time so far ahead, whatever a source's interval is


def plausible(moment: datetime | None, now: datetime, longest: timedelta = SLACK) -> bool:
    """Tell whether a stored moment may be: not further ahead than the longest interval it can have been set for.

    A run whose clock was wrong leaves moments of another year behind; a source must not rest until then.
    """
    return moment is not None and moment <= now + max(longest, SLACK)


def clock(config: Config) -> Clock:
    """Return the clock of a config: it reads INGEST_CLOCK when the process starts and goes on from there."""
    ahead = datetime.fromisoformat(config.clock) - STARTED_AT if config.clock else timedelta()

    def now() -> datetime:
        return datetime.now(UTC) + ahead

    return now
