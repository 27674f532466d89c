"""Pages: every URL met, how each ended, and the addresses an article is reached by. The queue is in frontier.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, null, or_, select, update

from ingest.model import Article, OutcomeKind, Validators
from ingest.store.db import counters
from ingest.store.db.codec import link_of
from ingest.store.db.engine import insert_for
from ingest.store.db.keys import key_or_none, url_key
from ingest.store.db.schema import ArticleRow, PageRow, RunSourceRow, SourceRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.maintenance.forget import TAKEN_DOWN
from ingest.store.values import PageEnd, PageState, PageStatus

PAGE, ARTICLE, SOURCE = table(PageRow), table(ArticleRow), table(SourceRow)
ID_OF = select(PAGE.c.id).where(PAGE.c.url_key == bindparam("key"))
BEFORE_ALL = select(
    PAGE.c.url_key, PAGE.c.id, PAGE.c.run_id, PAGE.c.outcome, PAGE.c.fetched_at, PAGE.c.rechecks, PAGE.c.attempts
).where(PAGE.c.url_key.in_(bindparam("keys", expanding=True)))
ADD_PAGES = insert(PAGE).inline()
BEFORE = select(
    PAGE.c.id, PAGE.c.run_id, PAGE.c.outcome, PAGE.c.fetched_at, PAGE.c.rechecks, PAGE.c.article_id, PAGE.c.attempts
).where(PAGE.c.url_key == bindparam("key"))
UPDATE_PAGE = update(PAGE).where(PAGE.c.id == bindparam("row"))  # the other parameters name the columns to set
# of a page that was never fetched, and not ended by this run, nothing need be read before it ends
SET_FIRST = update(PAGE).where(
    PAGE.c.url_key == bindparam("key"),
    PAGE.c.fetched_at.is_(None),
    or_(PAGE.c.run_id.is_(None), PAGE.c.run_id != bindparam("run"), PAGE.c.outcome.is_(None)),
)
MOSTLY_FIRST = (OutcomeKind.STORED, OutcomeKind.SCREENED, OutcomeKind.DUPLICATE)
SET_BY_KEY = update(PAGE).where(PAGE.c.url_key == bindparam("key"))
# gone from its own address: other addresses of an article may die before it does
REMOVED = (
    update(ARTICLE)
    .where(ARTICLE.c.id == bindparam("article"), ARTICLE.c.url_key == bindparam("key"), ARTICLE.c.removed_at.is_(None))
    .values(removed_at=bindparam("now"))
)


# a further page of an article waits no more; one that is known as another article's stays that
JOINED = (
    update(PAGE)
    .where(PAGE.c.url_key == bindparam("key"), PAGE.c.id != bindparam("target"), PAGE.c.article_id.is_(None))
    .values(
        article_id=bindparam("article"),
        alias_of=bindparam("target"),
        state=PageStatus.DONE.value,
        not_before=null(),
        recheck_at=null(),
    )
)


class Pages:
    """The stored URLs."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    # ------------------------------------------------------------ ending

    def record_outcome(self, run_id: int, end: PageEnd, now: datetime) -> bool:
        """End a page with its outcome and count it; return False when this run had ended it before.

        The first outcome of a run stands; only a failure gives way to what a later try came to. A page never met is
        added; a page that is gone marks its article as removed.
        """
        key, outcome = url_key(end.url), end.outcome
        values = _columns(run_id, end, now)
        with self._work.transaction(independent=not self._work.holds_back(key)) as connection:
            source_id = self._names.id(connection, end.source)
            if not _end_unfetched(connection, key, end, values):
                before = connection.execute(BEFORE, {"key": key}).first()
                if before is None:
                    _ensure(connection, source_id, end.url, now, run_id)
                    before = connection.execute(BEFORE, {"key": key}).one()
                if before.run_id == run_id and before.outcome is not None:
                    if before.outcome != OutcomeKind.FAILED or outcome.kind is OutcomeKind.FAILED:
                        if outcome.article_id is not None and outcome.kind is not OutcomeKind.FAILED:
                            connection.execute(UPDATE_PAGE, {"row": before.id, **_done(outcome.article_id)})
                        return False
                    counters.add(connection, run_id, source_id, failed=-1)
                connection.execute(UPDATE_PAGE, {"row": before.id, **values, **_again(before, values)})
                if outcome.kind is OutcomeKind.GONE and before.article_id is not None:
                    connection.execute(REMOVED, {"article": before.article_id, "key": key, "now": now})
            counters.add(connection, run_id, source_id, **_counted(end))
        return True

    def end_together(
        self, connection: Connection, run_id: int, ends: Sequence[tuple[PageEnd, datetime]]
    ) -> tuple[bool, ...]:
        """End different pages in the transaction that saves their articles; see record_outcome for the answers."""
        keys = {url_key(end.url): (end, now) for end, now in ends}
        before = {row.url_key: row for row in connection.execute(BEFORE_ALL, {"keys": tuple(keys)})}
        added, changed = [], defaultdict[tuple[str, ...], list[dict[str, Any]]](list)
        counted: list[tuple[int, dict[str, int]]] = []
        alone = {}  # ended in this run before
        for key, (end, now) in keys.items():
            row, values = before.get(key), _columns(run_id, end, now)
            source_id = self._names.id(connection, end.source)
            if row is None:
                added.append(_new_row(source_id, end.url, now, run_id) | values)
            elif row.run_id == run_id and row.outcome is not None:
                alone[end.url] = self.record_outcome(run_id, end, now)
                continue
            else:
                values |= _again(row, values)
                changed[tuple(values)].append({"row": row.id, **values})
            counted.append((source_id, _counted(end)))
        if added:
            connection.execute(ADD_PAGES, added)
        for rows in changed.values():
            connection.execute(UPDATE_PAGE, rows)
        counters.add_all(connection, run_id, counted)
        return tuple(alone.get(end.url, True) for end, _ in ends)

    def add_addresses(
        self, connection: Connection, article: Article, article_id: int, now: datetime, ending: str | None = None
    ) -> None:
        """Make an article's addresses known, in the transaction that saves it.

        The one it was read at needs no fetch of its own any more; one it was asked for under leads there. Alternate
        addresses (AMP, print) are taken at the page's word when they were never met; met ones keep their state, for
        they may turn out to be another text. The further pages it was joined from lead to the first. `ending`: the
        URL of the outcome that the same transaction records with this article.
        """
        done = _done(article_id)
        others = article.asked_url not in (None, article.url) or article.alternate_urls or article.parts
        at = None
        if ending == article.url and not others:
            return
        source_id = self._names.id(connection, article.source)
        if not connection.execute(SET_BY_KEY, {"key": url_key(article.url), **done}).rowcount:
            at = _ensure(connection, source_id, article.url, now)
            connection.execute(UPDATE_PAGE, {"row": at, **done})
        if not others:
            return
        at = at or _ensure(connection, source_id, article.url, now)
        if article.asked_url is not None:
            asked = _ensure(connection, source_id, article.asked_url, now)
            if asked != at:  # else the same page in another spelling
                connection.execute(UPDATE_PAGE, {"row": asked, "alias_of": at, "article_id": article_id})
        parts = [part.url for part in article.parts if not part.note]
        for url in parts:
            connection.execute(JOINED, {"key": url_key(url), "target": at, "article": article_id})
        for url in (*article.alternate_urls, *parts):
            row = {
                "source_id": source_id,
                "url": url,
                "url_key": url_key(url),
                "state": PageStatus.DONE.value,
                "met_at": now,
                "article_id": article_id,
                "alias_of": at,
            }
            connection.execute(_adding_if_unmet(connection.dialect.name), row)

    # ------------------------------------------------------------ reading

    def known(self, url: str) -> PageState | None:
        """Return all that is known of a URL, None when it was never met."""
        key = url_key(url)
        with self._work.reading(independent=not self._work.holds_back(key)) as connection:
            row = connection.execute(STATE, {"key": key}).first()
        return None if row is None else _state(row)

    def forgotten(self, urls: Iterable[str]) -> bool:
        """Return whether any of these was taken down: such a page is neither fetched nor stored again."""
        with self._work.reading(independent=True) as connection:  # pending pages were asked about before
            keys = {key for url in urls if (key := key_or_none(url))}  # of links a page names, too: any may be broken
            return bool(keys) and connection.execute(TAKEN_DOWN, {"keys": tuple(keys)}).first() is not None

    def of_article(self, article_id: int) -> tuple[PageState, ...]:
        """Return the addresses an article is known by, in the order they were met."""
        with self._work.reading() as connection:
            return tuple(_state(row) for row in connection.execute(STATES_OF_ARTICLE, {"article": article_id}))

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


