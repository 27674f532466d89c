"""The fork server, started before there is an event loop: it imports what workers need while the crawl's process still
imports its own parts, so that the first pages do not wait a second for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ingest.workers.control import Launched, PoolError
from ingest.workers.limits import PageLimits

_waiting: dict[tuple[str, str, PageLimits], Launched] = {}  # until a pool takes it


@contextmanager
def begun(work: str, warm: str, limits: PageLimits | None = None) -> Iterator[None]:
    """Start a fork server for the first pool of this kind in the block; one that no pool takes is ended after it."""
    asked = (work, warm, limits or PageLimits())
    with suppress(PoolError):  # the pool will fail in the same way and log it
        _waiting[asked] = Launched(*asked)
    try:
        yield
    finally:
        if (left := _waiting.pop(asked, None)) is not None:
            left.end()


def waits(work: str, warm: str, limits: PageLimits) -> bool:
    """Return whether one was started in advance: work enough for a pool is known to come."""
    return (work, warm, limits) in _waiting


def launched(work: str, warm: str, limits: PageLimits) -> Launched:
    """Return the one that was started in advance, else a new one. Raises PoolError."""
    return _waiting.pop((work, warm, limits), None) or Launched(work, warm, limits)
