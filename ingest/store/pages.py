"""Pages: every URL met, what is still to be fetched, and how each ended. The frontier lives here.

A page is queued when met and stays queued until an outcome ends it, so that a killed run leaves nothing behind but work
for the next. Handing a page out claims it for the run that asks: within one run it is handed out once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, literal_column, or_, select, update

from ingest.model import Article, Link, Outcome, OutcomeKind, Validators
from ingest.store import books
from ingest.store.codec import link_form, link_of
from ingest.store.engine import upsert_for
from ingest.store.names import Names
from ingest.store.schema import ArticleRow, PageRow, SourceRow
from ingest.store.values import PageState, PageStatus, QueuedPage
from ingest.store.work import Work
from ingest.urls import key

CHUNK = 500  # keys asked for at once; SQLite takes 32,766 parameters, long lists cost planning
FUTURE = timedelta(days=1)  # a date further ahead is an error of the site's and does not jump the queue

# written into the SQL, not bound: a partial index is used only when the planner sees its condition
QUEUED: ColumnElement[bool] = literal_column("page.state = 'queued'")


def rank(link: Link, now: datetime) -> int:
    """Return a link's place in the queue, lowest first: by date, newest first; undated ones after, by score."""
    score = round(min(max(link.score, 0.0), 1.0) * 999)
    if link.published is None:
        return -score
    at = link.published.at or datetime.combine(link.published.on, datetime.min.time(), tzinfo=now.tzinfo)
    return -max(0, int(min(at, now + FUTURE).timestamp())) * 1000 - score


