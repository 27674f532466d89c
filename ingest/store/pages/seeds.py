"""Seeds: their validators, and what their polls gave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, select, update

from ingest.model import Seed, SeedKind, Validators
from ingest.store.db.engine import upsert_for
from ingest.store.db.schema import SeedRow
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import SeedPoll, SeedState
from ingest.text.normalize import digest

NOT_MODIFIED = 304


def seed_key(url: str) -> str:
    """Return a seed's key: its URL to the letter, for servers may give another feed with and without a slash."""
    return digest(url)


class Seeds:
    """The stored feeds, sitemaps, sections and lists."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    def of(self, source: str) -> tuple[SeedState, ...]:
        """Return the source's seeds in use: declared ones first, then found ones."""
        with self._work.reading() as connection:
            source_id = self._names.id(connection, source)
            rows = connection.execute(
                select(SeedRow)
                .where(SeedRow.source_id == source_id, SeedRow.dropped_at.is_(None))
                .order_by(SeedRow.declared.desc(), SeedRow.id)
            )
            return tuple(_state(source, row) for row in rows)

    def state(self, source: str, seed: Seed) -> SeedState | None:
        """Return what is remembered of a seed, None when it was never seen."""
        with self._work.reading() as connection:
            source_id = self._names.id(connection, source)
            row = connection.execute(
                select(SeedRow).where(SeedRow.source_id == source_id, SeedRow.url_key == seed_key(seed.url))
            ).first()
        return None if row is None else _state(source, row)

    def remember(self, source: str, seeds: Iterable[Seed]) -> None:
        """Add seeds that were found by looking; known ones stay as they are."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            rows = {
                seed_key(seed.url): {
                    "source_id": source_id,
                    "url": seed.url,
                    "url_key": seed_key(seed.url),
                    "kind": seed.kind.value,
                    "depth": seed.depth,
                }
                for seed in seeds
            }
            if rows:
                insert = upsert_for(connection)
                connection.execute(
                    insert(SeedRow).on_conflict_do_nothing(index_elements=["source_id", "url_key"]), list(rows.values())
                )

    def drop(self, source: str, seed: Seed, now: datetime) -> None:
        """Poll a found seed no more: it is dead or superfluous."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            connection.execute(
                update(SeedRow)
                .where(SeedRow.source_id == source_id, SeedRow.url_key == seed_key(seed.url))
                .values(dropped_at=now)
            )

    def polled(self, source: str, seed: Seed, now: datetime, poll: SeedPoll) -> None:
        """Store the result of a poll. A seed that was never seen is added as found."""
        with self._work.transaction() as connection:
            self.remember(source, (seed,))
            connection.execute(
                update(SeedRow)
                .where(SeedRow.source_id == self._names.id(connection, source), SeedRow.url_key == seed_key(seed.url))
                .values(**_columns(poll, now))
            )


def _columns(poll: SeedPoll, now: datetime) -> dict[str, Any]:
    """Return the columns that a poll sets."""
    kept = poll.reason is not None or poll.status == NOT_MODIFIED
    values: dict[str, Any] = {
        "status": poll.status,
        "reason": poll.reason,
        "last_polled_at": now,
        "next_poll_at": poll.next_poll_at,
        "failures": 0 if poll.reason is None else SeedRow.failures + 1,
    }
    if poll.reason is None:
        values["read_at"] = now
        values["unchanged"] = 0 if poll.new else SeedRow.unchanged + 1
        values["new"] = poll.new
        if poll.new:
            values["changed_at"] = now
    if not kept:
        validators = poll.validators or Validators()
        values |= {"etag": validators.etag, "last_modified": validators.last_modified, "digest": poll.digest}
    if poll.links is not None:
        values["links"] = poll.links
    if poll.newest_at is not None:
        values["newest_at"] = case((SeedRow.newest_at > poll.newest_at, SeedRow.newest_at), else_=poll.newest_at)
    return values


def _state(source: str, row: Row[*tuple[Any, ...]]) -> SeedState:
    return SeedState(
        source=source,
        seed=Seed(url=row.url, kind=SeedKind(row.kind), depth=row.depth),
        declared=row.declared,
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        digest=row.digest,
        status=row.status,
        reason=row.reason,
        failures=row.failures,
        last_polled_at=row.last_polled_at,
        read_at=row.read_at,
        next_poll_at=row.next_poll_at,
        changed_at=row.changed_at,
        unchanged=row.unchanged,
        links=row.links,
        new=row.new,
        newest_at=row.newest_at,
    )
