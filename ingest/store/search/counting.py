"""How many articles a search finds, by day, week or source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import Connection, bindparam, select

from ingest.store.db.schema import ArticleRow, SourceRow, table

ARTICLE, SOURCE = table(ArticleRow), table(SourceRow)
BATCH = 5_000  # ids in one statement
MOST_GAPS = 3_700  # days or weeks without an article are counted as 0 over so many; beyond, they are left out

_DATED = select(ARTICLE.c.dated_at).where(ARTICLE.c.id.in_(bindparam("ids", expanding=True)))
_OF_SOURCE = (
    select(SOURCE.c.name)
    .join(ARTICLE, ARTICLE.c.source_id == SOURCE.c.id)
    .where(ARTICLE.c.id.in_(bindparam("ids", expanding=True)))
)


class CountBy(StrEnum):
    """What the articles found are counted by."""

    DAY = "day"
    WEEK = "week"  # by its Monday
    SOURCE = "source"


def counted(connection: Connection, ids: Sequence[int], by: CountBy) -> dict[str, int]:
    """Return how many of the articles lie in each day or week, the earliest first, or source, the largest first.

    A day is that of publication in UTC, of undated articles that on which they were first seen.
    """
    query = _OF_SOURCE if by is CountBy.SOURCE else _DATED
    parts = (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))
    found = (value for part in parts for value in connection.execute(query, {"ids": part}).scalars())
    if by is CountBy.SOURCE:
        return dict(sorted(Counter(found).items(), key=lambda one: (-one[1], one[0])))
    step = 7 if by is CountBy.WEEK else 1
    days = Counter(_first_day(moment.date(), step) for moment in found if moment is not None)
    return {day.isoformat(): count for day, count in _without_gaps(days, step).items()}


def _first_day(day: date, step: int) -> date:
    return day - timedelta(days=day.weekday()) if step > 1 else day


def _without_gaps(days: Mapping[date, int], step: int) -> dict[date, int]:
    """Return the counts in order, those of days without an article included."""
    if not days:
        return {}
    first, last = min(days), max(days)
    steps = (last - first).days // step + 1
    if steps > MOST_GAPS:
        return dict(sorted(days.items()))
    return {day: days.get(day, 0) for day in (first + timedelta(days=step * at) for at in range(steps))}
