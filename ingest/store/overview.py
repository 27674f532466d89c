"""An overview: the counters of all sources by day, the latency of hosts and the newest articles; for the report.

What it costs grows with sources and days, not with articles.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, case, cast, func, select

from ingest.store.articles.articles import Articles
from ingest.store.db.schema import ArticleRow, HostRow, RunRow, RunSourceRow, SourceRow, table
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import Counts, SourceEnd, StoredArticle

RUN_SOURCE, RUN, SOURCE, HOST = map(table, (RunSourceRow, RunRow, SourceRow, HostRow))
COUNTED = tuple(Counts.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """The counters of one source on one day (UTC), all its runs together."""

    source: str
    on: date
    runs: int
    problem_runs: int  # of these, partial and failed ones
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRuns:
    """The runs begun on one day (UTC)."""

    on: date
    runs: int
    broken: int  # of these, killed
    seconds: float  # from begin to end, summed over those that ended


class Overview:
    """What the report shows."""

    def __init__(self, work: UnitOfWork, articles: Articles) -> None:
        self._work = work
        self._articles = articles

    def days(self, since: datetime) -> tuple[DayCounts, ...]:
        """Return the counters by source and day of the runs begun since then."""
        with self._work.reading() as connection:
            day = _day(connection.dialect.name)
            problem = case((RUN_SOURCE.c.state.in_((SourceEnd.PARTIAL.value, SourceEnd.FAILED.value)), 1), else_=0)
            sums = [func.sum(RUN_SOURCE.c[name]).label(name) for name in COUNTED]
            rows = connection.execute(
                select(
                    SOURCE.c.name,
                    day.label("on"),
                    func.count().label("runs"),
                    func.sum(problem).label("problem"),
                    *sums,
                )
                .join(RUN, RUN.c.id == RUN_SOURCE.c.run_id)
                .join(SOURCE, SOURCE.c.id == RUN_SOURCE.c.source_id)
                .where(RUN.c.begun_at >= since)
                .group_by(SOURCE.c.name, day)
                .order_by(SOURCE.c.name, day)
            ).all()
        return tuple(
            DayCounts(
                source=row.name, on=_on(row.on), runs=row.runs, problem_runs=int(row.problem), counts=_counts(row)
            )
            for row in rows
        )

    def runs(self, since: datetime) -> tuple[DayRuns, ...]:
        """Return the runs begun since then by day."""
        with self._work.reading() as connection:
            sqlite = connection.dialect.name == "sqlite"
            day = _day(connection.dialect.name)
            ended, begun = RUN.c.finished_at, RUN.c.begun_at
            seconds = (
                (func.julianday(ended) - func.julianday(begun)) * 86400.0
                if sqlite
                else func.extract("epoch", ended - begun)
            )
            rows = connection.execute(
                select(
                    day.label("on"),
                    func.count().label("runs"),
                    func.sum(case((RUN.c.broken, 1), else_=0)).label("broken"),
                    func.coalesce(func.sum(seconds), 0).label("seconds"),
                )
                .where(begun >= since)
                .group_by(day)
                .order_by(day)
            ).all()
        return tuple(
            DayRuns(on=_on(row.on), runs=row.runs, broken=int(row.broken), seconds=float(row.seconds)) for row in rows
        )

    def slowest_hosts(self, most: int) -> tuple[tuple[str, float], ...]:
        """Return the hosts that took longest to answer, with the seconds last remembered."""
        with self._work.reading() as connection:
            rows = connection.execute(
                select(HOST.c.name, HOST.c.latency_s)
                .where(HOST.c.latency_s.is_not(None))
                .order_by(HOST.c.latency_s.desc(), HOST.c.name)
                .limit(most)
            ).all()
        return tuple((row.name, float(row.latency_s)) for row in rows)

    def newest(self, most: int) -> tuple[StoredArticle, ...]:
        """Return the articles stored last, the newest first."""
        with self._work.reading() as connection:
            ids = connection.execute(select(ArticleRow.id).order_by(ArticleRow.id.desc()).limit(most)).scalars().all()
        found = (self._articles.get(article_id) for article_id in ids)
        return tuple(stored for stored in found if stored is not None)


def _day(dialect: str) -> Any:
    begun = RUN.c.begun_at
    return func.date(begun) if dialect == "sqlite" else cast(func.timezone("UTC", begun), Date)


def _on(value: str | date) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _counts(row: Any) -> Counts:
    read: dict[str, Any] = {name: int(getattr(row, name)) for name in COUNTED}
    return Counts(**read | {"seconds": float(row.seconds)})
