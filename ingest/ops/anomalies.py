"""Compare a source's present with its past: history in, at most one problem with its likely cause out.

A source has one problem at a time, the most informative: behind a changed layout the yield is low too, and one message
is enough. A problem ends when the figure is back well inside its usual band, so that it is not reported twice in a row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import pairwise
from statistics import median

from ingest.crawl.plan import RETRIED_LATER_OUTCOMES
from ingest.ops import bands
from ingest.ops.bands import DAY, Expected, Flow
from ingest.ops.likely_cause import LikelyCause, of_pages, of_reason
from ingest.store import Counts, Finding, Period, SeedState, SourceEnd

HORIZON_DAYS = 56  # eight of each weekday
GRACE_DAYS = 14  # two of each weekday; before, only failures to read a source are reported

# Seeds: a feed that is gone for an hour is not reported; one that answered 410 is.
SEED_DEAD_AFTER = timedelta(hours=20)  # less than a day, so that a daily run reports its second failure
SEED_FAILURES = 2
FOR_GOOD = "http-410"

# Shares, of pages or of articles. Set together on the simulations of tests/ops/test_anomalies.py: no false alarm in
# 3,000 simulated source-months, every change found with six pages or articles.
MIN_NOW = 6  # pages in the present, over
MIN_PERIODS = 2  # quarters of days at least: one bad hour is no change
NOW_DAYS = 14  # the present of a slow source goes back that far
MIN_PAST = 10  # pages in the past, over
MIN_PAST_PERIODS = 4
USUAL_QUANTILE = 0.8  # of the shares of the past: what happens on one day of five is usual
PRIOR_HITS, PRIOR_OF = 2, 8  # a short past in which it never happened does not mean that it will not
MORE = 0.35  # above the usual share a problem begins,
STILL_MORE = 0.2  # and so much keeps it going
UNLIKELY = 1e-4  # by the binomial tail

SHORT = 0.4  # of the usual length a problem begins,
STILL_SHORT = 0.65  # and less keeps it going
SHORT_DEVIATIONS = 4.0
LEAST_SCATTER = 0.15  # of the logarithm of mean lengths: a few articles more or less of some kind

# Walls: reported at once, for while they stand nothing is stored.
WALL_PAGES = 3
WALL_SHARE = 0.5  # of the pages of the last run; single articles may be blocked in a region

# Yield: two days in a row that are both low, or most of a week; a single quiet day is never one.
LOW_DAY = 0.7  # of what is usual for the day
DEVIATIONS = 3.2  # of the window,
BEST_DAY_DEVIATIONS = 1.8  # and of its best day alone: a holiday beside a poor day is not enough
RECOVERED = 0.8  # of what is usual for two days
COUNTS_FROM = 1.0  # articles usual for a day, for it to say anything
SHORT_DAYS = 2
LONG_DAYS = 7
LONG_LOW_DAYS = 5
PEERS = 5  # sources compared at once, for the day's own factor: on a holiday all publish less
LEAST_FACTOR = 0.25  # of a holiday; below, all of them have a problem

# Silence: for slow sources, by their own gaps. Of exponential gaps the next is four times the longest of eight in one
# of 500 cases (product of k / (k + 4) over k = 1..8).
SILENT_TIMES = 4.0
SILENT_GAPS = 8
SILENT_LEAST = timedelta(days=10)


class ProblemKind(StrEnum):
    """Kinds of problems; earlier ones outrank later ones."""

    FAILED = "failed"  # the last run could not read the source at all
    SEED = "seed"  # one of its feeds, sitemaps or sections cannot be read
    WALL = "wall"  # walls stand in the place of articles
    FAILURES = "failures"  # more pages fail or are refused
    SCREENED = "screened"  # more pages turn out to be no articles
    SHORT = "short"  # articles are shorter
    UNDATED = "undated"  # more articles without a date
    UNSIGNED = "unsigned"  # more articles without authors
    CUT = "cut"  # more of the articles is cut
    YIELD = "yield"  # fewer articles
    SILENT = "silent"  # none at all


RANK = {kind: number for number, kind in enumerate(ProblemKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a source: the kind, the likely cause, and one line for people."""

    kind: ProblemKind
    suspicion: LikelyCause
    detail: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHistory:
    """What the store knows of one source, as far as its health goes."""

    source: str
    added_at: datetime
    state: SourceEnd | None  # of its last run
    cause: str | None
    periods: tuple[Period, ...]  # oldest first
    seeds: tuple[SeedState, ...] = ()
    findings: tuple[Finding, ...] = ()  # of the weeks that the periods are of, the open one included
    reasons: Callable[[], Mapping[str, int]] = field(
        default=dict
    )  # of pages of the last days; read only when there is a problem

    @property
    def open(self) -> Finding | None:
        """The finding that has not ended."""
        return next((finding for finding in self.findings if finding.ended_at is None), None)

    def is_open(self, kind: ProblemKind) -> bool:
        """Return whether the open finding is of this kind."""
        return self.open is not None and self.open.kind == kind

    @property
    def well_since(self) -> datetime | None:
        """When its last problem ended."""
        return max((finding.ended_at for finding in self.findings if finding.ended_at), default=None)

    def in_grace(self, now: datetime) -> bool:
        """Return whether the source is too new to compare."""
        begun = self.periods[0].begun_at if self.periods else self.added_at
        return now - begun < GRACE_DAYS * DAY


