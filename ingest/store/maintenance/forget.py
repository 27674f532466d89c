"""Takedown: delete an article or a source; only the refusal to fetch it again stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, delete, insert, or_, select, update

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
PIECE = 200  # articles, pages or raw pages of a source that are forgotten in one transaction
PAGE, ARTICLE, SNAPSHOT = table(PageRow), table(ArticleRow), table(SnapshotRow)
_SOURCE: BindParameter[int] = bindparam("source")
SOME_ARTICLES = select(ARTICLE.c.id).where(ARTICLE.c.source_id == _SOURCE).order_by(ARTICLE.c.id).limit(PIECE)
SOME_PAGES = (
    select(PAGE.c.id)
    .where(PAGE.c.source_id == _SOURCE, or_(PAGE.c.reason.is_(None), PAGE.c.reason != REASON))
    .limit(PIECE)
)
SOME_SNAPSHOTS = select(SNAPSHOT.c.id).where(SNAPSHOT.c.source_id == _SOURCE).limit(PIECE)
TAKEN_DOWN = (
    select(PAGE.c.id).where(PAGE.c.url_key.in_(bindparam("keys", expanding=True)), PAGE.c.reason == REASON).limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was forgotten. No row points to the raw records at `places` any more; they still have to be erased."""

    articles: int
    pages: int
    places: tuple[RecordLocation, ...]

    def __add__(self, other: Forgotten) -> Forgotten:
        """Return both together."""
        return Forgotten(
            articles=self.articles + other.articles,
            pages=self.pages + other.pages,
            places=self.places + other.places,
        )


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
    return _forget(connection, pages, ArticleRow.id.in_(article_ids), now)


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


def retire_for_good(connection: Connection, source_id: int, now: datetime) -> None:
    """Retire a source whatever sources.toml says, and delete its seeds and what was learned of it."""
    connection.execute(
        update(SourceRow)
        .where(SourceRow.id == source_id)
        .values(retired_at=now, forgotten_at=now, sense=None, cause=None, learned_to=0)
    )
    for row in (SeedRow, BlockRow, FindingRow):
        connection.execute(delete(row).where(row.source_id == source_id))


def forget_some(connection: Connection, source_id: int, now: datetime) -> Forgotten | None:
    """Forget some of a source's articles, or when there are none of its pages or raw pages; None: nothing is left.

    In pieces, so that no other writer waits for long.
    """
    article_ids = tuple(connection.execute(SOME_ARTICLES, {"source": source_id}).scalars())
    if article_ids:
        articles = ArticleRow.id.in_(article_ids)
        return _forget(connection, PageRow.article_id.in_(article_ids), articles, now)
    page_ids = tuple(connection.execute(SOME_PAGES, {"source": source_id}).scalars())
    if page_ids:
        return _forget(connection, PageRow.id.in_(page_ids), None, now)
    snapshot_ids = tuple(connection.execute(SOME_SNAPSHOTS, {"source": source_id}).scalars())
    if snapshot_ids:
        places = _take_raw_pages(connection, SnapshotRow.id.in_(snapshot_ids))
        return Forgotten(articles=0, pages=0, places=places)
    return None


def _forget(
    connection: Connection, pages: ColumnElement[bool], articles: ColumnElement[bool] | None, now: datetime
) -> Forgotten:
    """Empty pages, with the rows of their raw pages, and delete articles."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")  # or the text stays readable in the file's free pages
    places = _take_raw_pages(connection, SnapshotRow.url_key.in_(select(PageRow.url_key).where(pages)))
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
    gone = 0 if articles is None else _delete(connection, articles)
    return Forgotten(articles=gone, pages=emptied, places=places)


def _take_raw_pages(connection: Connection, which: ColumnElement[bool]) -> tuple[RecordLocation, ...]:
    """Delete rows of raw pages; return where the raw pages lie."""
    columns = (SnapshotRow.file, SnapshotRow.offset, SnapshotRow.length, SnapshotRow.digest)
    places = tuple(
        RecordLocation(file=row.file, offset=row.offset, length=row.length, digest=row.digest)
        for row in connection.execute(select(*columns).where(which).distinct())
    )
    connection.execute(delete(SnapshotRow).where(which))
    return places


def _delete(connection: Connection, articles: ColumnElement[bool]) -> int:
    """Delete articles with all that was made of their texts; return how many."""
    used = select(BlockUseRow.block_id).join(ArticleRow, ArticleRow.id == BlockUseRow.article_id).where(articles)
    blocks = connection.execute(used.distinct()).scalars().all()
    joined = select(ArticleRow.cluster_id).where(articles, ArticleRow.cluster_id.is_not(None)).distinct()
    clusters = connection.execute(joined).scalars().all()
    search.delete_securely(connection)
    fingerprints.forget(connection, articles)
    gone = connection.execute(delete(ArticleRow).where(articles)).rowcount  # revisions and uses with it
    search.delete_securely(connection, on=False)
    _tidy_blocks(connection, blocks)
    tidy(connection, (cluster_id for cluster_id in clusters if cluster_id is not None))
    return gone


def _tidy_blocks(connection: Connection, block_ids: Sequence[int]) -> None:
    """Drop blocks that no other article was seen with, unless a person decided about them."""
    still = select(BlockUseRow.block_id).where(BlockUseRow.block_id == BlockRow.id).exists()
    connection.execute(delete(BlockRow).where(BlockRow.id.in_(block_ids), ~still, BlockRow.decided_at.is_(None)))
