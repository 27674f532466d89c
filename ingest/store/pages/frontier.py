"""The frontier: pages that were met and are still to be fetched.

A page is queued when met and stays queued until an outcome ends it, so that a killed run leaves nothing behind but work
for the next. Handing a page out claims it for the run that asks: within one run it is handed out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)

from ingest.model import Link, Validators
from ingest.store.db.codec import link_form, link_of, moment_of
from ingest.store.db.engine import insert_for
from ingest.store.db.keys import url_key
from ingest.store.db.schema import PageRow, table
from ingest.store.db.source_ids import SourceIds
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.values import UNLIKELY, PageStatus, QueuedPage

CHUNK = 500  # keys asked for at once; SQLite takes 32,766 parameters, long lists cost planning
FUTURE = timedelta(days=1)  # a date further ahead is an error of the site's and does not jump the queue

PAGE = table(PageRow)
# written into the SQL, not bound: a partial index is used only when the planner sees its condition
QUEUED: ColumnElement[bool] = literal_column("page.state = 'queued'")
KNOWN_KEYS = select(PAGE.c.url_key).where(PAGE.c.url_key.in_(bindparam("keys", expanding=True)))
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
_HANDED_OUT = select(PAGE).where(
    PAGE.c.source_id == bindparam("source"),
    or_(PAGE.c.claimed_run_id.is_(None), PAGE.c.claimed_run_id != bindparam("run")),
)
_DUE = and_(PAGE.c.state == PageStatus.DONE.value, PAGE.c.recheck_at <= bindparam("now"))
NEXT_QUEUED = (
    _HANDED_OUT.where(
        QUEUED,
        or_(
            PAGE.c.not_before.is_(None),
            PAGE.c.not_before <= bindparam("now"),
            PAGE.c.not_before > bindparam("furthest"),
        ),
    )
    .order_by(PAGE.c.rank, PAGE.c.id)
    .limit(bindparam("most"))
)
DUE_RECHECKS = _HANDED_OUT.where(_DUE).order_by(PAGE.c.recheck_at, PAGE.c.id).limit(bindparam("most"))
TAKE = _HANDED_OUT.where(PAGE.c.url_key == bindparam("key"), or_(QUEUED, _DUE)).limit(1)
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


class Frontier:
    """The queue of pages."""

    def __init__(self, work: UnitOfWork, names: SourceIds) -> None:
        self._work = work
        self._names = names

    # ------------------------------------------------------------ meeting

    def meet(
        self, source: str, links: Iterable[Link], now: datetime, run_id: int | None = None, *, depth: int = 0
    ) -> int:
        """Queue the links never met before, or passed over; return how many. A queued one only gets better hints.

        Counting them is up to the caller, who knows what else was found.
        """
        best: dict[str, tuple[int, Link]] = {}
        for link in links:
            key, place = url_key(link.url), rank(link, now)
            if key not in best or place < best[key][0]:
                best[key] = (place, link)
        new = 0
        with self._work.transaction() as connection:
            met = {"source_id": self._names.id(connection, source), "depth": depth, "met_at": now, "met_run_id": run_id}
            for keys in chunks(tuple(best)):
                new += _meet(connection, {key: best[key] for key in keys}, met)
        return new

    def unseen(self, urls: Iterable[str]) -> tuple[str, ...]:
        """Return those of the URLs that were never met, in their order."""
        keys = {url: url_key(url) for url in urls}
        known: set[str] = set()
        with self._work.reading() as connection:
            for some in chunks(tuple(keys.values())):
                known.update(connection.execute(KNOWN_KEYS, {"keys": some}).scalars())
        return tuple(url for url, key in keys.items() if key not in known)

    # ------------------------------------------------------------ handing out

    def next_queued(self, source: str, limit: int, now: datetime, run_id: int) -> tuple[QueuedPage, ...]:
        """Hand out queued pages, newest first by hint, then by score, then by arrival; each once a run."""
        return self._hand_out(NEXT_QUEUED, source, run_id, now=now, furthest=now + FURTHEST_TRY, most=limit)

    def due_rechecks(self, source: str, now: datetime, limit: int, run_id: int) -> tuple[QueuedPage, ...]:
        """Hand out ended pages whose recheck is due, longest due first; each once a run."""
        return self._hand_out(DUE_RECHECKS, source, run_id, now=now, most=limit)

    def take(self, source: str, url: str, now: datetime, run_id: int) -> QueuedPage | None:
        """Hand out this page, None when it does not wait (any more): it ended, or this run was given it before."""
        taken = self._hand_out(TAKE, source, run_id, now=now, key=url_key(url))
        return taken[0] if taken else None

    def _hand_out(self, query: Select[Any], source: str, run_id: int, **asked: Any) -> tuple[QueuedPage, ...]:
        with self._work.transaction(independent=True) as connection:  # pending pages were handed out
            asked |= {"source": self._names.id(connection, source), "run": run_id}
            rows = connection.execute(query, asked).all()
            for some in chunks([row.id for row in rows]):
                connection.execute(CLAIM, {"rows": some, "claimed_by": run_id})
            links = {row.id: _link(row) for row in rows}
            hints = [
                {"row": one.id, "new_hint": link_form(link)} for one in rows if one.lastmod and (link := links[one.id])
            ]
            if hints:
                connection.execute(UPDATE_HINT, hints)
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

    # ------------------------------------------------------------ putting back

    def lost(self, keys: Sequence[str], run_id: int) -> None:
        """Count an attempt for those of the pages, given by key, that a killed run requested and did not end.

        They go behind the others: one of them may be what killed it, and must not be tried for ever.
        """
        with self._work.transaction() as connection:
            for some in chunks(keys):
                connection.execute(COUNT_LOST_ATTEMPT, {"keys": some, "run": run_id})

    def queue_again(self, source: str, reason: str) -> int:
        """Queue the source's pages anew that ended for a reason which holds no longer; return how many."""
        with self._work.transaction() as connection:
            own = PAGE.c.source_id == self._names.id(connection, source)
            ended = select(PAGE.c.id).where(own, PAGE.c.state == PageStatus.DONE.value, PAGE.c.reason == reason)
            rows = tuple(connection.execute(ended).scalars())
            for some in chunks(rows):
                connection.execute(RECONSIDERED, {"rows": some})
        return len(rows)

    # ------------------------------------------------------------ reading

    def backlog(self, source: str) -> int:
        """Return how many of the source's pages are queued."""
        with self._work.reading() as connection:
            count: int = connection.execute(BACKLOG, {"source": self._names.id(connection, source)}).scalar_one()
        return count

    def next_try(self, source: str) -> datetime | None:
        """Return when the first of the queued pages that wait may be tried again, None when none waits."""
        with self._work.reading() as connection:
            at: datetime | None = connection.execute(NEXT_TRY, {"source": self._names.id(connection, source)}).scalar()
        return at