def anomalies(pasts: Iterable[SourceHistory], now: datetime) -> dict[str, Problem | None]:
    """Return the problem of each source, if any, compared together: a change that all share is no problem."""
    pasts = tuple(pasts)
    weeks = {past.source: _Weeks.of(past) for past in pasts}
    factors = _factors(weeks.values())
    return {past.source: _problem(past, weeks[past.source], factors, now) for past in pasts}


def _problem(past: SourceHistory, weeks: _Weeks, factors: Sequence[float], now: datetime) -> Problem | None:
    """Return the first that holds, in the order of Kind."""
    if past.state is SourceEnd.FAILED:
        cause = past.cause or "nothing could be read"
        slugs = " ".join(part.rpartition(": ")[2] for part in cause.split("; "))
        return Problem(kind=ProblemKind.FAILED, suspicion=of_reason(slugs), detail=cause)
    looks: list[tuple[ProblemKind, Callable[[], Problem | None]]] = [(ProblemKind.SEED, lambda: _seed(past.seeds, now))]
    if not past.in_grace(now):
        looks += [(measure.kind, partial(_share, past, measure)) for measure in MEASURES]
        looks.insert(3, (ProblemKind.SHORT, lambda: _short(past)))
        looks += [(ProblemKind.YIELD, lambda: _low(past, weeks, factors)), (ProblemKind.SILENT, lambda: _silent(past))]
    looks.insert(1, (ProblemKind.WALL, lambda: _walls(past)))
    # while a problem goes on, and when it ends, its days are not searched for a lesser one
    lowest = RANK[ProblemKind(past.open.kind)] if past.open is not None else len(RANK)
    return next((problem for kind, look in looks if RANK[kind] <= lowest and (problem := look()) is not None), None)


# ---------------------------------------------------------------- seeds


def _seed(seeds: Iterable[SeedState], now: datetime) -> Problem | None:
    """Return the dead seeds as one problem, named after the first. Listings come and go and are not counted."""
    dead = [seed for seed in seeds if not seed.seed.depth and _is_dead(seed, now)]
    if not dead:
        return None
    first = dead[0]
    since = f", last read {first.read_at:%Y-%m-%d}" if first.read_at else ""
    more = f"; and {len(dead) - 1} more" if len(dead) > 1 else ""
    detail = f"{first.seed.kind} {first.seed.url}: {first.reason}{since}{more}"
    return Problem(
        kind=ProblemKind.SEED, suspicion=of_reason(first.reason or ""), detail=detail, subject=first.seed.url
    )


def _is_dead(seed: SeedState, now: datetime) -> bool:
    if not seed.failures or (seed.read_at is None and not seed.declared):  # a guess that never was one
        return False
    if seed.reason == FOR_GOOD:
        return True
    quiet = seed.read_at is None or now - seed.read_at >= SEED_DEAD_AFTER
    return quiet and seed.failures >= SEED_FAILURES


# ---------------------------------------------------------------- walls


def _walls(past: SourceHistory) -> Problem | None:
    """Return that walls stand before most pages of the last run that fetched any; a new source is no exception."""
    newest = next((period.counts for period in reversed(past.periods) if period.counts.outcomes), None)
    if newest is None or newest.screened < max(WALL_PAGES, WALL_SHARE * newest.outcomes):
        return None
    walls = {name.partition(" ")[2]: pages for name, pages in past.reasons().items() if name in RETRIED_LATER_OUTCOMES}
    pages = sum(walls.values())
    if pages < max(WALL_PAGES, WALL_SHARE * newest.screened):
        return None
    most = sorted(walls, key=lambda reason: -walls[reason])
    which = ", ".join(most)
    detail = f"{pages} pages in {SHORT_DAYS} days showed a wall and no article ({which}); they are tried again"
    return Problem(kind=ProblemKind.WALL, suspicion=of_reason(most[0]), detail=detail)


