"""Clusters: one text on several sites. Every copy is kept; the earliest is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from ingest.store.articles import fingerprints
from ingest.store.db.schema import ArticleRow, ClusterRow, RevisionRow, SourceRow, table
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.text import minhash
from ingest.web.urls import same_site

ARTICLE, CLUSTER, REVISION, SOURCE = table(ArticleRow), table(ClusterRow), table(RevisionRow), table(SourceRow)

PLACED = select(
    ARTICLE.c.source_id, ARTICLE.c.url, ARTICLE.c.signature, ARTICLE.c.cluster_id, ARTICLE.c.revised_at
).where(ARTICLE.c.id == bindparam("article"))
OTHERS = select(ARTICLE.c.id, ARTICLE.c.url, ARTICLE.c.cluster_id).where(
    ARTICLE.c.id.in_(bindparam("articles", expanding=True))
)
_WHEN = (
    select(
        ARTICLE.c.id,
        ARTICLE.c.url,
        ARTICLE.c.first_seen_at,
        SOURCE.c.name.label("source"),
        REVISION.c.published_at,
        REVISION.c.published_on,
    )
    .join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
    .join(REVISION, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
)
MEMBERS = _WHEN.where(ARTICLE.c.cluster_id == bindparam("cluster"))
SOME = _WHEN.where(ARTICLE.c.id.in_(bindparam("articles", expanding=True)))
EARLIEST = select(CLUSTER.c.earliest_article_id).where(CLUSTER.c.id == bindparam("cluster"))
SET_EARLIEST = (
    update(CLUSTER).where(CLUSTER.c.id == bindparam("cluster")).values(earliest_article_id=bindparam("earliest"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One article of a cluster. `earliest`: no other was published before it, as far as the articles say."""

    article_id: int
    source: str
    url: str
    earliest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An article as far as its place depends on it."""

    source_id: int
    url: str
    signature: bytes
    cluster_id: int | None
    revised_at: datetime


class Clusters:
    """The stored clusters."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def copies(self, cluster_id: int) -> tuple[Copy, ...]:
        """Return a cluster's articles, the earliest first."""
        with self._work.reading() as connection:
            rows = sorted(connection.execute(MEMBERS, {"cluster": cluster_id}), key=_when)
        return tuple(
            Copy(article_id=row.id, source=row.source, url=row.url, earliest=not place)
            for place, row in enumerate(rows)
        )


def place_again(connection: Connection, article_id: int, shingles: frozenset[str]) -> None:
    """Put an article whose text has changed into the cluster of its copies on other sites, or out of any."""
    row = connection.execute(PLACED, {"article": article_id}).one()
    near = fingerprints.near(connection, row.signature, row.source_id).others
    place(connection, article_id, Placed(**row._mapping), shingles, near)


def place(
    connection: Connection, article_id: int, own: Placed, shingles: frozenset[str], near: tuple[int, ...]
) -> None:
    """Put an article into the cluster of its copies on other sites.

    `own`: how it stands; `near`: ids of the articles of other sources that may be copies, the likest first.
    """
    copy = _copy(connection, own, shingles, near)
    if copy is None:
        cluster_id = None
    elif copy.cluster_id is not None:
        cluster_id = copy.cluster_id
    else:
        cluster_id = own.cluster_id or _begun(connection, own.revised_at)
        _join(connection, copy.id, cluster_id)
    if cluster_id != own.cluster_id:
        _join(connection, article_id, cluster_id)
    if copy is not None and cluster_id is not None:
        came = {article_id, copy.id} if copy.cluster_id is None else {article_id}
        _name_earliest(connection, cluster_id, came)
    if own.cluster_id is not None and own.cluster_id != cluster_id:
        tidy(connection, (own.cluster_id,))


def _name_earliest(connection: Connection, cluster_id: int, changed: set[int]) -> None:
    """Name the earliest article after some have come or changed, without reading all that the cluster has."""
    before: int | None = connection.execute(EARLIEST, {"cluster": cluster_id}).scalar()
    if before in changed:  # it may be later now than another
        tidy(connection, (cluster_id,))
        return
    among = changed if before is None else changed | {before}
    earliest = min(connection.execute(SOME, {"articles": tuple(among)}).all(), key=_when).id
    if earliest != before:
        connection.execute(SET_EARLIEST, {"cluster": cluster_id, "earliest": earliest})


def tidy(connection: Connection, cluster_ids: Iterable[int]) -> None:
    """Name the earliest article of those that are left; a cluster of one is none."""
    for cluster_id in cluster_ids:
        rows = connection.execute(MEMBERS, {"cluster": cluster_id}).all()
        if len(rows) > 1:
            earliest = min(rows, key=_when).id
            connection.execute(SET_EARLIEST, {"cluster": cluster_id, "earliest": earliest})
        else:
            for row in rows:
                _join(connection, row.id, None)
            connection.execute(delete(CLUSTER).where(CLUSTER.c.id == cluster_id))


def _copy(
    connection: Connection, own: Placed, shingles: frozenset[str], near: tuple[int, ...]
) -> Row[*tuple[object, ...]] | None:
    """Return the most alike article of another site that is a copy of this one, None when there is none."""
    others = fingerprints.shingles_of(connection, near)
    ids = [one for one in others if minhash.is_copy(shingles, others[one])]
    if not ids:
        return None
    rows = {row.id: row for row in connection.execute(OTHERS, {"articles": tuple(ids)})}
    return next((rows[one] for one in ids if one in rows and not same_site(rows[one].url, own.url)), None)


def _begun(connection: Connection, now: datetime) -> int:
    made: int = connection.execute(insert(CLUSTER).values(made_at=now).returning(CLUSTER.c.id)).scalar_one()
    return made


def _join(connection: Connection, article_id: int, cluster_id: int | None) -> None:
    connection.execute(update(ARTICLE).where(ARTICLE.c.id == article_id).values(cluster_id=cluster_id))


def _when(row: Row[*tuple[object, ...]]) -> tuple[datetime, int]:
    """When a copy appeared: as it says itself, else when it was first had.

    Of a bare day the end counts, so that a copy with a time on that day goes first.
    """
    if row.published_at is not None:
        return row.published_at, row.id
    if row.published_on is not None:
        return datetime.combine(row.published_on, time.max, UTC), row.id
    return row.first_seen_at, row.id
