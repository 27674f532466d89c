"""Seeds: their validators, and what their polls gave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, case, select, update

from ingest.model import Seed, SeedKind, Validators
from ingest.store.db.engine import insert_for
from ingest.store.db.schema import SeedRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import SeedPoll, SeedState
from ingest.text.normalize import digest

NOT_MODIFIED = 304
SEED = table(SeedRow)
_OF_SOURCE = select(SEED).where(SEED.c.source_id == bindparam("source"))
IN_USE = _OF_SOURCE.where(SEED.c.dropped_at.is_(None)).order_by(SEED.c.declared.desc(), SEED.c.id)
BY_KEY = _OF_SOURCE.where(SEED.c.url_key == bindparam("key"))


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
            rows = connection.execute(IN_USE, {"source": source_id})
            return tuple(_state(source, row) for row in rows)

    def state(self, source: str, seed: Seed) -> SeedState | None:
        """Return what is remembered of a seed, None when it was never seen."""
        with self._work.reading() as connection:
            source_id = self._names.id(connection, source)
            row = connection.execute(BY_KEY, {"source": source_id, "key": seed_key(seed.url)}).first()
        return None if row is None else _state(source, row)

    def remember(self, source: str, seeds: Iterable[Seed]) -> None:
        """Add seeds that were found by looking; known ones stay as they are."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            rows = {seed_key(seed.url): _row(source_id, seed) for seed in seeds}
            if rows:
                connection.execute(_adding(connection.dialect.name), list(rows.values()))

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
        values = _columns(poll, now)
        with self._work.transaction() as connection:
            polling = _polling(connection.dialect.name, tuple(values), poll.reason is None, bool(poll.new))
            connection.execute(polling, _row(self._names.id(connection, source), seed) | values)


def _row(source_id: int, seed: Seed) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "url": seed.url,
        "url_key": seed_key(seed.url),
        "kind": seed.kind.value,
        "depth": seed.depth,
    }


def _columns(poll: SeedPoll, now: datetime) -> dict[str, Any]:
    """Return the columns that a poll sets, as those of a seed that was never seen."""
    kept = poll.reason is not None or poll.status == NOT_MODIFIED
    values: dict[str, Any] = {
        "status": poll.status,
        "reason": poll.reason,
        "last_polled_at": now,
        "next_poll_at": poll.next_poll_at,
        "failures": 0 if poll.reason is None else 1,
    }
    if poll.reason is None:
        values |= {"read_at": now, "unchanged": 0 if poll.new else 1, "new": poll.new}
        if poll.new:
            values["changed_at"] = now
    if not kept:
        validators = poll.validators or Validators()
        values |= {"etag": validators.etag, "last_modified": validators.last_modified, "digest": poll.digest}
    if poll.links is not None:
        values["links"] = poll.links
    if poll.newest_at is not None:
        values["newest_at"] = poll.newest_at
    return values


@cache
def _adding(dialect: str) -> Any:
    return insert_for(dialect)(SEED).on_conflict_do_nothing(index_elements=["source_id", "url_key"])


@lru_cache(maxsize=64)
def _polling(dialect: str, names: tuple[str, ...], succeeded: bool, has_news: bool) -> Any:
    """Add a seed as it was polled first, or count on from what is stored."""
    row = insert_for(dialect)(SEED)
    values: dict[str, Any] = {name: row.excluded[name] for name in names}
    if not succeeded:
        values["failures"] = SEED.c.failures + 1
    elif not has_news:
        values["unchanged"] = SEED.c.unchanged + 1
    if "newest_at" in values:
        given = row.excluded.newest_at
        values["newest_at"] = case((SEED.c.newest_at > given, SEED.c.newest_at), else_=given)
    return row.on_conflict_do_update(index_elements=["source_id", "url_key"], set_=values)


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
