"""Health: at the end of a run, compare each crawled source with its past and store problems as findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from ingest.ops.anomalies import HORIZON_DAYS, RANK, SHORT_DAYS, Problem, ProblemKind, SourceHistory, anomalies
from ingest.ops.likely_cause import LikelyCause, of_reason
from ingest.store import DueEntry, Finding, SourceEnd, SourceSummary, Store

OVERDUE_TIMES = 4  # a source that is due for so many intervals is not asked any more: has cron stopped?
CRAWLED_ONCE = timedelta(days=7)  # for so long a failed address that no sources.toml names is listed
OVERDUE_LEAST = timedelta(hours=6)


class FindingChange(Enum):
    """What a problem changes in the findings of its source."""

    NOTHING = auto()
    BEGIN = auto()
    GO_ON = auto()
    END = auto()
    REPLACE = auto()  # by a more informative one


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look at the sources of a run came to."""

    begun: tuple[Finding, ...] = ()
    open: tuple[Finding, ...] = ()  # those begun included
    ended: tuple[Finding, ...] = ()


def step(was: Finding | None, problem: Problem | None) -> FindingChange:
    """Return the change for a source with this open finding and this present problem."""
    if problem is None:
        return FindingChange.NOTHING if was is None else FindingChange.END
    if was is None:
        return FindingChange.BEGIN
    return FindingChange.GO_ON if RANK[problem.kind] >= RANK[ProblemKind(was.kind)] else FindingChange.REPLACE


def look(store: Store, sources: Iterable[str], now: datetime, run_id: int | None = None) -> Looked:
    """Compare the sources by what the store knows, write what changed, return the problems and the new ones."""
    pasts = [past for name in sources if (past := past_of(store, name, now)) is not None]
    begun: list[Finding] = []
    going: list[Finding] = []
    ended: list[Finding] = []
    problems = anomalies(pasts, now)
    with store.transaction():
        for past in pasts:
            was, problem = past.open, problems[past.source]
            what = step(was, problem)
            if was is not None and what in (FindingChange.END, FindingChange.REPLACE):
                store.findings.end(was.finding_id, now, alert=what is FindingChange.END)
                ended.append(was)
            if problem is not None and what in (FindingChange.BEGIN, FindingChange.REPLACE):
                begun.append(_begin(store, past.source, problem, now, run_id))
            if was is not None and problem is not None and what is FindingChange.GO_ON:
                store.findings.seen(was.finding_id, now, suspicion=problem.suspicion, detail=problem.detail)
                going.append(was)
    return Looked(begun=tuple(begun), open=(*going, *begun), ended=tuple(ended))


def _begin(store: Store, source: str, problem: Problem, now: datetime, run_id: int | None) -> Finding:
    return store.findings.begin(
        source,
        problem.kind,
        now,
        suspicion=problem.suspicion,
        detail=problem.detail,
        run_id=run_id,
        subject=problem.subject,
    )


def past_of(store: Store, name: str, now: datetime) -> SourceHistory | None:
    """Return what the store knows of a source, as far as its health goes; None for one that is not there."""
    state = store.sources.get(name)
    if state is None or state.retired_at is not None:
        return None
    since = now - timedelta(days=HORIZON_DAYS)
    return SourceHistory(
        source=name,
        added_at=state.added_at,
        state=state.state,
        cause=state.cause,
        periods=store.history.periods(name, since),
        seeds=store.seeds.of(name),
        findings=store.findings.of(name, since),
        reasons=lambda: store.history.reasons(name, now - timedelta(days=SHORT_DAYS)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadSource:
    """A source whose last crawl failed without a finding: `ingest crawl` makes none."""

    source: str
    since: datetime
    suspicion: LikelyCause
    detail: str


def failed_without_finding(
    summaries: Iterable[SourceSummary], reported: Collection[str], now: datetime
) -> tuple[UnreadSource, ...]:
    """Return the sources whose last crawl got nothing and that no finding names; an address crawled once for a week."""
    return tuple(
        UnreadSource(
            source=one.name, since=one.last_run_at, suspicion=of_reason(one.cause or ""), detail=one.cause or ""
        )
        for one in summaries
        if one.state is SourceEnd.FAILED
        and one.retired_at is None
        and one.last_run_at is not None
        and one.name not in reported
        and (not one.ad_hoc or now - one.last_run_at < CRAWLED_ONCE)
    )


def overdue(due_entries: Iterable[DueEntry], now: datetime, every: timedelta) -> int:
    """Return how many sources were not crawled long after they were due: the schedule does not run."""
    waits = max(OVERDUE_TIMES * every, OVERDUE_LEAST)
    return sum(one.regular and now - one.next_due_at > waits for one in due_entries)
