"""Notices: which articles came since the last notice of a kind, so that each is reported once.

A window of revision ids, as in exports.py: nothing is lost to a transaction that commits late, to a service that does
not answer, or to a run that is killed before it has reported what it stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Row, delete, func, select

from ingest.model import Moment
from ingest.store.db.codec import moment_of_columns
from ingest.store.db.engine import upsert_for
from ingest.store.db.schema import ArticleRow, NoticeCursorRow, RevisionRow, RunRow, SourceRow, table
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.exports import settled_revision

CURSOR, ARTICLE, REVISION = table(NoticeCursorRow), table(ArticleRow), table(RevisionRow)
RUN, SOURCE = table(RunRow), table(SourceRow)
FIRST = REVISION.alias("first")
BATCH = 200  # articles read at once: 2 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingArticles:
    """Articles whose notice nobody took yet."""

    since: datetime  # of the first failure that is not over
    reason: str  # of the last one
    tries: Mapping[int, int]  # article -> how often it was tried


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWindow:
    """What the notices of one kind are about: revisions after one id, up to another."""

    name: str
    after: int
    upto: int
    moved_at: datetime  # when the last ones were reported; before the first: when this run began

    waiting: WaitingArticles | None = None

    def unmoved(self) -> Self:
        """Return the window with nothing of it reported."""
        return replace(self, upto=self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticedArticle:
    """An article that was stored for the first time, as its latest revision has it; what a notice needs of it."""

    article_id: int
    first_revision_id: int
    source: str
    url: str
    title: str | None
    authors: tuple[str, ...]
    language: str | None
    published: Moment | None
    body: str | None


_NEW = (
    select(
        ARTICLE.c.id,
        FIRST.c.id.label("first_id"),
        SOURCE.c.name.label("source"),
        ARTICLE.c.url,
        REVISION.c.title,
        REVISION.c.authors,
        REVISION.c.language,
        REVISION.c.published_at,
        REVISION.c.published_on,
        REVISION.c.published_offset_min,
        REVISION.c.published_precision,
        REVISION.c.body,
    )
    .select_from(FIRST)
    .join(ARTICLE, ARTICLE.c.id == FIRST.c.article_id)
    .join(REVISION, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
    .outerjoin(RUN, RUN.c.id == FIRST.c.run_id)
    .where(FIRST.c.no == 1, func.coalesce(RUN.c.command, "") != "import")  # an archive is no news
    .order_by(FIRST.c.id)
    .limit(BATCH)
)


class Notices:
    """The cursors of notices, and what is new after them."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def window(self, name: str, run_id: int) -> NoticeWindow:
        """Return what is new for the notices of a kind; the first of a kind are about this run."""
        with self._work.reading() as connection:
            last = connection.execute(select(CURSOR).where(CURSOR.c.name == name)).first()
            if last is not None:
                after, moved_at = last.revision_id, last.moved_at
            else:
                first = select(func.min(REVISION.c.id)).where(REVISION.c.run_id == run_id)
                after = (connection.execute(first).scalar() or 0) - 1
                moved_at = connection.execute(select(RUN.c.begun_at).where(RUN.c.id == run_id)).scalar_one()
        upto = settled_revision(self._work)
        after = upto if after < 0 else after
        return NoticeWindow(name=name, after=after, upto=upto, moved_at=moved_at, waiting=_waiting(last))

    def new_articles(self, window: NoticeWindow) -> Iterator[NoticedArticle]:
        """Give the articles whose first revision lies in the window, in that order; not those of `ingest import`."""
        after = window.after
        while True:
            with self._work.reading() as connection:
                rows = connection.execute(_NEW.where(FIRST.c.id > after, FIRST.c.id <= window.upto)).all()
            yield from map(_new_article, rows)
            if len(rows) < BATCH:
                return
            after = rows[-1].first_id

    def waiting(self, name: str) -> WaitingArticles | None:
        """Return the articles whose notice nobody took, None when there are none."""
        with self._work.reading() as connection:
            return _waiting(connection.execute(select(CURSOR).where(CURSOR.c.name == name)).first())

    def settle(self, window: NoticeWindow, now: datetime) -> None:
        """Remember that all of the window was reported, at what moment."""
        left = window.waiting
        waiting = left and {
            "since": left.since.isoformat(),
            "reason": left.reason,
            "tries": {str(article_id): tries for article_id, tries in left.tries.items()},
        }
        values = {"revision_id": window.upto, "moved_at": now, "waiting": waiting}
        with self._work.transaction() as connection:
            row = upsert_for(connection)(CURSOR).values(name=window.name, **values)
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))

    def drop(self, name: str) -> None:
        """Forget how far the notices of a kind came, when nobody wants them any more: later ones begin anew."""
        with self._work.reading() as connection:
            known = connection.execute(select(CURSOR.c.name).where(CURSOR.c.name == name)).first()
        if known is not None:
            with self._work.transaction() as connection:
                connection.execute(delete(CURSOR).where(CURSOR.c.name == name))


def _waiting(cursor: Row[*tuple[Any, ...]] | None) -> WaitingArticles | None:
    if cursor is None or not cursor.waiting or not cursor.waiting["tries"]:
        return None
    held = cursor.waiting
    return WaitingArticles(
        since=datetime.fromisoformat(held["since"]),
        reason=held["reason"],
        tries={int(article_id): tries for article_id, tries in held["tries"].items()},
    )


def _new_article(row: Row[*tuple[Any, ...]]) -> NoticedArticle:
    return NoticedArticle(
        article_id=row.id,
        first_revision_id=row.first_id,
        source=row.source,
        url=row.url,
        title=row.title,
        authors=tuple(row.authors),
        language=row.language,
        published=moment_of_columns(
            row.published_at, row.published_on, row.published_offset_min, row.published_precision
        ),
        body=row.body,
    )
