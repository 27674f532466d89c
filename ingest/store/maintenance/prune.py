"""Pruning: delete what is older than the retention limits, in small transactions that block no writer for long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, func, literal_column, select, update

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
        with self._work.reading() as connection:
            old = set(connection.execute(select(SNAPSHOT.c.file).where(SNAPSHOT.c.fetched_at < before)).scalars())
            younger = select(SNAPSHOT.c.id).where(SNAPSHOT.c.file == bindparam("file"), SNAPSHOT.c.fetched_at >= before)
            kept = {file for file in old if connection.execute(younger.limit(1), {"file": file}).first() is not None}
        return tuple(sorted(old - kept))

    def prune(self, limits: RetentionLimits, *, leave: Collection[str] = ()) -> Prunable:
        """Delete it and return what was deleted; the caller deletes the raw files, to which no row points any more.

        An old revision loses its texts and claims; its row with title and times stays. The outcome of each page stays.
        """
        gone = self.prunable(limits, leave=leave)
        if (old := _old_revisions(limits.revisions)) is not None:
            self._in_pieces(REVISION, old, REVISION.c.fetched_at, {"blocks": [], "claims": [], "body": None})
        if (old := _old(RUN.c.begun_at, limits.log)) is not None:
            self._delete_runs(old)
        if (old := _old(FINDING.c.ended_at, limits.log)) is not None:
            self._in_pieces(FINDING, old, FINDING.c.ended_at)
        if (old := _old_pages(limits.raw, leave)) is not None:
            self._in_pieces(SNAPSHOT, old, SNAPSHOT.c.fetched_at)
        return gone

    def _delete_runs(self, old: ColumnElement[bool]) -> None:
        """Delete runs one by one, each after what refers to it: a run of thousands of sources has as many articles."""
        with self._work.reading() as connection:
            run_ids = connection.execute(select(RUN.c.id).where(old).order_by(RUN.c.begun_at)).scalars().all()
        for run_id in run_ids:
            for of in (PAGE, REVISION, SNAPSHOT):
                self._in_pieces(of, of.c.run_id == run_id, of.c.run_id, {"run_id": None})
            with self._work.transaction() as connection:
                connection.execute(delete(RUN).where(RUN.c.id == run_id))

    def _in_pieces(
        self,
        of: Table,
        condition: ColumnElement[bool],
        order: ColumnElement[Any],
        values: dict[str, Any] | None = None,
    ) -> None:
        """Delete the rows of a condition, or set these values in them. `order`: that of the index which finds them."""
        query = select(of.c.id).where(condition).order_by(order).limit(PIECE)
        while True:
            with self._work.transaction() as connection:
                ids = connection.execute(query).scalars().all()
                if ids:
                    these = of.c.id.in_(ids)
                    change = delete(of).where(these) if values is None else update(of).where(these).values(values)
                    connection.execute(change)
            if len(ids) < PIECE:
                return


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
    return and_(REVISION.c.fetched_at < before, SUPERSEDED, later.exists())


EMPTY_BYTES = 16  # an empty list, packed, has 10
# written as in the index that finds them
SUPERSEDED: ColumnElement[bool] = literal_column(f"revision.body IS NULL AND length(revision.blocks) > {EMPTY_BYTES}")
