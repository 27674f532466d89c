"""The fork server, begun before there is an event loop: it loads what workers need while the crawl's process still
imports its own parts, a second that the first pages need not wait for then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ingest.workers.control import Launched, PoolError
from ingest.workers.limits import PageLimits

_waiting: dict[tuple[str, str, PageLimits], Launched] = {}  # until a pool takes it


@contextmanager
def begun(work: str, warm: str, limits: PageLimits | None = None) -> Iterator[None]:
    """Begin a fork server for the first pool of this kind in the block; one that none has taken is ended behind it."""
    asked = (work, warm, limits or PageLimits())
    with suppress(PoolError):  # the pool will find out and tell
        _waiting[asked] = Launched(*asked)
    try:
        yield
    finally:
        if (left := _waiting.pop(asked, None)) is not None:
            left.end()


def waits(work: str, warm: str, limits: PageLimits) -> bool:
    """Tell whether one is there to be taken: work enough for a pool is known to come."""
    return (work, warm, limits) in _waiting


def launched(work: str, warm: str, limits: PageLimits) -> Launched:
    """Return the one that was begun, else one begun now. Raises PoolError."""
    return _waiting.pop((work, warm, limits), None) or Launched(work, warm, limits)