def _columns(run_id: int, end: PageEnd, now: datetime) -> dict[str, Any]:
    """Return the columns that an outcome sets whatever the page was before."""
    values: dict[str, Any] = {
        "state": PageStatus.DONE.value if end.retry_at is None else PageStatus.QUEUED.value,
        "not_before": end.retry_at,
        "outcome": end.outcome.kind.value,
        "reason": end.outcome.reason,
        "detail": end.detail,
        "ended_at": now,
        "run_id": run_id,
        "attempts": 0,
    }
    if not end.keeps_recheck:
        values["recheck_at"] = end.recheck_at
    if end.status is not None:
        values |= {"status": end.status, "fetched_at": now}
    if end.validators is not None:
        values |= {"etag": end.validators.etag, "last_modified": end.validators.last_modified}
    if end.outcome.article_id is not None:
        values["article_id"] = end.outcome.article_id
    return values


def _end_unfetched(connection: Connection, key: str, end: PageEnd, values: Mapping[str, Any]) -> bool:
    """Try to end a page that was never fetched, which needs no look at its row; False when it may be another."""
    if end.outcome.kind not in MOSTLY_FIRST or end.retry_at is not None:
        return False
    return bool(connection.execute(SET_FIRST, {"key": key, "run": values["run_id"], **values}).rowcount)


