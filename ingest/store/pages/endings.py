"""How pages end: one outcome per page and run, and the addresses an article is reached by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, null, or_, select, update

from ingest.model import Article, OutcomeKind
from ingest.store.db import counters
from ingest.store.db.engine import insert_for
from ingest.store.db.keys import url_key
from ingest.store.db.schema import ArticleRow, PageRow, table
from ingest.store.values import PageEnd, PageStatus

PAGE, ARTICLE = table(PageRow), table(ArticleRow)
ID_OF = select(PAGE.c.id).where(PAGE.c.url_key == bindparam("key"))
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


def record_outcome(connection: Connection, run_id: int, source_id: int, end: PageEnd, now: datetime) -> bool:
    """Write the outcome and count it, unless this run did before; see Pages.record_outcome."""
    key, outcome = url_key(end.url), end.outcome
    values = _columns(run_id, end, now)
    first = outcome.kind in MOSTLY_FIRST and end.retry_at is None
    if not (first and connection.execute(SET_FIRST, {"key": key, "run": run_id, **values}).rowcount):
        before = connection.execute(BEFORE, {"key": key}).first()
        if before is None:
            ensure(connection, source_id, end.url, now, run_id)
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
    counted = {outcome.kind.value: 1, "fetched": end.status is not None, **end.counts}
    counters.add(connection, run_id, source_id, **counted)
    return True


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
        "recheck_at": end.recheck_at,
        "attempts": 0,
    }
    if end.status is not None:
        values |= {"status": end.status, "fetched_at": now}
    if end.validators is not None:
        values |= {"etag": end.validators.etag, "last_modified": end.validators.last_modified}
    if end.outcome.article_id is not None:
        values["article_id"] = end.outcome.article_id
    return values


def _again(before: Row[*tuple[Any, ...]], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that count on: attempts of a page that is to be tried again, looks at one that was fetched."""
    counted: dict[str, Any] = {}
    if values["state"] == PageStatus.QUEUED.value:
        # behind all that was not tried yet; see frontier.rank
        counted["attempts"] = counted["rank"] = before.attempts + 1
    if "fetched_at" in values and before.fetched_at is not None:
        counted["rechecks"] = before.rechecks + 1
    return counted


def _done(article_id: int) -> dict[str, Any]:
    return {"article_id": article_id, "state": PageStatus.DONE.value}


def add_addresses(
    connection: Connection, source_id: int, article: Article, article_id: int, now: datetime, ending: str | None
) -> None:
    """Make the article's addresses known.

    The one it was read at needs no fetch of its own any more; one it was asked for under leads there. Alternate
    addresses (AMP, print) are taken at the page's word when they were never met; met ones keep their state, for
    they may turn out to be another text. The further pages it was joined from lead to the first. `ending`: the URL
    of the outcome that the same transaction records with this article.
    """
    done = _done(article_id)
    others = article.asked_url not in (None, article.url) or article.alternate_urls or article.parts
    at = None
    if ending == article.url and not others:
        return
    if not connection.execute(SET_BY_KEY, {"key": url_key(article.url), **done}).rowcount:
        at = ensure(connection, source_id, article.url, now)
        connection.execute(UPDATE_PAGE, {"row": at, **done})
    if not others:
        return
    at = at or ensure(connection, source_id, article.url, now)
    if article.asked_url is not None:
        lead(connection, source_id, article.asked_url, at, now, article_id=article_id)
    for part in article.parts:
        if not part.note:
            connection.execute(JOINED, {"key": url_key(part.url), "target": at, "article": article_id})
    parts = (part.url for part in article.parts if not part.note)
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


def lead(connection: Connection, source_id: int, url: str, target: int, now: datetime, **values: Any) -> None:
    """Remember that a URL leads to another page, unless it is that page in another spelling."""
    page_id = ensure(connection, source_id, url, now)
    if page_id != target:
        connection.execute(UPDATE_PAGE, {"row": page_id, "alias_of": target, **values})


def ensure(connection: Connection, source_id: int, url: str, now: datetime, run_id: int | None = None) -> int:
    """Return the page's row id; a URL never met is added as done: whoever names it is at work on it."""
    key = url_key(url)
    found: int | None = connection.execute(ID_OF, {"key": key}).scalar()
    if found is not None:
        return found
    row = {
        "source_id": source_id,
        "url": url,
        "url_key": key,
        "state": PageStatus.DONE.value,
        "met_at": now,
        "met_run_id": run_id,
    }
    made: int = connection.execute(_adding(connection.dialect.name), row).scalar_one()
    return made


@cache
def _adding(dialect: str) -> Any:
    row = insert_for(dialect)(PAGE)
    # setting a column to itself makes PostgreSQL return the row that another transaction was quicker to make
    row = row.on_conflict_do_update(index_elements=["url_key"], set_={"url_key": row.excluded.url_key})
    return row.returning(PAGE.c.id)


@cache
def _adding_if_unmet(dialect: str) -> Any:
    return insert_for(dialect)(PAGE).on_conflict_do_nothing(index_elements=["url_key"])
