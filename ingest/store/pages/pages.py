"""Pages: every URL met, and what is known of it. Handing out and ending are in `frontier.py` and `endings.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select

from ingest.model import Article, Link, OutcomeKind, Validators
from ingest.store.articles.candidates import key_or_none
from ingest.store.db.codec import link_of
from ingest.store.db.keys import url_key
from ingest.store.db.schema import PageRow, RunSourceRow, SourceRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.maintenance.forget import REASON as FORGOTTEN
from ingest.store.pages import changes, endings, frontier
from ingest.store.pages.changes import Changes
from ingest.store.values import PageEnd, PageState, PageStatus, QueuedPage

PAGE = table(PageRow)
TAKEN_DOWN = (
    select(PAGE.c.id).where(PAGE.c.url_key.in_(bindparam("keys", expanding=True)), PAGE.c.reason == FORGOTTEN).limit(1)
)


class Pages:
    """The memory of URLs."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    # ------------------------------------------------------------ the frontier

    def meet(
        self, source: str, links: Iterable[Link], now: datetime, run_id: int | None = None, *, depth: int = 0
    ) -> int:
        """Queue the links never met before; return how many. A queued one only gets better hints.

        The books are the caller's: it knows what else was found.
        """
        with self._work.transaction() as connection:
            return frontier.meet(connection, self._names.id(connection, source), links, now, run_id, depth)

    def changes(self, links: Iterable[Link]) -> Changes:
        """Return what the links say about known articles that they did not say before, and remember it."""
        with self._work.transaction() as connection:
            return changes.changes(connection, links)

    def recheck(self, changed: Changes, now: datetime) -> None:
        """Have the pages that are said to be modified looked at again at once."""
        with self._work.transaction() as connection:
            changes.due(connection, changed.changed, now)

    def unseen(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Return those of the URLs that were never met, in their order."""
        keys = {url: url_key(url) for url in urls}
        with self._work.reading() as connection:
            known = frontier.known_keys(connection, keys.values())
        return tuple(url for url, key in keys.items() if key not in known)

    def next_queued(self, source: str, limit: int, now: datetime, run_id: int) -> tuple[QueuedPage, ...]:
        """Hand out queued pages, newest first by hint, then by score, then by arrival; each once a run."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            return frontier.next_queued(connection, source, source_id, limit, now, run_id)

    def due_rechecks(self, source: str, now: datetime, limit: int, run_id: int) -> tuple[QueuedPage, ...]:
        """Hand out ended pages whose time to be looked at again has come, longest due first; each once a run."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            return frontier.due_rechecks(connection, source, source_id, limit, now, run_id)

    def take(self, source: str, url: str, now: datetime, run_id: int) -> QueuedPage | None:
        """Hand out this page, None when it does not wait (any more): it ended, or this run was given it before."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            return frontier.take(connection, source, source_id, url_key(url), now, run_id)

    def lost(self, keys: Sequence[str], run_id: int) -> None:
        """Count an attempt for those of the pages, given by key, that a killed run asked for and did not end.

        They go behind the others: one of them may be what killed it, and must not be tried for ever.
        """
        with self._work.transaction() as connection:
            frontier.lost(connection, keys, run_id)

    def queue_again(self, source: str, reason: str) -> int:
        """Queue the source's pages anew that ended for a reason which holds no longer; return how many."""
        with self._work.transaction() as connection:
            return frontier.queue_again(connection, self._names.id(connection, source), reason)

    def backlog(self, source: str) -> int:
        """Return how many of the source's pages are queued."""
        with self._work.reading() as connection:
            return frontier.backlog(connection, self._names.id(connection, source))

    def next_try(self, source: str) -> datetime | None:
        """Return when the first of the queued pages that wait may be tried again, None when none waits."""
        with self._work.reading() as connection:
            return frontier.next_try(connection, self._names.id(connection, source))

    def ended_by_the_killed(self, source: str) -> tuple[tuple[str, OutcomeKind, str], ...]:
        """Return URL, outcome and reason of what runs ended that were killed since the source's last whole run."""
        with self._work.reading() as connection:
            source_id = self._names.id(connection, source)
            whole = select(func.coalesce(func.max(RunSourceRow.run_id), 0)).where(
                RunSourceRow.source_id == source_id, RunSourceRow.finished_at.is_not(None)
            )
            rows = connection.execute(
                select(PageRow.url, PageRow.outcome, PageRow.reason).where(
                    PageRow.source_id == source_id,
                    PageRow.run_id > whole.scalar_subquery(),
                    PageRow.outcome.is_not(None),
                )
            ).all()
        return tuple((row.url, OutcomeKind(row.outcome), row.reason or "") for row in rows)

    # ------------------------------------------------------------ ending

    def record_outcome(self, run_id: int, end: PageEnd, now: datetime) -> bool:
        """End a page with its outcome; return False when this run had ended it before: the first outcome stands.

        Only a failure gives way to what a later try came to. A page never met is added; a page that is gone marks its
        article as removed.
        """
        with self._work.transaction() as connection:
            return endings.record_outcome(connection, run_id, self._names.id(connection, end.source), end, now)

    def add_addresses(
        self, connection: Connection, article: Article, article_id: int, now: datetime, ending: str | None = None
    ) -> None:
        """Make an article's addresses known, in the transaction that saves it. `ending`: see Articles.save."""
        source_id = self._names.id(connection, article.source)
        endings.add_addresses(connection, source_id, article, article_id, now, ending)

    # ------------------------------------------------------------ asking

    def known(self, url: str) -> PageState | None:
        """Return all that is known of a URL, None when it was never met."""
        with self._work.reading() as connection:
            row = connection.execute(_states(PageRow.url_key == url_key(url))).first()
        return None if row is None else _state(row)

    def forgotten(self, urls: Iterable[str]) -> bool:
        """Tell whether any of these was taken down: such a page is neither fetched nor stored again."""
        with self._work.reading() as connection:
            keys = {key for url in urls if (key := key_or_none(url))}  # of links a page names, too: any may be broken
            return bool(keys) and connection.execute(TAKEN_DOWN, {"keys": tuple(keys)}).first() is not None

    def of_article(self, article_id: int) -> tuple[PageState, ...]:
        """Return the addresses an article is known by, in the order they were met."""
        with self._work.reading() as connection:
            return tuple(_state(row) for row in connection.execute(_states(PageRow.article_id == article_id)))


def _states(where: ColumnElement[bool]) -> Select[Any]:
    leads_to = PageRow.__table__.alias("leads_to")
    return (
        select(PageRow, SourceRow.name.label("source"), leads_to.c.url.label("alias_url"))
        .join(SourceRow, SourceRow.id == PageRow.source_id)
        .outerjoin(leads_to, leads_to.c.id == PageRow.alias_of)
        .where(where)
        .order_by(PageRow.id)
    )


def _state(row: Row[*tuple[Any, ...]]) -> PageState:
    return PageState(
        url=row.url,
        url_key=row.url_key,
        source=row.source,
        status=PageStatus(row.state),
        link=link_of(row.url, row.hint),
        depth=row.depth,
        met_at=row.met_at,
        attempts=row.attempts,
        not_before=row.not_before,
        validators=Validators(etag=row.etag, last_modified=row.last_modified),
        fetched_at=row.fetched_at,
        http_status=row.status,
        outcome=None if row.outcome is None else OutcomeKind(row.outcome),
        reason=row.reason,
        detail=row.detail,
        ended_at=row.ended_at,
        run_id=row.run_id,
        recheck_at=row.recheck_at,
        rechecks=row.rechecks,
        alias_of=row.alias_url,
        article_id=row.article_id,
    )
