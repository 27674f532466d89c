"""The window of a backfill: which links, archives and sitemaps may hold what was published in it."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ingest.discover.links import moment_in_path
from ingest.model import Link, Moment, Seed

MONTH = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)[/_-]?(?P<month>0[1-9]|1[0-2])(?![0-9])")
YEAR = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillWindow:
    """From `since` to just before `until`; a side that is None is open."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it has an end: the run looks back, and leaves what is newer alone."""
        return self.until is not None

    def __str__(self) -> str:
        since = f"{self.since.astimezone(UTC):%Y-%m-%d}" if self.since else ""
        return f"{since}..{self._last_day or ''}"

    @property
    def _last_day(self) -> date | None:
        return (self.until.astimezone(UTC) - timedelta(microseconds=1)).date() if self.until else None

    def leaves_out(self, link: Link) -> bool:
        """Return whether a link certainly lies outside, by what its listing or its address says."""
        moment = link.published or moment_in_path(link.url)
        if moment is not None:
            return self.is_before(moment) or self.is_after(moment)
        if link.modified is not None and self.is_before(link.modified):
            return True  # it was published no later than it was modified
        return self.is_closed and self.misses(link.url.partition("://")[2].partition("/")[2])

    def is_before(self, moment: Moment) -> bool:
        """Return whether a moment certainly lies before the window; on its first day only an instant can."""
        if self.since is None:
            return False
        return moment.at < self.since if moment.at is not None else moment.on < self.since.date()

    def is_after(self, moment: Moment) -> bool:
        """Return whether a moment certainly lies after the window."""
        if self.until is None:
            return False
        if moment.at is not None:
            return moment.at >= self.until
        return self._last_day is not None and moment.on > self._last_day

    def misses(self, text: str) -> bool:
        """Return whether a path names a month or year that has no day in the window: of an archive or a sitemap."""
        if (found := MONTH.search(text)) is not None:
            year, month = int(found["year"]), int(found["month"])
            return self._misses(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
        found = YEAR.search(text)
        return found is not None and self._misses(date(int(found["year"]), 1, 1), date(int(found["year"]), 12, 31))

    def _misses(self, first: date, last: date) -> bool:
        before = self.since is not None and last < self.since.date()
        return before or (self._last_day is not None and first > self._last_day)

    def is_past(self, links: Iterable[Link]) -> bool:
        """Return whether all links of a page that have a date lie before the window: what follows is older still."""
        moments = [moment for link in links if (moment := link.published or moment_in_path(link.url)) is not None]
        return bool(moments) and all(map(self.is_before, moments))

    def wants_seed(self, seed: Seed) -> bool:
        """Return whether a sitemap or archive may name articles of the window."""
        if seed.modified is not None and self.is_before(seed.modified):
            return False
        return not self.is_closed or not self.misses(seed.url.partition("://")[2].partition("/")[2])
