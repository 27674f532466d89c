"""Source summaries: the state of every source on one line, by a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, func, select

from ingest.model import OutcomeKind
from ingest.store.db.schema import ArticleRow, PageRow, RunRow, RunSourceRow, SeedRow, SourceRow, table
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import Counts, DueEntry, FailedFetch, PageStatus, SourceEnd, SourceSummary

NO_PAGE = tuple(kind.value for kind in (OutcomeKind.FAILED, OutcomeKind.REFUSED, OutcomeKind.GONE))
TREND_DAYS = 14
SOURCE, RUN_SOURCE, RUN, ARTICLE, PAGE, SEED = map(
    table, (SourceRow, RunSourceRow, RunRow, ArticleRow, PageRow, SeedRow)
)
COUNTED = tuple(Counts.__dataclass_fields__)


class SourceSummaries:
    """What `ingest status` shows."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def due_entries(self) -> dict[str, DueEntry]:
        """Return when each source is due; quick, for a run that mostly finds nothing due."""
        query = select(SOURCE.c.name, SOURCE.c.next_due_at, SOURCE.c.ad_hoc, SOURCE.c.retired_at)
        with self._work.reading() as connection:
            return {
                name: DueEntry(next_due_at=due, regular=not ad_hoc and retired_at is None)
                for name, due, ad_hoc, retired_at in connection.execute(query)
            }

    def failed(self, source: str) -> tuple[FailedFetch, ...]:
        """Return the seeds and pages of which the last run of a source got nothing, seeds first."""
        source_id = select(SOURCE.c.id).where(SOURCE.c.name == source).scalar_subquery()
        last = select(func.max(RUN_SOURCE.c.run_id)).where(
            RUN_SOURCE.c.source_id == source_id, RUN_SOURCE.c.state.is_not(None)
        )
        seeds = select(SEED).where(SEED.c.source_id == source_id, SEED.c.failures > 0, SEED.c.dropped_at.is_(None))
        pages = select(PAGE).where(
            PAGE.c.source_id == source_id, PAGE.c.run_id == last.scalar_subquery(), PAGE.c.outcome.in_(NO_PAGE)
        )
        with self._work.reading() as connection:
            found = [
                FailedFetch(
                    what=row.kind,
                    url=row.url,
                    outcome=OutcomeKind.FAILED.value,
                    reason=row.reason or "",
                    detail=None,
                    status=row.status,
                    at=row.last_polled_at,
                    next_at=row.next_poll_at,
                )
                for row in connection.execute(seeds.order_by(SEED.c.id))
            ]
            found += [
                FailedFetch(
                    what="page",
                    url=row.url,
                    outcome=row.outcome,
                    reason=row.reason or "",
                    detail=row.detail,
                    status=row.status,
                    at=row.ended_at,
                    next_at=row.not_before,
                )
                for row in connection.execute(pages.order_by(PAGE.c.reason, PAGE.c.id))
            ]
        return tuple(found)

    def all(self, now: datetime) -> tuple[SourceSummary, ...]:
        """Return every source, retired ones too, by name."""
        with self._work.reading() as connection:
            articles = _counted(connection, select(ARTICLE.c.source_id, func.count()).group_by(ARTICLE.c.source_id))
            queued = select(PAGE.c.source_id, func.count()).where(PAGE.c.state == PageStatus.QUEUED.value)
            left = _counted(connection, queued.group_by(PAGE.c.source_id))
            trends = _trends(connection, now)
            ended = RUN_SOURCE.alias("ended")  # the last one by source, straight from the end of its part of the index
            last = (
                select(ended.c.run_id)
                .where(ended.c.source_id == SOURCE.c.id, ended.c.state.is_not(None))
                .order_by(ended.c.run_id.desc())
                .limit(1)
                .correlate(SOURCE)
                .scalar_subquery()
            )
            columns = [SOURCE.c[name] for name in STATE] + [RUN_SOURCE.c[name] for name in COUNTED]
            rows = connection.execute(
                select(*columns)
                .select_from(SOURCE)
                .outerjoin(RUN_SOURCE, (RUN_SOURCE.c.source_id == SOURCE.c.id) & (RUN_SOURCE.c.run_id == last))
                .order_by(SOURCE.c.name)
            )
            return tuple(_summary(row, articles, left, trends) for row in rows)


STATE = (
    "id", "name", "url", "ad_hoc", "retired_at", "last_run_at", "next_due_at", "failures", "state", "cause",
)  # fmt: skip  # a table


def _counted(connection: Connection, query: Select[Any]) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.execute(query)}


def _trends(connection: Connection, now: datetime) -> dict[int, tuple[int, ...]]:
    """Return the articles stored by source on each of the last days.

    Runs are numbered as they come, so that a day is a range of numbers: no time need be looked at, row by row.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    mornings = [midnight - timedelta(days=ago) for ago in reversed(range(TREND_DAYS))]
    firsts = [connection.execute(FIRST_SINCE, {"since": one}).scalar() for one in mornings]
    if firsts[0] is None:
        return {}
    edges = [*(NEVER if first is None else first for first in firsts), NEVER]
    days = [
        func.sum(case((RUN_SOURCE.c.run_id.between(edges[day], edges[day + 1] - 1), RUN_SOURCE.c.stored), else_=0))
        for day in range(TREND_DAYS)
    ]
    query = (
        select(RUN_SOURCE.c.source_id, *days).where(RUN_SOURCE.c.run_id >= edges[0]).group_by(RUN_SOURCE.c.source_id)
    )
    return {source_id: tuple(map(int, counts)) for source_id, *counts in connection.execute(query)}


FIRST_SINCE = select(func.min(RUN.c.id)).where(RUN.c.begun_at >= bindparam("since"))
NEVER = 2**62  # a run's number that will not be


def _summary(
    row: Row[*tuple[Any, ...]],
    articles: Mapping[int, int],
    left: Mapping[int, int],
    trends: Mapping[int, tuple[int, ...]],
) -> SourceSummary:
    counts = {name: count or 0 for name, count in zip(COUNTED, row[len(STATE) :], strict=True)}
    return SourceSummary(
        name=row.name,
        url=row.url,
        ad_hoc=row.ad_hoc,
        retired_at=row.retired_at,
        last_run_at=row.last_run_at,
        next_due_at=row.next_due_at,
        failures=row.failures,
        state=None if row.state is None else SourceEnd(row.state),
        cause=row.cause,
        counts=Counts(**counts),
        articles=articles.get(row.id, 0),
        left=left.get(row.id, 0),
        stored_by_day=trends.get(row.id, (0,) * TREND_DAYS),
    )