def _counted(end: PageEnd) -> dict[str, int]:
    """Return what an outcome adds to the counters of its source."""
    return {end.outcome.kind.value: 1, "fetched": end.status is not None, **end.counts}


def _again(before: Row[*tuple[Any, ...]], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that count on: attempts of a page that is to be tried again, rechecks of a fetched one."""
    counted: dict[str, Any] = {}
    if values["state"] == PageStatus.QUEUED.value:
        # behind all that was not tried yet; see frontier.rank
        counted["attempts"] = counted["rank"] = before.attempts + 1
    if "fetched_at" in values and before.fetched_at is not None:
        counted["rechecks"] = before.rechecks + 1
    return counted


def _done(article_id: int) -> dict[str, Any]:
    return {"article_id": article_id, "state": PageStatus.DONE.value}


def _ensure(connection: Connection, source_id: int, url: str, now: datetime, run_id: int | None = None) -> int:
    """Return the page's row id; a URL never met is added as done: it is being worked on."""
    key = url_key(url)
    found: int | None = connection.execute(ID_OF, {"key": key}).scalar()
    if found is not None:
        return found
    row = _new_row(source_id, url, now, run_id)
    made: int = connection.execute(_adding(connection.dialect.name), row).scalar_one()
    return made


def _new_row(source_id: int, url: str, now: datetime, run_id: int | None) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "url": url,
        "url_key": url_key(url),
        "state": PageStatus.DONE.value,
        "met_at": now,
        "met_run_id": run_id,
    }


@cache
def _adding(dialect: str) -> Any:
    row = insert_for(dialect)(PAGE)
    # setting a column to itself makes PostgreSQL return a row that another transaction added first
    row = row.on_conflict_do_update(index_elements=["url_key"], set_={"url_key": row.excluded.url_key})
    return row.returning(PAGE.c.id)


@cache
def _adding_if_unmet(dialect: str) -> Any:
    return insert_for(dialect)(PAGE).on_conflict_do_nothing(index_elements=["url_key"])


_LEADS_TO = PAGE.alias("leads_to")
_STATES = (
    select(PAGE, SOURCE.c.name.label("source"), _LEADS_TO.c.url.label("alias_url"))
    .join(SOURCE, SOURCE.c.id == PAGE.c.source_id)
    .outerjoin(_LEADS_TO, _LEADS_TO.c.id == PAGE.c.alias_of)
    .order_by(PAGE.c.id)
)
STATE = _STATES.where(PAGE.c.url_key == bindparam("key"))
STATES_OF_ARTICLE = _STATES.where(PAGE.c.article_id == bindparam("article"))


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