# ---------------------------------------------------------------- shares of pages and articles


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A share of what a run brings: `hits` of `of`."""

    kind: ProblemKind
    hits: Callable[[Counts], int]
    of: Callable[[Counts], int]
    finding: str  # "pages are no articles"
    suspicion: LikelyCause | None = None  # None: by the reasons of the pages
    each: Callable[[Counts], int] | None = None  # what is counted for MIN_NOW where `of` are not independent


MEASURES = (
    Measure(
        kind=ProblemKind.FAILURES,
        hits=lambda counts: counts.failed + counts.refused,
        of=lambda counts: counts.outcomes,
        finding="pages could not be fetched",
    ),
    Measure(
        kind=ProblemKind.SCREENED,
        hits=lambda counts: counts.screened,
        of=lambda counts: counts.screened + counts.stored + counts.duplicate,
        finding="pages turned out to be no articles",
    ),
    Measure(
        kind=ProblemKind.UNDATED,
        hits=lambda counts: counts.stored - counts.dated,
        of=lambda counts: counts.stored,
        finding="articles have no date",
        suspicion=LikelyCause.LAYOUT_CHANGED,
    ),
    Measure(
        kind=ProblemKind.UNSIGNED,
        hits=lambda counts: counts.stored - counts.authored,
        of=lambda counts: counts.stored,
        finding="articles have no author",
        suspicion=LikelyCause.LAYOUT_CHANGED,
    ),
    Measure(
        kind=ProblemKind.CUT,
        hits=lambda counts: counts.cut,
        of=lambda counts: counts.blocks,
        each=lambda counts: counts.stored,
        finding="blocks of new articles were cut",
        suspicion=LikelyCause.LAYOUT_CHANGED,
    ),
)


def _share(past: SourceHistory, measure: Measure) -> Problem | None:
    each = measure.each or measure.of
    present, before = _parted(past, each)
    if not present or len(before) < MIN_PAST_PERIODS or _sum(before, each) < MIN_PAST:
        return None
    hits, of = _sum(present, measure.hits), _sum(present, measure.of)
    shares = [measure.hits(one.counts) / measure.of(one.counts) for one in before if measure.of(one.counts)]
    pooled = (_sum(before, measure.hits) + PRIOR_HITS) / (_sum(before, measure.of) + PRIOR_OF)
    usual = max(bands.quantile(shares, USUAL_QUANTILE), pooled)
    newest = measure.hits(present[-1].counts) / max(measure.of(present[-1].counts), 1)
    if past.is_open(measure.kind):
        holds = newest >= usual + STILL_MORE
    else:
        certain = measure.each is not None or bands.upper_tail(hits, of, min(usual, 1.0)) < UNLIKELY
        holds = min(hits / of, newest) >= usual + MORE and certain
    if not holds:
        return None
    detail = f"{hits} of {of} {measure.finding}, usually {_percent(median(shares))}"
    return Problem(
        kind=measure.kind, suspicion=measure.suspicion or of_pages(past.reasons(), measure.kind), detail=detail
    )


def _parted(past: SourceHistory, each: Callable[[Counts], int]) -> tuple[list[Period], list[Period]]:
    """Part the periods with something to see into the present and the past; no present when it is too small.

    The present are the last periods until there is enough to see, none from before the last problem ended. The past is
    the rest without the first run, which meets an archive, and without the times of problems.
    """
    seen = [period for period in past.periods[1:] if each(period.counts)]
    if not seen:
        return [], []
    oldest = seen[-1].begun_at - NOW_DAYS * DAY
    well_since = past.well_since
    present: list[Period] = []
    while seen and (len(present) < MIN_PERIODS or _sum(present, each) < MIN_NOW):
        if seen[-1].begun_at < oldest or (well_since is not None and seen[-1].begun_at <= well_since):
            break
        present.insert(0, seen.pop())
    enough = len(present) >= MIN_PERIODS and _sum(present, each) >= MIN_NOW
    return (present if enough or past.open else []), [one for one in seen if not _had_problem(past, one.begun_at)]


def _had_problem(past: SourceHistory, when: datetime) -> bool:
    """Return whether a moment lies within a problem, or in the days before it was reported."""
    return any(
        finding.began_at - SHORT_DAYS * DAY <= when and (finding.ended_at is None or when <= finding.ended_at)
        for finding in past.findings
    )


def _sum(periods: Iterable[Period], each: Callable[[Counts], int]) -> int:
    return sum(each(period.counts) for period in periods)


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _short(past: SourceHistory) -> Problem | None:
    """Return that articles have become shorter, by the logarithms of mean lengths."""
    present, before = _parted(past, _stored)
    if not present or len(before) < MIN_PAST_PERIODS or _sum(before, _stored) < MIN_PAST:
        return None
    lengths = [math.log(max(one.counts.words, 1) / one.counts.stored) for one in before]
    usual, scatter = median(lengths), max(bands.spread_of(lengths), LEAST_SCATTER)
    now = max(_sum(present, lambda counts: counts.words), 1) / _sum(present, _stored)
    newest = max(present[-1].counts.words, 1) / present[-1].counts.stored
    ratio = now / math.exp(usual)
    if past.is_open(ProblemKind.SHORT):
        holds = newest / math.exp(usual) < STILL_SHORT
    else:
        holds = max(ratio, newest / math.exp(usual)) <= SHORT and math.log(ratio) / scatter < -SHORT_DEVIATIONS
    if not holds:
        return None
    detail = f"articles have {now:.0f} words, usually {math.exp(usual):.0f}"
    return Problem(kind=ProblemKind.SHORT, suspicion=of_pages(past.reasons(), ProblemKind.SHORT), detail=detail)


def _stored(counts: Counts) -> int:
    return counts.stored


# ---------------------------------------------------------------- yield


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weeks:
    """The last weeks of a source by day, the last day first."""

    stored: tuple[float | None, ...]
    links: tuple[float | None, ...]
    usual: tuple[Expected | None, ...]  # of stored, for the days that are compared

    @classmethod
    def of(cls, past: SourceHistory) -> _Weeks:
        stored = _by_day(past, lambda counts: counts.fresh)
        return cls(
            stored=stored,
            links=_by_day(past, lambda counts: counts.new),
            usual=tuple(bands.expected(stored, number) for number in range(LONG_DAYS)),
        )


def _by_day(past: SourceHistory, count: Callable[[Counts], int]) -> tuple[float | None, ...]:
    """Return counts by day; None where nothing was read, and in the weeks past where the source had a problem."""
    flow = _flow(past.periods, count)
    if len(flow.moments) < 2:
        return ()
    last = flow.moments[-1]
    days = flow.days(last, HORIZON_DAYS + LONG_DAYS)
    compared = LONG_DAYS if past.open else 0  # the days of an open problem count, to see it end
    problem = [number >= compared and _had_problem(past, last - (number + 0.5) * DAY) for number in range(len(days))]
    return tuple(None if was else value for was, value in zip(problem, days, strict=True))


def _flow(periods: Sequence[Period], count: Callable[[Counts], int]) -> Flow:
    """Return the counts between the runs that could read the source; the first run's is the archive's, not a day's."""
    moments: list[datetime] = []
    counts: list[int] = []
    waiting = 0
    for period in periods:
        waiting += count(period.counts)
        if period.read_at is None:
            continue
        if moments:
            counts.append(waiting)
        moments.append(period.read_at)
        waiting = 0
    return Flow(tuple(moments), tuple(counts))


