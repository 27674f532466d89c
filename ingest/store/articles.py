"""Articles and their revisions: what may be the same, saving, reading, stripping again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, func, literal, null, select, union_all, update

from ingest.errors import UrlError
from ingest.model import Article, Candidate, Verdict, VerdictKind
from ingest.store.article_rows import article_columns, revision_of, revision_values, stored_of
from ingest.store.engine import upsert_for
from ingest.store.names import Names
from ingest.store.pages import Pages
from ingest.store.schema import ArticleRow, PageRow, RevisionRow, SnapshotRow, SourceRow
from ingest.store.snapshots import note_snapshot
from ingest.store.values import Revision, StoredArticle
from ingest.store.work import Work
from ingest.text import body_digest
from ingest.urls import key

BATCH = 100  # articles read at once when all are asked for: some megabytes
SAME_TEXT = 20  # candidates with the very same text; of more, the oldest are enough


class Articles:
    """The memory of articles."""

    def __init__(self, work: Work, names: Names, pages: Pages) -> None:
        self._work = work
        self._names = names
        self._pages = pages

    # ------------------------------------------------------------ telling apart

    def candidates(self, article: Article) -> tuple[Candidate, ...]:
        """Return the stored articles this one may be the same as: known by one of its addresses, or with its text."""
        keys = tuple(_keys(article))
        by_text = (
            select(ArticleRow.id, literal(None, String).label("via"))
            .where(ArticleRow.body_digest == body_digest(article.title, article.blocks))
            .order_by(ArticleRow.id)
            .limit(SAME_TEXT)
            .subquery()
        )
        question = union_all(
            select(ArticleRow.id, ArticleRow.url_key.label("via")).where(ArticleRow.url_key.in_(keys)),
            select(ArticleRow.id, ArticleRow.canonical_key).where(ArticleRow.canonical_key.in_(keys)),
            select(PageRow.article_id, PageRow.url_key).where(
                PageRow.url_key.in_(keys), PageRow.article_id.is_not(None)
            ),
            select(by_text.c.id, by_text.c.via),
        )
        via: dict[int, set[str]] = {}
        with self._work.reading() as connection:
            for article_id, url_key in connection.execute(question):
                via.setdefault(article_id, set()).update({url_key} - {None})
            if not via:
                return ()
            rows = connection.execute(
                select(ArticleRow, SourceRow.name.label("source"), RevisionRow.title)
                .join(SourceRow, SourceRow.id == ArticleRow.source_id)
                .join(RevisionRow, RevisionRow.id == ArticleRow.revision_id)
                .where(ArticleRow.id.in_(via))
                .order_by(ArticleRow.id)
            )
            return tuple(
                Candidate(
                    article_id=row.id,
                    source=row.source,
                    url=row.url,
                    url_key=row.url_key,
                    canonical_key=row.canonical_key,
                    keys=tuple(sorted(via[row.id])),
                    body_digest=row.body_digest,
                    title=row.title,
                    revision=row.revisions,
                    revised_at=row.revised_at,
                )
                for row in rows
            )

    # ------------------------------------------------------------ saving

    def save(self, article: Article, verdict: Verdict, now: datetime, run_id: int | None = None) -> tuple[Verdict, int]:
        """Keep the article as the verdict asks; return the verdict that came true and the article's id.

        A second look inside the transaction has the last word: an article whose address is stored by now becomes a
        revision of that one, or is unchanged. Its addresses become known with it.
        """
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, article.source)
            if verdict.kind is VerdictKind.NEW:
                verdict, article_id = self._insert(connection, source_id, article, verdict, now)
            else:
                assert verdict.of is not None, "only a new article is of no other"
                article_id = verdict.of
            if verdict.kind is VerdictKind.REVISION:
                verdict = self._revise(connection, source_id, article_id, article, verdict, now, run_id)
            elif verdict.kind is VerdictKind.NEW:
                self._add_revision(connection, source_id, article_id, article, 1, now, run_id)
            if verdict.kind is VerdictKind.UNCHANGED:
                connection.execute(
                    update(ArticleRow)
                    .where(ArticleRow.id == article_id)
                    .values(last_seen_at=article.fetched_at, removed_at=None)
                )
            self._pages.add_addresses(connection, source_id, article, article_id, now)
        return verdict, article_id

    def _insert(
        self, connection: Connection, source_id: int, article: Article, verdict: Verdict, now: datetime
    ) -> tuple[Verdict, int]:
        url_key = key(article.url)
        canonical_key = _key_or_none(article.canonical_url)
        row = upsert_for(connection)(ArticleRow).values(
            source_id=source_id,
            url=article.url,
            url_key=url_key,
            canonical_url=article.canonical_url,
            canonical_key=canonical_key if canonical_key != url_key else None,
            body_digest=body_digest(article.title, article.blocks),
            first_seen_at=article.fetched_at,
            last_seen_at=article.fetched_at,
            revised_at=now,
        )
        made = connection.execute(
            row.on_conflict_do_nothing(index_elements=["url_key"]).returning(ArticleRow.id)
        ).scalar()
        if made is not None:
            return verdict, made
        there: int = connection.execute(select(ArticleRow.id).where(ArticleRow.url_key == url_key)).scalar_one()
        return Verdict(kind=VerdictKind.REVISION, of=there, reason="second-look"), there

    def _revise(
        self,
        connection: Connection,
        source_id: int,
        article_id: int,
        article: Article,
        verdict: Verdict,
        now: datetime,
        run_id: int | None,
    ) -> Verdict:
        stored = connection.execute(
            select(ArticleRow.revisions, ArticleRow.body_digest).where(ArticleRow.id == article_id).with_for_update()
        ).one()
        if stored.body_digest == body_digest(article.title, article.blocks):
            return Verdict(kind=VerdictKind.UNCHANGED, of=article_id, reason=verdict.reason)
        connection.execute(update(RevisionRow).where(RevisionRow.article_id == article_id).values(body=null()))
        self._add_revision(connection, source_id, article_id, article, stored.revisions + 1, now, run_id)
        return verdict

    def _add_revision(
        self,
        connection: Connection,
        source_id: int,
        article_id: int,
        article: Article,
        no: int,
        now: datetime,
        run_id: int | None,
    ) -> None:
        snapshot_id = None
        if article.place is not None:
            snapshot_id = note_snapshot(connection, source_id, article.url, article.place, article.fetched_at, run_id)
        values = revision_values(article)
        known_url: str = connection.execute(select(ArticleRow.url).where(ArticleRow.id == article_id)).scalar_one()
        revision_id = connection.execute(
            upsert_for(connection)(RevisionRow)
            .values(
                article_id=article_id,
                no=no,
                run_id=run_id,
                snapshot_id=snapshot_id,
                url=article.url if article.url != known_url else None,
                **values,
            )
            .returning(RevisionRow.id)
        ).scalar_one()
        connection.execute(
            update(ArticleRow)
            .where(ArticleRow.id == article_id)
            .values(
                revision_id=revision_id,
                revisions=no,
                body_digest=values["body_digest"],
                last_seen_at=article.fetched_at,
                revised_at=now,
                removed_at=None,
            )
        )

    def restrip(self, article_id: int, article: Article) -> bool:
        """Take over which blocks are cut, in the latest revision and without making one; return whether any changed."""
        with self._work.transaction() as connection:
            stored = connection.execute(
                select(RevisionRow.id, RevisionRow.blocks)
                .join(ArticleRow, ArticleRow.revision_id == RevisionRow.id)
                .where(ArticleRow.id == article_id)
            ).one()
            values = {name: value for name, value in revision_values(article).items() if name in _STRIPPED}
            if values["blocks"] == stored.blocks:
                return False
            connection.execute(update(RevisionRow).where(RevisionRow.id == stored.id).values(**values))
            connection.execute(
                update(ArticleRow).where(ArticleRow.id == article_id).values(body_digest=values["body_digest"])
            )
        return True

    # ------------------------------------------------------------ reading

    def get(self, which: int | str) -> StoredArticle | None:
        """Return an article by id or by any address it is known by, None when there is none."""
        with self._work.reading() as connection:
            article_id = which if isinstance(which, int) else self._find(connection, which)
            if article_id is None:
                return None
            row = connection.execute(self._latest().where(ArticleRow.id == article_id)).first()
        return None if row is None else stored_of(row)

    def _find(self, connection: Connection, url: str) -> int | None:
        url_key = key(url)
        for column, row in (
            (ArticleRow.id, ArticleRow.url_key),
            (PageRow.article_id, PageRow.url_key),
            (ArticleRow.id, ArticleRow.canonical_key),
        ):
            found: int | None = connection.execute(
                select(column).where(row == url_key, column.is_not(None)).order_by(column).limit(1)
            ).scalar()
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
        """Give every article, or those new or revised `since`, in the order they were stored; memory stays flat."""
        where: list[ColumnElement[bool]] = []
        if source is not None:
            where.append(SourceRow.name == source)
        if since is not None:
            where.append(ArticleRow.revised_at >= since)
        return self._stream(where, ArticleRow.id, 0)

    def of_source(self, source: str, after_revision_id: int = 0) -> Iterator[StoredArticle]:
        """Give the source's articles whose latest revision is younger than that one, oldest revision first."""
        return self._stream([SourceRow.name == source], ArticleRow.revision_id, after_revision_id)

    def _stream(self, where: list[ColumnElement[bool]], order: Any, last: int) -> Iterator[StoredArticle]:
        """Read in batches, each a short read of its own, so that nobody waits for a slow reader and no log piles up."""
        while True:
            question = self._latest().where(*where, order > last).order_by(order).limit(BATCH)
            with self._work.reading() as connection:
                rows = connection.execute(question).all()
            for row in rows:
                yield stored_of(row)
            if len(rows) < BATCH:
                return
            last = rows[-1].article_id if order is ArticleRow.id else rows[-1].revision_id

    def count(self, source: str | None = None) -> int:
        """Return how many articles there are."""
        with self._work.reading() as connection:
            question = select(func.count()).select_from(ArticleRow)
            if source is not None:
                question = question.where(ArticleRow.source_id == self._names.id(connection, source))
            count: int = connection.execute(question).scalar_one()
        return count

    def _latest(self) -> Select[Any]:
        return (
            select(*article_columns())
            .select_from(ArticleRow)
            .join(RevisionRow, RevisionRow.id == ArticleRow.revision_id)
            .join(SourceRow, SourceRow.id == ArticleRow.source_id)
            .outerjoin(SnapshotRow, SnapshotRow.id == RevisionRow.snapshot_id)
        )


_STRIPPED = ("blocks", "body", "body_digest", "words")  # the columns that stripping changes


def _keys(article: Article) -> Iterator[str]:
    """Give the URL keys of all addresses the article goes by, each once."""
    given: set[str] = set()
    for url in (article.url, article.asked_url, article.canonical_url, *article.alternate_urls):
        url_key = _key_or_none(url)
        if url_key is not None and url_key not in given:
            given.add(url_key)
            yield url_key


def _key_or_none(url: str | None) -> str | None:
    try:
        return None if url is None else key(url)
    except UrlError:
        return None
