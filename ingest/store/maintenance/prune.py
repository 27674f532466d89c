"""Pruning: delete what is older than the retention limits, in small transactions that block no writer for long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, select, update

from ingest.store.db.schema import ArticleRow, FindingRow, PageRow, RevisionRow, RunRow, SnapshotRow, table
from ingest.store.db.unit_of_work import UnitOfWork

PIECE = 500
SNAPSHOT, REVISION, ARTICLE = table(SnapshotRow), table(RevisionRow), table(ArticleRow)
RUN, FINDING, PAGE = table(RunRow), table(FindingRow), table(PageRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLimits:
    """What is older than these moments may go; None: nothing may."""

    raw: datetime | None = None
    revisions: datetime | None = None
    log: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prunable:
    """How much may go. `files` are the raw files, relative to the home, that nothing points to any more afterwards."""

    raw_pages: int = 0
    files: tuple[str, ...] = ()
    revisions: int = 0
    runs: int = 0
    findings: int = 0


class Prune:
    """Deletes what is older than the retention limits."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def prunable(self, limits: RetentionLimits, *, leave: Collection[str] = ()) -> Prunable:
        """Return what `prune` would delete. The rows of the raw files in `leave` stay: the files are elsewhere."""
        with self._work.reading() as connection:

            def count(of: Table, condition: ColumnElement[bool] | None) -> int:
                if condition is None:
                    return 0
                return int(connection.execute(select(func.count()).select_from(of).where(condition)).scalar_one())

            return Prunable(
                raw_pages=count(SNAPSHOT, _old_pages(limits.raw, leave)),
                files=tuple(name for name in self._files(limits.raw) if name not in leave),
                revisions=count(REVISION, _old_revisions(limits.revisions)),
                runs=count(RUN, _old(RUN.c.begun_at, limits.log)),
                findings=count(FINDING, _old(FINDING.c.ended_at, limits.log)),
            )

    def _files(self, before: datetime | None) -> tuple[str, ...]:
        """Return the raw files of which every record is older; equal bytes fetched again later keep a file."""
        if before is None:
            return ()
        latest = func.max(SNAPSHOT.c.fetched_at)
        with self._work.reading() as connection:
            rows = connection.execute(select(SNAPSHOT.c.file).group_by(SNAPSHOT.c.file).having(latest < before))
            return tuple(sorted(rows.scalars()))

    def prune(self, limits: RetentionLimits, *, leave: Collection[str] = ()) -> Prunable:
        """Delete it and return what was deleted; the caller deletes the raw files, to which no row points any more.

        An old revision loses its texts and claims; its row with title and times stays. The outcome of each page stays.
        """
        gone = self.prunable(limits, leave=leave)
        if (old := _old_revisions(limits.revisions)) is not None:
            self._in_pieces(REVISION, old, {"blocks": [], "claims": [], "body": None})
        if (old := _old(RUN.c.begun_at, limits.log)) is not None:
            with self._work.transaction() as connection:
                connection.execute(
                    update(PAGE).where(PAGE.c.run_id.in_(select(RUN.c.id).where(old))).values(run_id=None)
                )
            self._in_pieces(RUN, old, None)
        if (old := _old(FINDING.c.ended_at, limits.log)) is not None:
            self._in_pieces(FINDING, old, None)
        if (old := _old_pages(limits.raw, leave)) is not None:
            self._in_pieces(SNAPSHOT, old, None)
        return gone

    def _in_pieces(self, of: Table, condition: ColumnElement[bool], values: dict[str, Any] | None) -> None:
        """Delete the rows of a condition, or set these values in them."""
        while True:
            with self._work.transaction() as connection:
                ids = (
                    connection.execute(select(of.c.id).where(condition).order_by(of.c.id).limit(PIECE)).scalars().all()
                )
                if not ids:
                    return
                these = of.c.id.in_(ids)
                connection.execute(
                    delete(of).where(these) if values is None else update(of).where(these).values(values)
                )


def _old(moment: ColumnElement[Any], before: datetime | None) -> ColumnElement[bool] | None:
    return None if before is None else moment < before


def _old_pages(before: datetime | None, leave: Collection[str]) -> ColumnElement[bool] | None:
    old = _old(SNAPSHOT.c.fetched_at, before)
    return old if old is None or not leave else and_(old, SNAPSHOT.c.file.not_in(leave))


def _old_revisions(before: datetime | None) -> ColumnElement[bool] | None:
    """Return the condition for revisions that are not the latest and still have their text."""
    if before is None:
        return None
    later = select(ARTICLE.c.id).where(ARTICLE.c.id == REVISION.c.article_id, ARTICLE.c.revisions > REVISION.c.no)
    return and_(REVISION.c.fetched_at < before, later.exists(), func.length(REVISION.c.blocks) > EMPTY_BYTES)


EMPTY_BYTES = 16  # an empty list, packed, has 10