def _factors(all_weeks: Iterable[_Weeks]) -> tuple[float, ...]:
    """Return for each of the last days how much of the usual most sources had, at most 1: holidays."""
    ratios: list[list[float]] = [[] for _ in range(LONG_DAYS)]
    for weeks in all_weeks:
        for number, (count, usual) in enumerate(zip(weeks.stored, weeks.usual, strict=False)):
            if count is not None and usual is not None and usual.count >= COUNTS_FROM:
                ratios[number].append(count / usual.count)
    return tuple(min(max(median(of_day), LEAST_FACTOR), 1.0) if len(of_day) >= PEERS else 1.0 for of_day in ratios)


def _low(past: SourceHistory, weeks: _Weeks, factors: Sequence[float]) -> Problem | None:
    """Return that the source gives fewer articles than it used to."""
    days = weeks.stored
    if past.is_open(ProblemKind.YIELD):
        comparable = _comparable(days, weeks.usual, factors, SHORT_DAYS)
        if comparable and sum(days[number] or 0.0 for number, _ in comparable) >= RECOVERED * sum(
            one.count for _, one in comparable
        ):
            return None
        return _fewer(past, weeks, comparable) if comparable else _same(past)
    well = past.well_since
    since_well = HORIZON_DAYS if well is None or not past.periods else (past.periods[-1].begun_at - well) / DAY
    for window, low_days in ((SHORT_DAYS, SHORT_DAYS), (LONG_DAYS, LONG_LOW_DAYS)):
        comparable = _comparable(days, weeks.usual, factors, window)
        low = [number for number, usual in comparable if (days[number] or 0.0) < LOW_DAY * usual.count]
        if len(low) < low_days or since_well < window:
            continue
        if _far_below(days, comparable, low, bands.dispersion(days, window)):
            return _fewer(past, weeks, comparable)
    return None


