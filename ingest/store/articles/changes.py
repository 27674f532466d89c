"""What changed after it was first stored: revisions beside the ones before them, and articles that were removed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, Text, select, type_coerce

from ingest.store.articles.articles import Articles
from ingest.store.db.schema import ArticleRow, RevisionRow, SourceRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import Revision

ARTICLE, REVISION, SOURCE = table(ArticleRow), table(RevisionRow), table(SourceRow)
ALERT_CHANGES = '"alert_changes":true'  # in a source's declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleChange:
    """A revision of an article beside the one before it; or its removal: then there is no `after`."""

    at: datetime  # when it was fetched, or found to be gone
    before: Revision
    after: Revision | None


class Changes:
    """The changes of stored articles, the earliest first."""

    def __init__(self, work: UnitOfWork, names: SourceIds, articles: Articles) -> None:
        self._work = work
        self._names = names
        self._articles = articles

    def since(self, since: datetime, *, source: str | None = None) -> Iterator[ArticleChange]:
        """Give the revisions fetched, and the articles found to be gone, since a moment. Raises SourceError."""
        with self._work.reading() as connection:
            source_ids = None if source is None else {self._names.id(connection, source)}
            revised = select(ARTICLE.c.id).where(ARTICLE.c.revised_at >= since, ARTICLE.c.revisions > 1)
            if source_ids is not None:
                revised = revised.where(ARTICLE.c.source_id.in_(source_ids))
            ids = connection.execute(revised).scalars().all()
            removed = _removed(connection, since, source_ids)
        return self._changes(ids, removed, lambda revision: revision.article.fetched_at >= since)

    def between(
        self, after: int, upto: int, removed_since: datetime, sources: Iterable[str]
    ) -> Iterator[ArticleChange]:
        """Give these sources' revisions in a window of ids, and their articles found to be gone since a moment."""
        with self._work.reading() as connection:
            source_ids = {self._names.id(connection, name) for name in sources}
            revised = (
                select(REVISION.c.article_id)
                .join(ARTICLE, ARTICLE.c.id == REVISION.c.article_id)
                .where(REVISION.c.id > after, REVISION.c.id <= upto, REVISION.c.no > 1)
                .where(ARTICLE.c.source_id.in_(source_ids))
            )
            ids = connection.execute(revised).scalars().all()
            removed = _removed(connection, removed_since, source_ids)
        return self._changes(ids, removed, lambda revision: after < revision.revision_id <= upto)

    def wanted_by(self) -> tuple[str, ...]:
        """Return the sources whose changes are to be reported, by name."""
        declared = type_coerce(SOURCE.c.declared, Text)
        asked = select(SOURCE.c.name).where(
            SOURCE.c.retired_at.is_(None), declared.contains(ALERT_CHANGES, autoescape=True)
        )
        with self._work.reading() as connection:
            return tuple(connection.execute(asked.order_by(SOURCE.c.name)).scalars())

    def _changes(
        self, revised: Iterable[int], removed: dict[int, datetime], is_meant: Callable[[Revision], bool]
    ) -> Iterator[ArticleChange]:
        """Give the changes in order: first which, then each with its texts, so that memory stays flat."""
        moments: list[tuple[datetime, int, int]] = []  # when, article, number of the revision; 0: it was removed
        for article_id in dict.fromkeys(revised):
            later = self._articles.revisions(article_id)[1:]
            moments += [(one.article.fetched_at, article_id, one.no) for one in later if is_meant(one)]
        moments += [(at, article_id, 0) for article_id, at in removed.items()]
        for at, article_id, number in sorted(moments):
            versions = self._articles.revisions(article_id)
            if number == 0:
                yield ArticleChange(at=at, before=versions[-1], after=None)
                continue
            for before, after in pairwise(versions):
                if after.no == number:
                    yield ArticleChange(at=at, before=before, after=after)


def _removed(connection: Connection, since: datetime, source_ids: Collection[int] | None) -> dict[int, datetime]:
    """Return the articles found to be gone since a moment, and when."""
    gone = select(ARTICLE.c.id, ARTICLE.c.removed_at).where(ARTICLE.c.removed_at >= since)
    if source_ids is not None:
        gone = gone.where(ARTICLE.c.source_id.in_(source_ids))
    return {row.id: row.removed_at for row in connection.execute(gone)}