class Pages:
    """The memory of URLs."""

    def __init__(self, work: Work, names: Names) -> None:
        self._work = work
        self._names = names

    # ------------------------------------------------------------ meeting

    def meet(
        self, source: str, links: Iterable[Link], now: datetime, run_id: int | None = None, *, depth: int = 0
    ) -> int:
        """Queue the links never met before; return how many. A queued one only gets better hints.

        The books are the caller's: it knows what else was found.
        """
        wanted: dict[str, Link] = {}
        for link in links:
            url_key = key(link.url)
            if url_key not in wanted or rank(link, now) < rank(wanted[url_key], now):
                wanted[url_key] = link
        new = 0
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            for chunk in _chunks(tuple(wanted)):
                new += self._meet(connection, source_id, {name: wanted[name] for name in chunk}, now, run_id, depth)
        return new

    def _meet(
        self,
        connection: Connection,
        source_id: int,
        wanted: dict[str, Link],
        now: datetime,
        run_id: int | None,
        depth: int,
    ) -> int:
        known = {
            row.url_key: row
            for row in connection.execute(
                select(PageRow.url_key, PageRow.id, PageRow.state, PageRow.rank).where(
                    PageRow.url_key.in_(wanted.keys())
                )
            )
        }
        better = [
            {"row": known[name].id, "new_rank": rank(link, now), "new_hint": link_form(link)}
            for name, link in wanted.items()
            if name in known and known[name].state == PageStatus.QUEUED and known[name].rank > rank(link, now)
        ]
        if better:
            connection.execute(
                update(PageRow)
                .where(PageRow.id == bindparam("row"))
                .values(rank=bindparam("new_rank"), hint=bindparam("new_hint")),
                better,
            )
        unseen = [
            {
                "source_id": source_id,
                "url": link.url,
                "url_key": name,
                "state": PageStatus.QUEUED.value,
                "rank": rank(link, now),
                "depth": depth,
                "hint": link_form(link),
                "met_at": now,
                "met_run_id": run_id,
            }
            for name, link in wanted.items()
            if name not in known
        ]
        if not unseen:
            return 0
        statement = upsert_for(connection)(PageRow).on_conflict_do_nothing(index_elements=["url_key"])
        return len(connection.execute(statement.returning(PageRow.id), unseen).all())

    def unseen(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Return those of the URLs that were never met, in their order."""
        keys = {url: key(url) for url in urls}
        known: set[str] = set()
        with self._work.reading() as connection:
            for chunk in _chunks(tuple(keys.values())):
                known.update(connection.execute(select(PageRow.url_key).where(PageRow.url_key.in_(chunk))).scalars())
        return tuple(url for url, url_key in keys.items() if url_key not in known)

    # ------------------------------------------------------------ handing out

    def next_queued(self, source: str, limit: int, now: datetime, run_id: int) -> tuple[QueuedPage, ...]:
        """Hand out queued pages, newest first by hint, then by score, then by arrival."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            where = [
                QUEUED,
                or_(PageRow.not_before.is_(None), PageRow.not_before <= now),
            ]
            return self._hand_out(connection, source, source_id, where, PageRow.rank, limit, run_id)

    def due_rechecks(self, source: str, now: datetime, limit: int, run_id: int) -> tuple[QueuedPage, ...]:
        """Hand out pages that are done and whose time to be looked at again has come, longest due first."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            where = [PageRow.recheck_at <= now, PageRow.state == PageStatus.DONE.value]
            return self._hand_out(connection, source, source_id, where, PageRow.recheck_at, limit, run_id)

    def _hand_out(
        self,
        connection: Connection,
        source: str,
        source_id: int,
        where: Sequence[ColumnElement[bool]],
        order: Any,
        limit: int,
        run_id: int,
    ) -> tuple[QueuedPage, ...]:
        unclaimed = or_(PageRow.claimed_run_id.is_(None), PageRow.claimed_run_id != run_id)
        rows = connection.execute(
            select(PageRow)
            .where(PageRow.source_id == source_id, unclaimed, *where)
            .order_by(order, PageRow.id)
            .limit(limit)
        ).all()
        for chunk in _chunks([row.id for row in rows]):
            connection.execute(update(PageRow).where(PageRow.id.in_(chunk)).values(claimed_run_id=run_id))
        return tuple(
            QueuedPage(
                url=row.url,
                source=source,
                depth=row.depth,
                attempts=row.attempts,
                link=link_of(row.url, row.hint),
                validators=Validators(etag=row.etag, last_modified=row.last_modified),
            )
            for row in rows
        )

    def attempted(self, urls: Collection[str]) -> None:
        """Count that fetching these has begun: a page that kills the program must not be tried for ever."""
        with self._work.transaction() as connection:
            for chunk in _chunks([key(url) for url in urls]):
                connection.execute(
                    update(PageRow).where(PageRow.url_key.in_(chunk)).values(attempts=PageRow.attempts + 1)
                )

    # ------------------------------------------------------------ ending

    def book(
        self,
        run_id: int,
        source: str,
        url: str,
        outcome: Outcome,
        now: datetime,
        *,
        status: int | None = None,
        validators: Validators | None = None,
        detail: str | None = None,
        retry_at: datetime | None = None,
        recheck_at: datetime | None = None,
    ) -> bool:
        """End a page with its outcome; return False when this run had ended it before: the first outcome stands.

        Only a failure gives way to what a later try came to. `retry_at`: the page stays queued until then. A page
        never met is added. A 304 keeps the validators; a page that is gone marks its article as removed.
        """
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            page_id = self._ensure(connection, source_id, url, now, run_id)
            before = connection.execute(
                select(PageRow.run_id, PageRow.outcome, PageRow.state, PageRow.rechecks, PageRow.source_id).where(
                    PageRow.id == page_id
                )
            ).one()
            if before.run_id == run_id and before.outcome is not None:
                if before.outcome != OutcomeKind.FAILED or outcome.kind is OutcomeKind.FAILED:
                    return False
                books.add(connection, run_id, source_id, failed=-1)
            values: dict[str, Any] = {
                "state": PageStatus.DONE.value if retry_at is None else PageStatus.QUEUED.value,
                "not_before": retry_at,
                "outcome": outcome.kind.value,
                "reason": outcome.reason,
                "detail": detail,
                "ended_at": now,
                "run_id": run_id,
                "recheck_at": recheck_at,
            }
            if retry_at is None:
                values["attempts"] = 0
            if before.state == PageStatus.DONE:
                values["rechecks"] = before.rechecks + 1
            if status is not None:
                values |= {"status": status, "fetched_at": now}
            if validators is not None:
                values |= {"etag": validators.etag, "last_modified": validators.last_modified}
            if outcome.article_id is not None:
                values["article_id"] = outcome.article_id
            connection.execute(update(PageRow).where(PageRow.id == page_id).values(**values))
            if outcome.kind is OutcomeKind.GONE:
                self._mark_removed(connection, page_id, now)
            books.add(connection, run_id, source_id, **{outcome.kind.value: 1, "fetched": status is not None})
        return True

    def _mark_removed(self, connection: Connection, page_id: int, now: datetime) -> None:
        """Mark the article as removed when it is gone from its own address; other addresses may die."""
        page = select(PageRow.article_id, PageRow.url_key).where(PageRow.id == page_id).subquery()
        connection.execute(
            update(ArticleRow)
            .where(
                ArticleRow.id == select(page.c.article_id).scalar_subquery(),
                ArticleRow.url_key == select(page.c.url_key).scalar_subquery(),
                ArticleRow.removed_at.is_(None),
            )
            .values(removed_at=now)
        )

    def alias(self, source: str, url: str, of_url: str, now: datetime) -> None:
        """Remember that one URL leads to another (a redirect): the first is known by the second from now on."""
        with self._work.transaction() as connection:
            source_id = self._names.id(connection, source)
            target = self._ensure(connection, source_id, of_url, now, None)
            self._lead(connection, source_id, url, target, now)

    def add_addresses(
        self, connection: Connection, source_id: int, article: Article, article_id: int, now: datetime
    ) -> None:
        """Make the article's addresses known, in an open transaction.

        The one it was read at needs no fetch of its own any more; one it was asked for under leads there. Alternate
        addresses (AMP, print) are taken at the page's word when they were never met; met ones keep their state, for
        they may turn out to be another text.
        """
        at = self._ensure(connection, source_id, article.url, now, None)
        connection.execute(
            update(PageRow).where(PageRow.id == at).values(article_id=article_id, state=PageStatus.DONE.value)
        )
        if article.asked_url is not None:
            self._lead(connection, source_id, article.asked_url, at, now, article_id=article_id)
        insert = upsert_for(connection)
        for url in article.alternate_urls:
            row = insert(PageRow).values(
                source_id=source_id,
                url=url,
                url_key=key(url),
                state=PageStatus.DONE.value,
                met_at=now,
                article_id=article_id,
                alias_of=at,
            )
            connection.execute(row.on_conflict_do_nothing(index_elements=["url_key"]))

    def _lead(
        self, connection: Connection, source_id: int, url: str, target: int, now: datetime, **values: Any
    ) -> None:
        page_id = self._ensure(connection, source_id, url, now, None)
        if page_id != target:
            connection.execute(update(PageRow).where(PageRow.id == page_id).values(alias_of=target, **values))

    def _ensure(self, connection: Connection, source_id: int, url: str, now: datetime, run_id: int | None) -> int:
        """Return the page's row id; a URL never met is added as done: whoever names it is at work on it."""
        url_key = key(url)
        found: int | None = connection.execute(select(PageRow.id).where(PageRow.url_key == url_key)).scalar()
        if found is not None:
            return found
        row = upsert_for(connection)(PageRow).values(
            source_id=source_id, url=url, url_key=url_key, state=PageStatus.DONE.value, met_at=now, met_run_id=run_id
        )
        # setting a column to itself makes PostgreSQL return the row that another transaction was quicker to make
        row = row.on_conflict_do_update(index_elements=["url_key"], set_={"url_key": row.excluded.url_key})
        made: int = connection.execute(row.returning(PageRow.id)).scalar_one()
        return made

    # ------------------------------------------------------------ asking

    def known(self, url: str) -> PageState | None:
        """Return all that is known of a URL, None when it was never met."""
        leads_to = PageRow.__table__.alias("leads_to")
        question = (
            select(PageRow, SourceRow.name.label("source"), leads_to.c.url.label("alias_url"))
            .join(SourceRow, SourceRow.id == PageRow.source_id)
            .outerjoin(leads_to, leads_to.c.id == PageRow.alias_of)
            .where(PageRow.url_key == key(url))
        )
        with self._work.reading() as connection:
            row = connection.execute(question).first()
        return None if row is None else _state(row)

    def of_article(self, article_id: int) -> tuple[PageState, ...]:
        """Return the addresses an article is known by, in the order they were met."""
        leads_to = PageRow.__table__.alias("leads_to")
        question = (
            select(PageRow, SourceRow.name.label("source"), leads_to.c.url.label("alias_url"))
            .join(SourceRow, SourceRow.id == PageRow.source_id)
            .outerjoin(leads_to, leads_to.c.id == PageRow.alias_of)
            .where(PageRow.article_id == article_id)
            .order_by(PageRow.id)
        )
        with self._work.reading() as connection:
            return tuple(_state(row) for row in connection.execute(question))

    def backlog(self, source: str) -> int:
        """Return how many of the source's pages are queued."""
        with self._work.reading() as connection:
            source_id = self._names.id(connection, source)
            count: int = connection.execute(
                select(func.count()).select_from(PageRow).where(PageRow.source_id == source_id, QUEUED)
            ).scalar_one()
        return count

    def next_try(self, source: str) -> datetime | None:
        """Return when the first of the queued pages that wait may be tried again, None when none waits."""
        with self._work.reading() as connection:
            source_id = self._names.id(connection, source)
            at: datetime | None = connection.execute(
                select(func.min(PageRow.not_before)).where(PageRow.source_id == source_id, QUEUED)
            ).scalar()
        return at

    def outcomes(self, source: str) -> dict[OutcomeKind, int]:
        """Return how many of the source's pages ended how, at their last run."""
        with self._work.reading() as connection:
            rows = connection.execute(
                select(PageRow.outcome, func.count().label("pages"))
                .where(PageRow.source_id == self._names.id(connection, source), PageRow.outcome.is_not(None))
                .group_by(PageRow.outcome)
            )
            return {OutcomeKind(row.outcome): row.pages for row in rows}


def _chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[at : at + CHUNK] for at in range(0, len(items), CHUNK))


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