def _far_below(
    days: Sequence[float | None], comparable: Sequence[tuple[int, Expected]], low: Sequence[int], spread: float
) -> bool:
    """Return whether days are below the usual, all together and the best of the low ones on its own."""
    count = sum(days[number] or 0.0 for number, _ in comparable)
    each = [bands.deviation(days[number] or 0.0, [usual], spread) for number, usual in comparable if number in low]
    together = bands.deviation(count, [usual for _, usual in comparable], spread)
    return together < -DEVIATIONS and max(each) < -BEST_DAY_DEVIATIONS


def _comparable(
    days: Sequence[float | None], usual: Sequence[Expected | None], factors: Sequence[float], window: int
) -> list[tuple[int, Expected]]:
    """Return the days of a window that say something, with what is usual for them on such a day for all."""
    comparable = []
    for number, (count, one) in enumerate(zip(days[:window], usual, strict=False)):
        if count is not None and one is not None and one.count >= COUNTS_FROM:
            comparable.append((number, Expected(one.count * factors[number], one.days)))
    return comparable


def _fewer(past: SourceHistory, weeks: _Weeks, comparable: Sequence[tuple[int, Expected]]) -> Problem:
    count = sum(weeks.stored[number] or 0.0 for number, _ in comparable)
    usual = sum(one.count for _, one in comparable)
    detail = f"{count:.0f} new articles in {len(comparable)} days, usually {usual:.0f}"
    suspicion = LikelyCause.LESS_PUBLISHED
    if any(seed.failures and seed.read_at for seed in past.seeds if not seed.seed.depth):
        suspicion = LikelyCause.FEED_DEAD
    elif _as_many_links(weeks, [number for number, _ in comparable]):
        suspicion = of_pages(past.reasons(), ProblemKind.YIELD)
    return Problem(kind=ProblemKind.YIELD, suspicion=suspicion, detail=detail)


def _as_many_links(weeks: _Weeks, numbers: Sequence[int]) -> bool:
    """Return whether the seeds named as many new links as before on these days."""
    usual = [bands.expected(weeks.links, number) for number in numbers]
    now = sum(weeks.links[number] or 0.0 for number in numbers)
    return now >= RECOVERED * sum(one.count for one in usual if one is not None) > 0


def _same(past: SourceHistory) -> Problem | None:
    """Return the open problem unchanged: the last days say nothing about it."""
    was = past.open
    if was is None:
        return None
    return Problem(
        kind=ProblemKind(was.kind),
        suspicion=LikelyCause(was.suspicion or LikelyCause.LESS_PUBLISHED),
        detail=was.detail or "",
        subject=was.subject,
    )


def _silent(past: SourceHistory) -> Problem | None:
    """Return that nothing new came for far longer than between any two articles before."""
    brought = [one.read_at for one in past.periods if one.read_at is not None and one.counts.fresh]
    gaps = [later - earlier for earlier, later in pairwise(brought)]
    read = [one.read_at for one in past.periods if one.read_at is not None]
    if len(gaps) < SILENT_GAPS:
        return None
    quiet = read[-1] - brought[-1]
    if quiet < max(SILENT_LEAST, SILENT_TIMES * max(gaps)):
        return None
    newest = max((seed.newest_at for seed in past.seeds if seed.newest_at), default=None)
    feed = f"; the newest entry of its seeds is of {newest:%Y-%m-%d}" if newest else ""
    detail = f"no new article for {quiet / DAY:.0f} days, before never for more than {max(gaps) / DAY:.0f}{feed}"
    return Problem(kind=ProblemKind.SILENT, suspicion=LikelyCause.FEED_DEAD, detail=detail)
