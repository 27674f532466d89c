"""Which polite units this process may ask, where several processes crawl into one database.

A unit is locked before its first request and left again when nothing has been asked of it for a while, so that a host
that many sites link to goes round. Whoever takes a unit reads what others remembered of it and begins with its delay.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler

from ingest.crawl.lock import Held
from ingest.crawl.run import Run
from ingest.events import event

log = logging.getLogger(__name__)

AGAIN_S = 1.0  # how often a unit that another process holds is tried
PATIENCE_S = 60.0  # for how long; then what waits for it is left to the next run
LEFT_AFTER_S = 30.0  # of silence a unit is free for others; longer than a request takes


@dataclass(slots=True)
class HostLeases:
    """The units of one crawl. Times in seconds of the monotonic clock."""

    held: Held
    used_s: dict[str, float] = field(default_factory=dict)  # units that are ours, and when they were last asked
    refused_s: dict[str, float] = field(default_factory=dict)  # since when another process has them
    tried_s: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, crawler: Crawler) -> HostLeases:
        """Return the one of a crawl."""
        if crawler not in _OF:
            _OF[crawler] = cls(held=Run.of(crawler).held)
        return _OF[crawler]

    def take(self, unit: str, now_s: float) -> bool:
        """Return whether the unit may be asked now; try to make it ours when it is not. Raises StoreError."""
        if not self.held.shared:
            return True
        if unit in self.used_s:
            return True
        if now_s - self.tried_s.get(unit, now_s - AGAIN_S) < AGAIN_S:
            return False
        self.tried_s[unit] = now_s
        if not self.held.take(unit):
            if unit not in self.refused_s:
                self.refused_s[unit] = now_s
                event(log, logging.INFO, "host held by another process", host=unit)
            return False
        self.refused_s.pop(unit, None)
        self.used_s[unit] = now_s
        return True

    def left(self, unit: str, now_s: float) -> bool:
        """Return whether the unit was waited for too long: what is to be asked of it stays for the next run."""
        return now_s - self.refused_s.get(unit, now_s) > PATIENCE_S

    def used(self, unit: str, now_s: float) -> None:
        """Note that the unit is being asked."""
        if unit in self.used_s:
            self.used_s[unit] = now_s

    def release(self, now_s: float, busy: Callable[[str], bool], ready_s: Callable[[str], float]) -> None:
        """Leave the units of which nothing was asked for a while, and whose delay is over."""
        for unit, used_s in list(self.used_s.items()):
            if now_s - max(used_s, ready_s(unit)) > LEFT_AFTER_S and not busy(unit):
                del self.used_s[unit]
                self.held.release(unit)


_OF: WeakKeyDictionary[Crawler, HostLeases] = WeakKeyDictionary()
