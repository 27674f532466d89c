"""Snapshots: the locations of raw pages. ingest.snapshots writes and reads the files."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, cast, func, insert, null, select, union_all

from ingest.model import Article, RecordLocation
from ingest.store.db.keys import key_or_none, url_key
from ingest.store.db.schema import PageRow, SnapshotRow, SourceRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.maintenance.forget import TAKEN_DOWN

BATCH = 500
RECENT = 256  # fetches whose article is in the pipeline, with their further pages
SNAPSHOT, PAGE = table(SnapshotRow), table(PageRow)
ADD = insert(SNAPSHOT).returning(SNAPSHOT.c.id)
ADD_ALL = insert(SNAPSHOT).returning(
    SNAPSHOT.c.id, SNAPSHOT.c.url_key, SNAPSHOT.c.file, SNAPSHOT.c.offset, SNAPSHOT.c.fetched_at
)
_PLACE = (SNAPSHOT.c.file, SNAPSHOT.c.offset, SNAPSHOT.c.length, SNAPSHOT.c.digest)
_SAME_BYTES = select(*_PLACE).where(SNAPSHOT.c.digest == bindparam("digest")).order_by(SNAPSHOT.c.id.desc()).limit(1)
_TAKEN_DOWN = TAKEN_DOWN.with_only_columns(*(cast(null(), column.type).label(column.name) for column in _PLACE))
LOOK_UP = union_all(*(select(part.subquery()) for part in (_SAME_BYTES, _TAKEN_DOWN)))
NOTED = (
    select(SNAPSHOT.c.id)
    .where(
        SNAPSHOT.c.url_key == bindparam("key"),
        SNAPSHOT.c.file == bindparam("file"),
        SNAPSHOT.c.offset == bindparam("offset"),
        SNAPSHOT.c.fetched_at == bindparam("fetched_at"),
    )
    .order_by(SNAPSHOT.c.id.desc())
    .limit(1)
)


class _Fetch(NamedTuple):
    """The key of one fetch."""

    key: str  # of the URL
    file: str
    offset: int
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBytes:
    """What is known of a page before it is kept."""

    place: RecordLocation | None  # where its bytes lie already
    forgotten: bool  # one of its addresses was taken down


class Snapshots:
    """The index of raw pages."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names
        self._unwritten: dict[_Fetch, dict[str, Any]] = {}  # rows that wait to be added together
        self.since_s: float | None = None  # when the first of them came
        self._recent: OrderedDict[_Fetch, int] = OrderedDict()  # ids of the last that were noted
        self._rollbacks = 0

    def look_up(self, digest: str, urls: Iterable[str] = ()) -> KnownBytes:
        """Return where bytes of this digest lie already, and whether one of the URLs was taken down.

        Bytes of this run may be missing: its writer knows them.
        """
        keys = tuple({key for url in urls if (key := key_or_none(url))})
        with self._work.reading(independent=True) as connection:
            rows = connection.execute(LOOK_UP, {"digest": digest, "keys": keys}).all()
        place = next((_place(row) for row in rows if row.file is not None), None)
        return KnownBytes(place=place, forgotten=any(row.file is None for row in rows))

    def remember(
        self, source: str, url: str, place: RecordLocation, fetched_at: datetime, run_id: int | None = None
    ) -> None:
        """Add a new fetch of the URL that gave the bytes at this place; while commits are shared, with others later."""
        if self._work.is_grouping:
            with self._work.reading(independent=True) as connection:
                source_id = self._names.id(connection, source)
            row = _row(source_id, url, place, fetched_at, run_id)
            if self._known(_fetch(row)) is None:
                self._unwritten.setdefault(_fetch(row), row)
                self.since_s = self.since_s or time.monotonic()
            return
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            self.note(connection, source_id, url, place, fetched_at, run_id)

    def write(self, connection: Connection) -> int:
        """Add the fetches that wait, in their order: what lies behind the last one of a file is recovered after a kill.

        Returns how many; they wait on until `settle` is called because the transaction has succeeded.
        """
        if not self._unwritten:
            return 0
        made = connection.execute(ADD_ALL, list(self._unwritten.values())).all()
        self._forget_if_rolled_back()
        for number, *fetch in made:
            self._remember(_Fetch(*fetch), number)
        return len(made)

    def settle(self, written: int) -> None:
        """Let the first of the fetches wait no more."""
        for fetch in tuple(self._unwritten)[:written]:
            del self._unwritten[fetch]
        self.since_s = None

    def id_of(self, connection: Connection, article: Article, run_id: int | None) -> int | None:
        """Return the id of the fetch an article was read from, None for one without a raw page."""
        if article.place is None:
            return None
        source_id = self._names.id(connection, article.source)
        return self.note(connection, source_id, article.url, article.place, article.fetched_at, run_id)

    def note(
        self,
        connection: Connection,
        source_id: int,
        url: str,
        place: RecordLocation,
        fetched_at: datetime,
        run_id: int | None,
    ) -> int:
        """Return the id of a fetch in an open transaction, adding it when it is new."""
        row = _row(source_id, url, place, fetched_at, run_id)
        fetch = _fetch(row)
        known: int | None = self._known(fetch) or connection.execute(NOTED, fetch._asdict()).scalar()
        if known is None:
            known = int(connection.execute(ADD, row).scalar_one())
            self._remember(fetch, known)
        return known

    def _known(self, fetch: _Fetch) -> int | None:
        self._forget_if_rolled_back()
        return self._recent.get(fetch)

    def _forget_if_rolled_back(self) -> None:
        if self._rollbacks != self._work.rollbacks:
            self._recent.clear()
            self._rollbacks = self._work.rollbacks

    def _remember(self, fetch: _Fetch, number: int) -> None:
        self._recent[fetch] = number
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def has(self, url: str, digest: str) -> bool:
        """Return whether a fetch of the URL gave these bytes before."""
        query = select(SNAPSHOT.c.id).where(SNAPSHOT.c.url_key == url_key(url), SNAPSHOT.c.digest == digest)
        with self._work.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def end_of(self, file: str) -> int:
        """Return the offset in a raw file behind the last record that is noted, 0 when none is."""
        query = select(func.max(SNAPSHOT.c.offset + SNAPSHOT.c.length)).where(SNAPSHOT.c.file == file)
        with self._work.reading() as connection:
            end: int | None = connection.execute(query).scalar()
        return end or 0

    def latest(self, url: str) -> RecordLocation | None:
        """Return where the last raw page of a URL lies."""
        with self._work.reading() as connection:
            row = connection.execute(
                select(SnapshotRow).where(SnapshotRow.url_key == url_key(url)).order_by(SnapshotRow.id.desc()).limit(1)
            ).first()
        return None if row is None else _place(row)

    def without_article(
        self, source: str | None = None, since: datetime | None = None
    ) -> Iterator[tuple[str, str, RecordLocation, datetime]]:
        """Give (source, url, place, fetched_at) of each page's last raw page, for pages that lead to no article."""
        later = SNAPSHOT.alias("later")
        query = (
            select(SNAPSHOT, SourceRow.name.label("source"))
            .join(SourceRow, SourceRow.id == SNAPSHOT.c.source_id)
            .join(PAGE, PAGE.c.url_key == SNAPSHOT.c.url_key)
            .where(
                PAGE.c.article_id.is_(None),
                ~select(later.c.id).where(later.c.url_key == SNAPSHOT.c.url_key, later.c.id > SNAPSHOT.c.id).exists(),
            )
        )
        if source is not None:
            query = query.where(SourceRow.name == source)
        if since is not None:
            query = query.where(SNAPSHOT.c.fetched_at >= since)
        last = 0
        while True:
            with self._work.reading() as connection:
                after = query.where(SNAPSHOT.c.id > last).order_by(SNAPSHOT.c.id).limit(BATCH)
                rows = connection.execute(after).all()
            for row in rows:
                yield row.source, row.url, _place(row), row.fetched_at
            if len(rows) < BATCH:
                return
            last = rows[-1].id

    def each(
        self, source: str | None = None, since: datetime | None = None
    ) -> Iterator[tuple[str, str, RecordLocation]]:
        """Give (source, url, place) of every raw page, oldest first, with flat memory."""
        last = 0
        while True:
            query = (
                select(SnapshotRow, SourceRow.name.label("source"))
                .join(SourceRow, SourceRow.id == SnapshotRow.source_id)
                .where(SnapshotRow.id > last)
            )
            if source is not None:
                query = query.where(SourceRow.name == source)
            if since is not None:
                query = query.where(SnapshotRow.fetched_at >= since)
            with self._work.reading() as connection:
                rows = connection.execute(query.order_by(SnapshotRow.id).limit(BATCH)).all()
            if not rows:
                return
            last = rows[-1].id
            for row in rows:
                yield row.source, row.url, _place(row)


def _row(source_id: int, url: str, place: RecordLocation, fetched_at: datetime, run_id: int | None) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "run_id": run_id,
        "url": url,
        "url_key": url_key(url),
        "file": place.file,
        "offset": place.offset,
        "length": place.length,
        "digest": place.digest,
        "fetched_at": fetched_at,
    }


def _fetch(row: dict[str, Any]) -> _Fetch:
    return _Fetch(row["url_key"], row["file"], row["offset"], row["fetched_at"])


def _place(row: Row[*tuple[Any, ...]]) -> RecordLocation:
    return RecordLocation(file=row.file, offset=row.offset, length=row.length, digest=row.digest)
