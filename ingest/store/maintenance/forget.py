"""Takedown: delete an article or a source; only the refusal to fetch it again stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, or_, select, update

from ingest.errors import SourceError
from ingest.model import OutcomeKind, RecordLocation
from ingest.store.articles import fingerprints
from ingest.store.articles.clusters import tidy
from ingest.store.db.keys import url_key
from ingest.store.db.schema import (
    ArticleRow,
    BlockRow,
    BlockUseRow,
    FindingRow,
    PageRow,
    SeedRow,
    SnapshotRow,
    SourceRow,
    table,
)
from ingest.store.search import search
from ingest.store.values import PageStatus
from ingest.web.urls import polite_unit, same_site, site

REASON = "forgotten"
PAGE = table(PageRow)
TAKEN_DOWN = (
    select(PAGE.c.id).where(PAGE.c.url_key.in_(bindparam("keys", expanding=True)), PAGE.c.reason == REASON).limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was forgotten. The raw records at `places` are no longer pointed to and still have to be erased."""

    articles: int
    pages: int
    places: tuple[RecordLocation, ...]


def forget_url(connection: Connection, url: str, now: datetime, source_id: int | None = None) -> Forgotten:
    """Forget the article that is known by this URL, with all its addresses; a URL never met is refused from now on.

    The source of a URL never met is that of its site, unless `source_id` says it.
    """
    key = url_key(url)
    article_ids = (
        connection.execute(
            select(ArticleRow.id)
            .where(or_(ArticleRow.url_key == key, ArticleRow.canonical_key == key))
            .union(select(PageRow.article_id).where(PageRow.url_key == key, PageRow.article_id.is_not(None)))
        )
        .scalars()
        .all()
    )
    own = _canonical_keys(connection, article_ids)
    if key not in own and connection.execute(select(PageRow.id).where(PageRow.url_key == key)).first() is None:
        own[key] = _source_of(connection, url) if source_id is None else source_id
    for one, its_source in own.items():
        if connection.execute(select(PageRow.id).where(PageRow.url_key == one)).first() is None:
            refusal = {"url": "", "url_key": one, "state": PageStatus.DONE.value, "met_at": now}
            connection.execute(insert(PageRow).values(source_id=its_source, **refusal))
    pages = or_(PageRow.url_key.in_([key, *own]), PageRow.article_id.in_(article_ids))
    return _forget(connection, pages, ArticleRow.id.in_(article_ids), None, now)


def _canonical_keys(connection: Connection, article_ids: Sequence[int]) -> dict[str, int]:
    """Return the canonical keys of the articles with their source, unless another article is stored at one."""
    other = ArticleRow.__table__.alias("other")
    there = select(other.c.id).where(other.c.url_key == ArticleRow.canonical_key, ~other.c.id.in_(article_ids))
    rows = connection.execute(
        select(ArticleRow.canonical_key, ArticleRow.source_id).where(
            ArticleRow.id.in_(article_ids), ArticleRow.canonical_key.is_not(None), ~there.exists()
        )
    )
    return {row.canonical_key: row.source_id for row in rows}


def _source_of(connection: Connection, url: str) -> int:
    """Return the source that a URL never met would be of, by its site."""
    near = connection.execute(
        select(SourceRow.id, SourceRow.url).where(SourceRow.unit == polite_unit(url)).order_by(SourceRow.id)
    )
    found = next((row.id for row in near if same_site(row.url, url)), None)
    if found is None:
        raise SourceError(
            f"{url} was never met, and no source is of {site(url)}; `ingest sources list` shows those there are"
        )
    return int(found)


def forget_source(connection: Connection, source_id: int, now: datetime) -> Forgotten:
    """Forget all articles of a source, its seeds and what was learned; it stays retired whatever sources.toml says."""
    connection.execute(
        update(SourceRow)
        .where(SourceRow.id == source_id)
        .values(retired_at=now, forgotten_at=now, sense=None, cause=None, learned_to=0)
    )
    for row in (SeedRow, BlockRow, FindingRow):
        connection.execute(delete(row).where(row.source_id == source_id))
    pages = PageRow.source_id == source_id
    return _forget(connection, pages, ArticleRow.source_id == source_id, SnapshotRow.source_id == source_id, now)


def _forget(
    connection: Connection,
    pages: ColumnElement[bool],
    articles: ColumnElement[bool],
    snapshots: ColumnElement[bool] | None,
    now: datetime,
) -> Forgotten:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # or the text stays readable in the file's free pages
    keys = select(PageRow.url_key).where(pages)
    own = SnapshotRow.url_key.in_(keys)
    raw = own if snapshots is None else or_(own, snapshots)
    places = tuple(
        RecordLocation(file=row.file, offset=row.offset, length=row.length, digest=row.digest)
        for row in connection.execute(
            select(SnapshotRow.file, SnapshotRow.offset, SnapshotRow.length, SnapshotRow.digest).where(raw).distinct()
        )
    )
    connection.execute(delete(SnapshotRow).where(raw))
    used = select(BlockUseRow.block_id).join(ArticleRow, ArticleRow.id == BlockUseRow.article_id).where(articles)
    touched = connection.execute(used.distinct()).scalars().all()
    clusters = (
        connection.execute(select(ArticleRow.cluster_id).where(articles, ArticleRow.cluster_id.is_not(None)).distinct())
        .scalars()
        .all()
    )
    emptied = connection.execute(
        update(PageRow)
        .where(pages)
        .values(
            url="",
            state=PageStatus.DONE.value,
            rank=0,
            hint=None,
            lastmod=None,
            etag=None,
            last_modified=None,
            status=None,
            fetched_at=None,
            outcome=OutcomeKind.REFUSED.value,
            reason=REASON,
            detail=None,
            ended_at=now,
            run_id=None,
            not_before=None,
            recheck_at=None,
            alias_of=None,
            article_id=None,
        )
        .execution_options(synchronize_session=False)
    ).rowcount
    fingerprints.forget(connection, articles)
    gone = connection.execute(delete(ArticleRow).where(articles)).rowcount  # revisions and uses with it
    search.settle(connection)
    _tidy_blocks(connection, touched)
    tidy(connection, (cluster_id for cluster_id in clusters if cluster_id is not None))
    return Forgotten(articles=gone, pages=emptied, places=places)


def _tidy_blocks(connection: Connection, block_ids: Sequence[int]) -> None:
    """Drop blocks that no other article was seen with, unless a person decided about them."""
    still = select(BlockUseRow.block_id).where(BlockUseRow.block_id == BlockRow.id).exists()
    connection.execute(delete(BlockRow).where(BlockRow.id.in_(block_ids), ~still, BlockRow.decided_at.is_(None)))
