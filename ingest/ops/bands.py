"""Bands: what is usual for a source, from its own past, and how far the present is from it.

Counts a day go by weekday: Monday is compared with Mondays. Nothing here knows what the numbers mean.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from statistics import median

DAY = timedelta(days=1)
WEEK_DAYS = 7
LONGEST_GAP = timedelta(hours=36)  # a cron that runs daily is late at times; beyond, a feed may have lost entries
MIN_SAME_DAYS = 2  # the same weekday in two weeks: with one, that week's holiday would be the norm
PRIOR_DAYS = 6.0  # how many days the assumption of a Poisson count weighs against the source's own scatter
MIN_DISPERSION = 0.3  # a source that is quieter than a third of Poisson is not believed to stay so
MEDIAN_VARIANCE = math.pi / 2  # of a median against a mean of as many normal values
TRIMMED = 0.1  # share of the largest differences left out of the scatter: holidays
TRIMMED_SHARE = 0.62  # of the variance of normal values that is left when these are left out


@dataclass(frozen=True, slots=True)
class Flow:
    """Counts as they came in: `counts[i]` in the time from `moments[i]` to `moments[i + 1]`, evenly."""

    moments: tuple[datetime, ...]
    counts: tuple[int, ...]

    def days(self, now: datetime, most: int) -> tuple[float | None, ...]:
        """Return the counts of the last days, each 24 hours long, the last one (to `now`) first.

        None for a day of which nothing can be said: before the first moment, or within a gap that is too long.
        """
        if len(self.moments) < 2:
            return ()
        seconds = [moment.timestamp() for moment in self.moments]
        sums = [0.0, *accumulate(map(float, self.counts))]
        edges = [(now - number * DAY).timestamp() for number in range(most + 1)]
        return tuple(self._between(seconds, sums, edges[number + 1], edges[number]) for number in range(most))

    def _between(self, seconds: list[float], sums: list[float], begin: float, end: float) -> float | None:
        if begin < seconds[0] or end > seconds[-1] + 1:
            return None
        first, last = bisect_right(seconds, begin) - 1, bisect_left(seconds, end)
        longest = LONGEST_GAP.total_seconds()
        if any(seconds[i + 1] - seconds[i] > longest for i in range(first, min(last, len(seconds) - 1))):
            return None
        return _at(seconds, sums, end) - _at(seconds, sums, begin)


def _at(seconds: list[float], sums: list[float], when: float) -> float:
    """Return how many had come by a moment, evenly between two moments."""
    i = bisect_right(seconds, when) - 1
    if i >= len(seconds) - 1:
        return sums[-1]
    return sums[i] + (sums[i + 1] - sums[i]) * (when - seconds[i]) / (seconds[i + 1] - seconds[i])


@dataclass(frozen=True, slots=True)
class Expected:
    """What the same day of earlier weeks lets expect of one day."""

    count: float
    days: int  # that it was learned from


def expected(days: Sequence[float | None], number: int) -> Expected | None:
    """Return what is usual for a day, by the same weekday of the weeks before; None when too little is known.

    Two or three Mondays that happened to be good are drawn down towards the level of all days.
    """
    same = [count for count in days[number + WEEK_DAYS :: WEEK_DAYS] if count is not None]
    if len(same) < MIN_SAME_DAYS:
        return None
    level = median([count for count in days[number + 1 :] if count is not None])
    return Expected(min(median(same), (sum(same) + level) / (len(same) + 1)), len(same))


def dispersion(days: Sequence[float | None], skip: int) -> float:
    """Return the variance of a day's count in units of its mean: 1 for Poisson, less for a source like a clock.

    By the differences between days a week apart, without the first `skip` days and the wildest of the others; drawn
    towards 1 while there are few.
    """
    pairs = [
        (one - other, one + other)
        for one, other in zip(days[skip:], days[skip + WEEK_DAYS :], strict=False)
        if one is not None and other is not None
    ]
    pairs.sort(key=lambda pair: abs(pair[0]))
    kept = pairs[: len(pairs) - math.floor(len(pairs) * TRIMMED)]
    level = sum(total for _, total in kept)
    own = sum(difference**2 for difference, _ in kept) / level / TRIMMED_SHARE if level else 1.0
    return max((len(kept) * own + PRIOR_DAYS) / (len(kept) + PRIOR_DAYS), MIN_DISPERSION)


def deviation(count: float, usual: Sequence[Expected], spread: float) -> float:
    """Return how many standard deviations a count over some days is from what is usual for these days together."""
    total = sum(one.count for one in usual)
    variance = sum(one.count * spread * (1 + MEDIAN_VARIANCE / one.days) for one in usual)
    return (count - total) / math.sqrt(variance) if variance > 0 else 0.0


def upper_tail(hits: int, of: int, share: float) -> float:
    """Return the chance that a share gives so many hits or more among so many (the binomial's upper tail)."""
    return math.fsum(math.comb(of, i) * share**i * (1 - share) ** (of - i) for i in range(hits, of + 1))


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed; the values need not be sorted or many."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def spread_of(values: Sequence[float]) -> float:
    """Return the standard deviation by the median distance from the median (MAD), which outliers leave alone."""
    middle = median(values)
    return 1.4826 * median([abs(value - middle) for value in values])  # normal values have it so
