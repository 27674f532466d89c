"""Findings: what needs a person, from its first day to its last, and whether an alert was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update

from ingest.store.db.schema import FindingRow, SourceRow
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import Finding


class Findings:
    """The stored findings."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    def begin(
        self,
        source: str,
        kind: str,
        now: datetime,
        *,
        suspicion: str | None = None,
        detail: str | None = None,
        run_id: int | None = None,
        subject: str = "",
    ) -> Finding:
        """Open a finding; whether the source has one already is the caller's to know."""
        with self._work.transaction() as connection:
            row = {
                "source_id": self._names.id(connection, source),
                "kind": kind,
                "subject": subject,
                "suspicion": suspicion,
                "detail": detail,
                "run_id": run_id,
                "began_at": now,
                "last_seen_at": now,
            }
            made = insert(FindingRow).values(**row).returning(FindingRow.id)
            finding_id: int = connection.execute(made).scalar_one()
        return self._where(FindingRow.id == finding_id)[0]

    def seen(self, finding_id: int, now: datetime, *, suspicion: str | None, detail: str | None) -> None:
        """Note that it still holds, and what it looks like by now."""
        self._set((finding_id,), last_seen_at=now, suspicion=suspicion, detail=detail)

    def end(self, finding_id: int, now: datetime, *, alert: bool = True) -> None:
        """Close a finding. Without `alert` its end is no recovery: another finding has replaced it."""
        self._set((finding_id,), ended_at=now, **({} if alert else {"recovery_alerted_at": now}))

    def claim(self, now: datetime) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return what began and what ended without an alert, marked as alerted: no other process sends one."""
        begun, ended = self.unalerted(), self.unalerted_recoveries()
        return self._claimed(begun, FindingRow.alerted_at, now), self._claimed(
            ended, FindingRow.recovery_alerted_at, now
        )

    def _claimed(self, findings: tuple[Finding, ...], alerted_at: Any, now: datetime) -> tuple[Finding, ...]:
        if not findings:
            return ()
        ids = [finding.finding_id for finding in findings]
        with self._work.transaction() as connection:
            mine = update(FindingRow).where(FindingRow.id.in_(ids), alerted_at.is_(None)).values({alerted_at: now})
            claimed = set(connection.execute(mine.returning(FindingRow.id)).scalars())
        return tuple(finding for finding in findings if finding.finding_id in claimed)

    def unclaim(self, begun: Iterable[Finding], ended: Iterable[Finding]) -> None:
        """Undo a claim whose alert could not be sent."""
        self._set([finding.finding_id for finding in begun], alerted_at=None)
        self._set([finding.finding_id for finding in ended], recovery_alerted_at=None)

    def _set(self, finding_ids: Collection[int], **values: Any) -> None:
        if finding_ids:
            with self._work.transaction() as connection:
                connection.execute(update(FindingRow).where(FindingRow.id.in_(finding_ids)).values(**values))

    def open(self, sources: Iterable[str] | None = None) -> tuple[Finding, ...]:
        """Return the open findings, the oldest first; of the sources named, else of all that are not retired."""
        found = self._where(FindingRow.ended_at.is_(None), SourceRow.retired_at.is_(None))
        wanted = None if sources is None else set(sources)
        return tuple(finding for finding in found if wanted is None or finding.source in wanted)

    def of(self, source: str, since: datetime) -> tuple[Finding, ...]:
        """Return the findings of a source that were open at some time since then, the oldest first."""
        with self._work.reading() as connection:
            source_id = self._names.id(connection, source)
        lately = FindingRow.ended_at.is_(None) | (FindingRow.ended_at >= since)
        return self._where(FindingRow.source_id == source_id, lately)

    def recent(self, since: datetime) -> tuple[Finding, ...]:
        """Return the findings of all sources that were open at some time since then, the oldest first."""
        return self._where(FindingRow.ended_at.is_(None) | (FindingRow.ended_at >= since))

    def unalerted(self) -> tuple[Finding, ...]:
        """Return the open findings without an alert, the oldest first."""
        return self._where(
            FindingRow.alerted_at.is_(None), FindingRow.ended_at.is_(None), SourceRow.retired_at.is_(None)
        )

    def unalerted_recoveries(self) -> tuple[Finding, ...]:
        """Return the ended findings that had an alert but whose recovery had none, the oldest first."""
        return self._where(
            FindingRow.alerted_at.is_not(None),
            FindingRow.ended_at.is_not(None),
            FindingRow.recovery_alerted_at.is_(None),
        )

    def _where(self, *conditions: ColumnElement[bool]) -> tuple[Finding, ...]:
        query = (
            select(FindingRow, SourceRow.name.label("source"))
            .join(SourceRow, SourceRow.id == FindingRow.source_id)
            .where(*conditions)
            .order_by(FindingRow.id)
        )
        with self._work.reading() as connection:
            return tuple(_finding(row) for row in connection.execute(query))


def _finding(row: Row[*tuple[Any, ...]]) -> Finding:
    return Finding(
        finding_id=row.id,
        source=row.source,
        kind=row.kind,
        subject=row.subject,
        suspicion=row.suspicion,
        detail=row.detail,
        run_id=row.run_id,
        began_at=row.began_at,
        last_seen_at=row.last_seen_at,
        ended_at=row.ended_at,
        alerted_at=row.alerted_at,
        recovery_alerted_at=row.recovery_alerted_at,
    )
