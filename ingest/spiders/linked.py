"""Addresses that answer only with the parameters that were taken for tracking: when to ask them as they were linked."""

from __future__ import annotations

from collections import Counter

from ingest.store import QueuedPage

SURE = (
    2  # answers of a source's whole addresses where the shorter ones were not found: the next are asked whole at once
)
MAX_FAILED = 3  # whole addresses of a source not found either, without one that answered: its pages are just gone


class LinkedAddresses:
    """What whole addresses gave in this run, by source."""

    def __init__(self) -> None:
        self._answered: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()

    def at_once(self, queued: QueuedPage) -> str | None:
        """Return the whole address of a page whose source needs it, None to ask the shorter one."""
        return _linked(queued) if self._answered[queued.source] >= SURE else None

    def after_not_found(self, queued: QueuedPage) -> str | None:
        """Return the whole address of a page not found at the shorter one, None when it is not worth a request."""
        given_up = self._failed[queued.source] >= MAX_FAILED and not self._answered[queued.source]
        return None if given_up else _linked(queued)

    def answered(self, queued: QueuedPage) -> None:
        """Note that a whole address gave a page."""
        self._answered[queued.source] += 1

    def failed(self, queued: QueuedPage) -> None:
        """Note that a whole address gave none."""
        self._failed[queued.source] += 1


def _linked(queued: QueuedPage) -> str | None:
    return queued.link.linked if queued.link is not None else None
