"""When a seed is fetched again: the longer it has had nothing new, the less often, within bounds.

The interval is a twelfth of the time since its last change: a seed that changed an hour ago is fetched at every run,
one without changes for a day every two hours, for two weeks once a day. So a change is noticed late by at most a
twelfth of the time without changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ingest.clock import plausible
from ingest.model import Seed

SILENCE_SHARE = 1 / 12
MOST_REST = timedelta(hours=24)
MOST_REST_BEHIND = timedelta(days=7)  # of what stands behind an index: last year's sitemap
DOUBLINGS = 16


def next_poll(
    seed: Seed, now: datetime, every: timedelta, *, changed_at: datetime | None, unchanged: int, failures: int
) -> datetime:
    """Return when a seed is to be asked next by a run that comes by itself.

    `every`: time between two runs of its source. `changed_at`: its last poll with news; `unchanged`: polls without any
    since, in a row; `failures`: failed ones, in a row.
    """
    most = max(every, MOST_REST_BEHIND if seed.depth else MOST_REST)
    if failures:
        return now + min(every * (1 << min(failures - 1, DOUBLINGS)), most)
    silent = now - changed_at if changed_at is not None else every * unchanged
    return now + min(max(silent * SILENCE_SHARE, every), most)


def rests(next_poll_at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Return whether a seed is skipped in a run at this moment: its due time is nearer to a later run."""
    longest = max(every, MOST_REST_BEHIND)
    return next_poll_at is not None and next_poll_at > now + every / 2 and plausible(next_poll_at, now, longest)
