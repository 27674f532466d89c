"""The frontier: links that were met and are still to be fetched.

A page is queued when met and stays queued until an outcome ends it, so that a killed run leaves nothing behind but work
for the next. Handing a page out claims it for the run that asks: within one run it is handed out once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, literal_column, or_, select, update

from ingest.model import Link, Validators
from ingest.store.db.codec import link_form, link_of, moment_of
from ingest.store.db.engine import insert_for
from ingest.store.db.keys import url_key
from ingest.store.db.schema import PageRow, table
from ingest.store.values import UNLIKELY, PageStatus, QueuedPage

CHUNK = 500  # keys asked for at once; SQLite takes 32,766 parameters, long lists cost planning
FUTURE = timedelta(days=1)  # a date further ahead is an error of the site's and does not jump the queue

PAGE = table(PageRow)
# written into the SQL, not bound: a partial index is used only when the planner sees its condition
QUEUED: ColumnElement[bool] = literal_column("page.state = 'queued'")
KNOWN = select(
    PAGE.c.url_key, PAGE.c.id, PAGE.c.state, PAGE.c.rank, PAGE.c.reason, PAGE.c.attempts, PAGE.c.claimed_run_id
).where(PAGE.c.url_key.in_(bindparam("keys", expanding=True)))
UPDATE_RANK = (
    update(PAGE)
    .where(PAGE.c.id == bindparam("row"))
    .values(rank=bindparam("new_rank"), hint=bindparam("new_hint", type_=PAGE.c.hint.type))
)
RECONSIDERED = (
    update(PAGE)
    .where(PAGE.c.id.in_(bindparam("rows", expanding=True)))
    .values(state=PageStatus.QUEUED.value, outcome=None, reason=None, ended_at=None, claimed_run_id=None)
)
# A page whose fetch ended with the program goes behind all others (their ranks are below 1): it may be what ended it,
# and it is not fetched a third time when the next run is killed too.
COUNT_LOST_ATTEMPT = (
    update(PAGE)
    .where(
        PAGE.c.url_key.in_(bindparam("keys", expanding=True)),
        or_(PAGE.c.run_id.is_(None), PAGE.c.run_id != bindparam("run")),
    )
    .values(attempts=PAGE.c.attempts + 1, rank=PAGE.c.attempts + 1)
)
UPDATE_HINT = (
    update(PAGE).where(PAGE.c.id == bindparam("row")).values(hint=bindparam("new_hint", type_=PAGE.c.hint.type))
)
CLAIM = (
    update(PAGE).where(PAGE.c.id.in_(bindparam("rows", expanding=True))).values(claimed_run_id=bindparam("claimed_by"))
)
BACKLOG = select(func.count()).select_from(PAGE).where(PAGE.c.source_id == bindparam("source"), QUEUED)
FURTHEST_TRY = timedelta(days=2)  # a page that failed waits for 16 hours at most; more was set by a wrong clock
NEXT_TRY = select(func.min(PAGE.c.not_before)).where(PAGE.c.source_id == bindparam("source"), QUEUED)


def rank(link: Link, now: datetime) -> int:
    """Return a link's place in the queue, 0 or less, lowest first: newest by date; undated ones after, by score."""
    score = round(min(max(link.score, 0.0), 1.0) * 999)
    if link.published is None:
        return -score
    at = link.published.at or datetime.combine(link.published.on, datetime.min.time(), tzinfo=now.tzinfo)
    return -max(0, int(min(at, now + FUTURE).timestamp())) * 1000 - score


# ---------------------------------------------------------------- meeting


def meet(
    connection: Connection, source_id: int, links: Iterable[Link], now: datetime, run_id: int | None, depth: int
) -> int:
    """Queue what was never met or was passed over, improve the hints of what is queued; return how many are new."""
    best: dict[str, tuple[int, Link]] = {}
    for link in links:
        key, place = url_key(link.url), rank(link, now)
        if key not in best or place < best[key][0]:
            best[key] = (place, link)
    new = 0
    for keys in chunks(tuple(best)):
        known = {row.url_key: row for row in connection.execute(KNOWN, {"keys": keys})}
        better = [
            {"row": known[key].id, "new_rank": best[key][0], "new_hint": link_form(best[key][1])}
            for key in keys
            if key in known and _is_better(best[key][0], known[key], run_id)
        ]
        if better:
            connection.execute(UPDATE_RANK, better)
        passed_over = [row.id for row in known.values() if row.reason == UNLIKELY]
        if passed_over:  # whoever names the link again has thought better of it
            new += len(passed_over)
            connection.execute(RECONSIDERED, {"rows": passed_over})
        unseen = [
            {
                "source_id": source_id,
                "url": best[key][1].url,
                "url_key": key,
                "state": PageStatus.QUEUED.value,
                "rank": best[key][0],
                "depth": depth,
                "hint": link_form(best[key][1]),
                "met_at": now,
                "met_run_id": run_id,
            }
            for key in keys
            if key not in known
        ]
        if unseen:
            # asked back, because another process may have been quicker with some of them
            new += len(connection.execute(_adding(connection.dialect.name), unseen).all())
    return new


