"""Articles and their revisions: candidates for identity, saving, reading, stripping again."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select, tuple_

from ingest.model import Article, Candidates, Moment, Verdict
from ingest.store.articles import adding
from ingest.store.articles.article_rows import article_columns, revision_of, stored_of
from ingest.store.articles.candidates import candidates, keys_of
from ingest.store.articles.retract import retract
from ingest.store.articles.saving import Saving, reread, restate, restrip
from ingest.store.articles.write_buffer import Waiting, WriteBuffer
from ingest.store.db.codec import moment_of_columns
from ingest.store.db.keys import url_key
from ingest.store.db.schema import ArticleRow, PageRow, RevisionRow, SnapshotRow, SourceRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.pages.pages import Pages
from ingest.store.pages.snapshots import Snapshots
from ingest.store.values import PageEnd, Revision, StoredArticle
from ingest.text import minhash
from ingest.text.normalize import body_digest

Done = Callable[[bool | None], None]

BATCH = 100  # articles read at once when all are asked for: some megabytes


ARTICLE, REVISION = table(ArticleRow), table(RevisionRow)
FIRST_SEEN = (
    select(
        ARTICLE.c.first_seen_at,
        REVISION.c.published_at,
        REVISION.c.published_on,
        REVISION.c.published_offset_min,
        REVISION.c.published_precision,
    )
    .join(REVISION, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .where(ARTICLE.c.id == bindparam("article"))
)


PUBLISHED = (
    select(
        REVISION.c.published_at,
        REVISION.c.published_on,
        REVISION.c.published_offset_min,
        REVISION.c.published_precision,
    )
    .join(ARTICLE, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .where(ARTICLE.c.source_id == bindparam("source"))
    .order_by(ARTICLE.c.id.desc())
    .limit(bindparam("most"))
)
COUNT = select(func.count()).select_from(ARTICLE).where(ARTICLE.c.source_id == bindparam("source"))
LATEST_IDS = (
    select(REVISION.c.id)
    .join(ARTICLE, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .where(ARTICLE.c.source_id == bindparam("source"), REVISION.c.id > bindparam("after"))
    .order_by(REVISION.c.id)
)


class Articles:
    """The stored articles."""

    def __init__(self, work: UnitOfWork, names: SourceIds, pages: Pages, snapshots: Snapshots) -> None:
        self._work = work
        self._names = names
        self._pages = pages
        self._snapshots = snapshots
        self._buffer = work.pending = WriteBuffer(work, pages, snapshots)

    # ------------------------------------------------------------ identity and saving

    def candidates(self, article: Article) -> Candidates:
        """Return the stored articles this one may be the same as: known by one of its addresses, or with its text.

        `save` takes the value, so that it need not look for near-duplicates again.
        """
        signature = minhash.signature(minhash.of_blocks(article.blocks))
        digest = body_digest(article.title, article.blocks)
        waits = self._buffer.concerns(frozenset(keys_of(article)), digest, signature)
        with self._work.reading(independent=not waits) as connection:
            source_id = self._names.find(connection, article.source)
            return candidates(connection, article, b"" if source_id is None else signature, source_id or 0)

    def save_together(
        self, article: Article, candidates: Candidates, end: PageEnd, now: datetime, run_id: int, done: Done
    ) -> bool:
        """Let a new article and its page's end wait to be written with others; False when it must be saved by `save`.

        Only while commits are shared. `candidates`: what the verdict came from, just now. `done` is called when it is
        written, with whether this outcome is the page's first in the run, or with None when it is to be saved alone.
        """
        if not self._work.is_grouping:
            return False
        with self._work.reading(independent=True) as connection:
            source_id = self._names.id(connection, article.source)
        new = adding.rows_of(article, source_id, run_id, now, candidates.near_elsewhere)
        keys = frozenset(keys_of(article))
        if new.signature != candidates.signature or self._buffer.concerns(keys, new.row["body_digest"], new.signature):
            return False
        self._buffer.add(Waiting(article=article, new=new, keys=keys, end=end, run_id=run_id, now=now, done=done))
        if self._buffer.is_full:
            self._work.write_pending()
        else:  # a machine that is slow adds few between two ticks of the loop, and a kill would cost them all
            self._work.flush_if_due()
        return True

    def save(
        self,
        article: Article,
        verdict: Verdict,
        now: datetime,
        run_id: int | None = None,
        *,
        ending: str | None = None,
        candidates: Candidates | None = None,
    ) -> tuple[Verdict, int]:
        """Keep the article as the verdict asks; return the verdict that came true and the article's id.

        A second look inside the transaction has the last word: an article whose address is stored by now becomes a
        revision of that one, or is unchanged. Its addresses become known with it. The caller records the page's
        outcome in the same transaction: `ending` is the URL of that outcome. `candidates`: what the verdict came from.
        """
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, article.source)

            saving = Saving(
                connection=connection,
                source_id=source_id,
                now=now,
                run_id=run_id,
                note_snapshot=lambda: self._snapshots.id_of(connection, article, run_id),
                candidates=candidates,
            )
            verdict, article_id = saving.save(article, verdict)
            self._pages.add_addresses(connection, article, article_id, now, ending)
        return verdict, article_id

    def reread(self, article_id: int, article: Article) -> None:
        """Take over what was extracted again from the latest revision's page, its words being the same."""
        with self._work.transaction() as connection:
            reread(connection, article_id, article)

    def retract(
        self,
        article_id: int,
        reason: str,
        now: datetime,
        *,
        run_id: int,
        retry_at: datetime,
        counted: Mapping[str, int],
    ) -> dict[str, int]:
        """Take back an article that is none: delete it, end its pages as screened and queue them until `retry_at`.

        Returns how many of this run's outcomes of each kind became screened; `counted`: see retract.
        """
        with self._work.transaction() as connection:
            return retract(connection, article_id, reason, now, run_id, retry_at, counted)

    def restrip(self, articles: Mapping[int, Article]) -> tuple[int, ...]:
        """Take over which blocks are cut, in the latest revisions and without making any; return which changed.

        `articles`: by id, as stripped now; some dozens at a time.
        """
        with self._work.transaction() as connection:
            return restrip(connection, articles)

    def restate(self, articles: Mapping[int, Article]) -> None:
        """Take over authors, tags and pictures into the latest revisions, without making any; some dozens at a time."""
        if articles:
            with self._work.transaction() as connection:
                restate(connection, articles)

    # ------------------------------------------------------------ reading

    def get(self, which: int | str) -> StoredArticle | None:
        """Return an article by id or by any address it is known by, None when there is none."""
        with self._work.reading() as connection:
            article_id = which if isinstance(which, int) else self._find(connection, which)
            if article_id is None:
                return None
            row = connection.execute(_latest().where(ArticleRow.id == article_id)).first()
        return None if row is None else stored_of(row)

    def first_seen(self, article_id: int) -> tuple[datetime, Moment | None]:
        """Return when an article was first fetched, and when it says it was published."""
        with self._work.reading() as connection:
            row = connection.execute(FIRST_SEEN, {"article": article_id}).one()
        return row.first_seen_at, moment_of_columns(*row[1:])

    def _find(self, connection: Connection, url: str) -> int | None:
        key = url_key(url)
        for column, held in (
            (ArticleRow.id, ArticleRow.url_key),
            (PageRow.article_id, PageRow.url_key),
            (ArticleRow.id, ArticleRow.canonical_key),
        ):
            query = select(column).where(held == key, column.is_not(None)).order_by(column).limit(1)
            found: int | None = connection.execute(query).scalar()
            if found is not None:
                return found
        return None

    def revisions(self, article_id: int) -> tuple[Revision, ...]:
        """Return the versions of an article, oldest first."""
        with self._work.reading() as connection:
            rows = connection.execute(
                select(*article_columns())
                .select_from(RevisionRow)
                .join(ArticleRow, ArticleRow.id == RevisionRow.article_id)
                .join(SourceRow, SourceRow.id == ArticleRow.source_id)
                .outerjoin(SnapshotRow, SnapshotRow.id == RevisionRow.snapshot_id)
                .where(RevisionRow.article_id == article_id)
                .order_by(RevisionRow.no)
            )
            return tuple(revision_of(row) for row in rows)

    def each(self, *, source: str | None = None, since: datetime | None = None) -> Iterator[StoredArticle]:
        """Give every article in the order they were stored, or those new or revised `since` in that order.

        Memory stays flat.
        """
        if since is None:
            return self._stream(source)
        return self._stream_since(source, since)

    def of_source(self, source: str, after_revision_id: int = 0) -> Iterator[StoredArticle]:
        """Give the source's articles whose latest revision is younger than that one, oldest revision first."""
        with self._work.reading() as connection:  # their ids once: sorting all of them for each batch takes the square
            source_id = self._names.id(connection, source)
            ids = array(
                "q", connection.execute(LATEST_IDS, {"source": source_id, "after": after_revision_id}).scalars()
            )
        for at in range(0, len(ids), BATCH):
            with self._work.reading() as connection:
                rows = connection.execute(_of_revisions(), {"revisions": tuple(ids[at : at + BATCH])}).all()
            yield from map(stored_of, rows)

    def between(self, after: int, upto: int, *, source: str | None = None) -> Iterator[StoredArticle]:
        """Give the articles whose latest revision id lies after one and not after another, oldest revision first."""
        while batch := self._batch(
            source, _latest().where(RevisionRow.id > after, RevisionRow.id <= upto).order_by(RevisionRow.id)
        ):
            yield from batch
            after = batch[-1].revision_id

    def _stream(self, source: str | None) -> Iterator[StoredArticle]:
        last = 0
        while batch := self._batch(source, _latest().where(ArticleRow.id > last).order_by(ArticleRow.id)):
            yield from batch
            last = batch[-1].article_id

    def _stream_since(self, source: str | None, since: datetime) -> Iterator[StoredArticle]:
        order = (ArticleRow.revised_at, ArticleRow.id)
        last = (since, 0)
        while batch := self._batch(source, _latest().where(tuple_(*order) > last).order_by(*order)):
            yield from batch
            last = (batch[-1].revised_at, batch[-1].article_id)

    def _batch(self, source: str | None, query: Select[Any]) -> tuple[StoredArticle, ...]:
        """Read some articles in a short transaction, so that a slow reader does not keep the log from being emptied."""
        with self._work.reading() as connection:
            if source is not None:
                query = query.where(ArticleRow.source_id == self._names.id(connection, source))
            rows = connection.execute(query.limit(BATCH)).all()
        return tuple(stored_of(row) for row in rows)

    def published(self, source: str, most: int) -> tuple[Moment, ...]:
        """Return when the source's articles say they were published, of those stored last."""
        with self._work.reading(independent=not self._work.holds_back_source(source)) as connection:
            asked = {"source": self._names.id(connection, source), "most": most}
            rows = connection.execute(PUBLISHED, asked).all()
        moments = (moment_of_columns(*row) for row in rows)
        return tuple(moment for moment in moments if moment is not None)

    def count(self, source: str | None = None) -> int:
        """Return how many articles there are."""
        with self._work.reading() as connection:
            if source is None:
                count: int = connection.execute(select(func.count()).select_from(ARTICLE)).scalar_one()
            else:
                count = connection.execute(COUNT, {"source": self._names.id(connection, source)}).scalar_one()
        return count


def _latest() -> Select[Any]:
    return (
        select(*article_columns())
        .select_from(ArticleRow)
        .join(RevisionRow, (RevisionRow.article_id == ArticleRow.id) & (RevisionRow.no == ArticleRow.revisions))
        .join(SourceRow, SourceRow.id == ArticleRow.source_id)
        .outerjoin(SnapshotRow, SnapshotRow.id == RevisionRow.snapshot_id)
    )


@cache
def _of_revisions() -> Select[Any]:
    return _latest().where(RevisionRow.id.in_(bindparam("revisions", expanding=True))).order_by(RevisionRow.id)
