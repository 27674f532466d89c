"""Snapshots: the locations of raw pages. ingest.snapshots writes and reads the files."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from ingest.model import RecordLocation
from ingest.store.db.keys import url_key
from ingest.store.db.schema import PageRow, SnapshotRow, SourceRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork

BATCH = 500
RECENT = 256  # fetches whose article is in the pipeline, with their further pages
SNAPSHOT, PAGE = table(SnapshotRow), table(PageRow)
ADD = insert(SNAPSHOT).returning(SNAPSHOT.c.id)
SAME_BYTES = select(SNAPSHOT).where(SNAPSHOT.c.digest == bindparam("digest")).order_by(SNAPSHOT.c.id.desc()).limit(1)
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


class Snapshots:
    """The index of raw pages."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names
        self._recent: OrderedDict[_Fetch, int] = OrderedDict()  # ids of the last that were noted
        self._rollbacks = 0

    def place_of(self, digest: str) -> RecordLocation | None:
        """Return where bytes of this digest lie already, None when they are new."""
        with self._work.reading() as connection:
            row = connection.execute(SAME_BYTES, {"digest": digest}).first()
        return None if row is None else _place(row)

    def remember(
        self, source: str, url: str, place: RecordLocation, fetched_at: datetime, run_id: int | None = None
    ) -> int:
        """Add a new fetch of the URL that gave the bytes at this place; return its id."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            fetch = _Fetch(url_key(url), place.file, place.offset, fetched_at)
            return self._known(fetch) or self._add(connection, source_id, run_id, url, place, fetch)

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
        fetch = _Fetch(url_key(url), place.file, place.offset, fetched_at)
        known: int | None = self._known(fetch) or connection.execute(NOTED, fetch._asdict()).scalar()
        return known or self._add(connection, source_id, run_id, url, place, fetch)

    def _known(self, fetch: _Fetch) -> int | None:
        if self._rollbacks != self._work.rollbacks:
            self._recent.clear()
            self._rollbacks = self._work.rollbacks
        return self._recent.get(fetch)

    def _add(
        self, connection: Connection, source_id: int, run_id: int | None, url: str, place: RecordLocation, fetch: _Fetch
    ) -> int:
        row = {
            "source_id": source_id,
            "run_id": run_id,
            "url": url,
            "url_key": fetch.key,
            "file": place.file,
            "offset": place.offset,
            "length": place.length,
            "digest": place.digest,
            "fetched_at": fetch.fetched_at,
        }
        made: int = connection.execute(ADD, row).scalar_one()
        self._recent[fetch] = made
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        return made

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


def _place(row: Row[*tuple[Any, ...]]) -> RecordLocation:
    return RecordLocation(file=row.file, offset=row.offset, length=row.length, digest=row.digest)