def _is_better(place: int, known: Any, run_id: int | None) -> bool:
    """Tell whether a hint is worth taking; what this run has handed out is read with the hint that it went with."""
    handed_out = run_id is not None and known.claimed_run_id == run_id
    return known.state == PageStatus.QUEUED and not handed_out and not known.attempts and place < known.rank


@cache
def _adding(dialect: str) -> Any:
    return insert_for(dialect)(PAGE).on_conflict_do_nothing(index_elements=["url_key"]).returning(PAGE.c.id)


def known_keys(connection: Connection, keys: Collection[str]) -> set[str]:
    """Return those of the keys that are of pages met before."""
    known: set[str] = set()
    for some in chunks(tuple(keys)):
        known.update(row.url_key for row in connection.execute(KNOWN, {"keys": some}))
    return known


# ---------------------------------------------------------------- handing out


def next_queued(
    connection: Connection, source: str, source_id: int, limit: int, now: datetime, run_id: int
) -> tuple[QueuedPage, ...]:
    """Hand out queued pages, best rank first."""
    may_go = or_(PAGE.c.not_before.is_(None), PAGE.c.not_before <= now, PAGE.c.not_before > now + FURTHEST_TRY)
    where = [QUEUED, may_go]
    return _hand_out(connection, source, source_id, where, PAGE.c.rank, limit, run_id)


def due_rechecks(
    connection: Connection, source: str, source_id: int, limit: int, now: datetime, run_id: int
) -> tuple[QueuedPage, ...]:
    """Hand out pages that are done and due again, longest due first."""
    where = [PAGE.c.recheck_at <= now, PAGE.c.state == PageStatus.DONE.value]
    return _hand_out(connection, source, source_id, where, PAGE.c.recheck_at, limit, run_id)


def _hand_out(
    connection: Connection,
    source: str,
    source_id: int,
    where: Sequence[ColumnElement[bool]],
    order: ColumnElement[Any],
    limit: int,
    run_id: int,
) -> tuple[QueuedPage, ...]:
    unclaimed = or_(PAGE.c.claimed_run_id.is_(None), PAGE.c.claimed_run_id != run_id)
    rows = connection.execute(
        select(PAGE).where(PAGE.c.source_id == source_id, unclaimed, *where).order_by(order, PAGE.c.id).limit(limit)
    ).all()
    for some in chunks([row.id for row in rows]):
        connection.execute(CLAIM, {"rows": some, "claimed_by": run_id})
    links = {row.id: _link(row) for row in rows}
    news = [{"row": row.id, "new_hint": link_form(link)} for row in rows if row.lastmod and (link := links[row.id])]
    if news:
        connection.execute(UPDATE_HINT, news)
    return tuple(
        QueuedPage(
            url=row.url,
            source=source,
            depth=row.depth,
            attempts=row.attempts,
            link=links[row.id],
            validators=Validators(etag=row.etag, last_modified=row.last_modified),
            is_article=row.article_id is not None,
        )
        for row in rows
    )


def _link(row: Row[Any]) -> Link | None:
    """Return a page's link, modified when seeds said so last."""
    link = link_of(row.url, row.hint)
    return link if link is None or row.lastmod is None else replace(link, modified=moment_of(row.lastmod))


def take(
    connection: Connection, source: str, source_id: int, key: str, now: datetime, run_id: int
) -> QueuedPage | None:
    """Hand out one page, if it waits to be fetched or to be looked at again."""
    due = and_(PAGE.c.state == PageStatus.DONE.value, PAGE.c.recheck_at <= now)
    taken = _hand_out(connection, source, source_id, [PAGE.c.url_key == key, or_(QUEUED, due)], PAGE.c.id, 1, run_id)
    return taken[0] if taken else None


def lost(connection: Connection, keys: Sequence[str], run_id: int) -> None:
    """Count one more attempt for each that the killed run did not end."""
    for some in chunks(keys):
        connection.execute(COUNT_LOST_ATTEMPT, {"keys": some, "run": run_id})


def queue_again(connection: Connection, source_id: int, reason: str) -> int:
    """Queue what ended for a reason; return how many pages."""
    ended = PAGE.c.source_id == source_id, PAGE.c.state == PageStatus.DONE.value, PAGE.c.reason == reason
    rows = tuple(connection.execute(select(PAGE.c.id).where(*ended)).scalars())
    for some in chunks(rows):
        connection.execute(RECONSIDERED, {"rows": some})
    return len(rows)


# ---------------------------------------------------------------- asking


def backlog(connection: Connection, source_id: int) -> int:
    """Return how many pages are queued."""
    count: int = connection.execute(BACKLOG, {"source": source_id}).scalar_one()
    return count


def next_try(connection: Connection, source_id: int) -> datetime | None:
    """Return when the first of the queued pages that wait may be tried again."""
    at: datetime | None = connection.execute(NEXT_TRY, {"source": source_id}).scalar()
    return at


def chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Part a long list into such as one statement takes."""
    return (items[at : at + CHUNK] for at in range(0, len(items), CHUNK))
