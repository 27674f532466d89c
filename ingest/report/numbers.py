"""The numbers of the report, gathered from the store: what it shows, and what `ingest report --json` prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from ingest.errors import SourceError
from ingest.model import OutcomeKind, SavedSearch
from ingest.store import CountBy, Finding, SearchFilter, SourceSummary, Store, StoredArticle
from ingest.store.overview import DayCounts, DayRuns
from ingest.store.values import Counts

NEWEST = 30  # articles shown with their blocks: some 10 KB each
SLOWEST = 15  # hosts shown
MOST_SEARCHES = 50  # saved searches counted, the first of sources.toml: each asks the index
COUNTED = tuple(Counts.__dataclass_fields__)
FUNNEL = ("found", "new", "fetched", "stored")
OUTCOMES = tuple(kind.value for kind in OutcomeKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source: its present state, and its counters in the days of the report."""

    summary: SourceSummary
    counts: Counts
    runs: int
    problem_runs: int
    stored_on: tuple[int, ...]  # by day, the oldest first
    finding: Finding | None  # its present problem


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLine:
    """How many articles that were published in the days of the report a saved search finds."""

    name: str
    found_on: tuple[int, ...]  # by day, the oldest first

    @property
    def found(self) -> int:
        """On all of these days."""
        return sum(self.found_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What the report says."""

    made_at: datetime
    database: str
    days: tuple[date, ...]  # the days reported on, the oldest first
    by_day: dict[date, Counts]
    runs: dict[date, DayRuns]
    total: Counts
    sources: tuple[SourceLine, ...]
    findings: tuple[Finding, ...]  # open at some time in these days
    hosts: tuple[tuple[str, float], ...]  # the slowest, seconds to answer
    newest: tuple[StoredArticle, ...]
    searches: tuple[SearchLine, ...] = ()  # those that find the most first

    @property
    def articles(self) -> int:
        """How many articles are stored."""
        return sum(line.summary.articles for line in self.sources)

    @property
    def open(self) -> tuple[Finding, ...]:
        """The problems that have not ended."""
        return tuple(line.finding for line in self.sources if line.finding is not None)

    def as_json(self) -> dict[str, Any]:
        """Return the numbers as a JSON value."""
        return {
            "made_at": self.made_at.isoformat(),
            "database": self.database,
            "days": [
                {"on": on.isoformat(), "runs": self.runs[on].runs if on in self.runs else 0, **_counts(self.by_day[on])}
                for on in self.days
            ],
            "total": _counts(self.total),
            "articles": self.articles,
            "sources": [_source(line) for line in self.sources],
            "findings": [asdict(finding) for finding in self.findings],
            "hosts": [{"host": host, "latency_s": seconds} for host, seconds in self.hosts],
            "searches": [
                {"search": line.name, "articles": line.found, "found_on": list(line.found_on)} for line in self.searches
            ],
        }


def gather(store: Store, now: datetime, days: int, searches: Sequence[SavedSearch] = ()) -> Numbers:
    """Ask the store for the last `days` days, today included, and count what saved searches find in them."""
    first = now.date() - timedelta(days=days - 1)
    since = datetime.combine(first, time(), tzinfo=now.tzinfo)
    span = tuple(first + timedelta(days=number) for number in range(days))
    recorded = store.overview.days(since)
    findings = store.findings.recent(since)
    problem = {finding.source: finding for finding in findings if finding.ended_at is None}
    by_source: dict[str, list[DayCounts]] = defaultdict(list)
    by_day: dict[date, list[Counts]] = {on: [] for on in span}
    for line in recorded:
        by_source[line.source].append(line)
        by_day.setdefault(line.on, []).append(line.counts)
    return Numbers(
        made_at=now,
        database=store.name,
        days=span,
        by_day={on: summed(counts) for on, counts in by_day.items()},
        runs={line.on: line for line in store.overview.runs(since)},
        total=summed(line.counts for line in recorded),
        sources=tuple(
            _line(summary, by_source[summary.name], span, problem.get(summary.name))
            for summary in store.summaries.all(now)
        ),
        findings=findings,
        hosts=store.overview.slowest_hosts(SLOWEST),
        newest=store.overview.newest(NEWEST),
        searches=tuple(
            sorted((_search(store, one, since, span) for one in searches[:MOST_SEARCHES]), key=lambda line: -line.found)
        ),
    )


def _search(store: Store, search: SavedSearch, since: datetime, span: tuple[date, ...]) -> SearchLine:
    among = SearchFilter(source=search.source, language=search.language, author=search.author, since=since)
    try:
        counts = store.search.counts(search.query, among, by=CountBy.DAY)
    except SourceError:  # declared and not crawled yet
        counts = {}
    return SearchLine(name=search.name, found_on=tuple(counts.get(on.isoformat(), 0) for on in span))


def _line(summary: SourceSummary, days: list[DayCounts], span: tuple[date, ...], finding: Finding | None) -> SourceLine:
    stored = {line.on: line.counts.stored for line in days}
    return SourceLine(
        summary=summary,
        counts=summed(line.counts for line in days),
        runs=sum(line.runs for line in days),
        problem_runs=sum(line.problem_runs for line in days),
        stored_on=tuple(stored.get(on, 0) for on in span),
        finding=None if summary.retired_at else finding,
    )


def summed(counts: Iterable[Counts]) -> Counts:
    """Return the sum of counters."""
    sums: dict[str, Any] = dict.fromkeys(COUNTED, 0)
    for one in counts:
        for name in COUNTED:
            sums[name] += getattr(one, name)
    return Counts(**sums)


def share(part: float, whole: float) -> float | None:
    """Return a share, 0..1; None of nothing."""
    return part / whole if whole else None


def _counts(counts: Counts) -> dict[str, Any]:
    return {name: getattr(counts, name) for name in COUNTED}


def _source(line: SourceLine) -> dict[str, Any]:
    summary = line.summary
    return {
        "source": summary.name,
        "articles": summary.articles,
        "state": "retired" if summary.retired_at else summary.state and str(summary.state),
        "last_run": summary.last_run_at and summary.last_run_at.isoformat(),
        "runs": line.runs,
        "ill_runs": line.problem_runs,
        **_counts(line.counts),
        "stored_on": list(line.stored_on),
        "finding": line.finding and line.finding.kind,
    }
