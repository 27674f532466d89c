"""Known pages that seeds call modified since they last did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select, update

from ingest.model import Link, Moment
from ingest.store.db.codec import link_of, moment_form, moment_of
from ingest.store.db.keys import url_key
from ingest.store.db.schema import PageRow, table
from ingest.store.db.unit_of_work import UnitOfWork
from ingest.store.maintenance.forget import REASON as FORGOTTEN
from ingest.store.pages.frontier import chunks
from ingest.store.values import PageStatus

PAGE = table(PageRow)
STORED_MODIFIED = select(
    PAGE.c.id, PAGE.c.url_key, PAGE.c.url, PAGE.c.hint, PAGE.c.lastmod, PAGE.c.article_id, PAGE.c.fetched_at
).where(PAGE.c.url_key.in_(bindparam("keys", expanding=True)), func.coalesce(PAGE.c.reason, "") != FORGOTTEN)
UPDATE_LASTMOD = update(PAGE).where(PAGE.c.id == bindparam("row")).values(lastmod=bindparam("new_lastmod"))
MAKE_DUE = (
    update(PAGE)
    .where(
        PAGE.c.id.in_(bindparam("rows", expanding=True)),
        PAGE.c.state == PageStatus.DONE.value,
        or_(PAGE.c.recheck_at.is_(None), PAGE.c.recheck_at > bindparam("now")),
    )
    .values(recheck_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Modified:
    """Of pages that are articles: how many the links name, and which of them they call modified (row ids)."""

    known: int
    changed: tuple[int, ...]


class Modifications:
    """What seeds say about pages that are known."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def compare(self, links: Iterable[Link]) -> Modified:
        """Return which known articles the links call modified that they did not before, and store what they say.

        The hint stays what it was when the page was fetched, or extracting it again would come to other claims.
        """
        named = {url_key(link.url): link for link in links if link.modified is not None}
        known = 0
        changed: list[int] = []
        news = []
        with self._work.transaction() as connection:
            for keys in chunks(tuple(named)):
                for row in connection.execute(STORED_MODIFIED, {"keys": keys}):
                    link = named[row.url_key]
                    hint = link_of(row.url, row.hint)
                    before = moment_of(row.lastmod) or (hint.modified if hint is not None else None)
                    assert link.modified is not None
                    if before is None or later(link.modified, before):
                        news.append({"row": row.id, "new_lastmod": moment_form(link.modified)})
                    if row.article_id is not None:
                        known += 1
                        if later(link.modified, before) if before else _after(link.modified, row.fetched_at):
                            changed.append(row.id)
            if news:
                connection.execute(UPDATE_LASTMOD, news)
        return Modified(known=known, changed=tuple(changed))

    def recheck(self, modified: Modified, now: datetime) -> None:
        """Make the pages that are called modified due at once."""
        with self._work.transaction() as connection:
            for some in chunks(modified.changed):
                connection.execute(MAKE_DUE, {"rows": some, "now": now})


def later(one: Moment, other: Moment) -> bool:
    """Return whether a moment certainly lies after another."""
    if one.at is not None and other.at is not None:
        return one.at > other.at
    return one.on > other.on


def _after(one: Moment, fetched_at: datetime | None) -> bool:
    if fetched_at is None:
        return False
    return one.at > fetched_at if one.at is not None else one.on > fetched_at.date()