def _meet(connection: Connection, links: Mapping[str, tuple[int, Link]], met: dict[str, Any]) -> int:
    """Queue some links, given by key with their ranks; return how many are new. `met`: the columns all of them get."""
    known = {row.url_key: row for row in connection.execute(KNOWN, {"keys": tuple(links)})}
    better = [
        {"row": known[key].id, "new_rank": place, "new_hint": link_form(link)}
        for key, (place, link) in links.items()
        if key in known and _is_better(place, known[key], met["met_run_id"])
    ]
    if better:
        connection.execute(UPDATE_RANK, better)
    passed_over = [row.id for row in known.values() if row.reason == UNLIKELY]
    if passed_over:  # named again, so it may be an article after all
        connection.execute(RECONSIDERED, {"rows": passed_over})
    unseen = [
        met
        | {"url": link.url, "url_key": key, "state": PageStatus.QUEUED.value, "rank": place, "hint": link_form(link)}
        for key, (place, link) in links.items()
        if key not in known
    ]
    # RETURNING, because another process may have added some of them first
    added = connection.execute(_adding(connection.dialect.name), unseen).all() if unseen else ()
    return len(passed_over) + len(added)


def _is_better(place: int, known: Any, run_id: int | None) -> bool:
    """Return whether a hint is worth taking; a page that this run has handed out keeps the hint it went with."""
    handed_out = run_id is not None and known.claimed_run_id == run_id
    return known.state == PageStatus.QUEUED and not handed_out and not known.attempts and place < known.rank


def _link(row: Row[Any]) -> Link | None:
    """Return a page's link with the modification that seeds named last."""
    link = link_of(row.url, row.hint)
    return link if link is None or row.lastmod is None else replace(link, modified=moment_of(row.lastmod))


@cache
def _adding(dialect: str) -> Any:
    return insert_for(dialect)(PAGE).on_conflict_do_nothing(index_elements=["url_key"]).returning(PAGE.c.id)


def chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Split a long list into such as one statement takes."""
    return (items[at : at + CHUNK] for at in range(0, len(items), CHUNK))
