"""What seeds say about pages that are known: that they were modified since they last said so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select, update

from ingest.model import Link, Moment
from ingest.store.db.codec import link_of, moment_form, moment_of
from ingest.store.db.keys import url_key
from ingest.store.db.schema import PageRow, table
from ingest.store.maintenance.forget import REASON as FORGOTTEN
from ingest.store.pages.frontier import chunks
from ingest.store.values import PageStatus

PAGE = table(PageRow)
SAID = select(
    PAGE.c.id, PAGE.c.url_key, PAGE.c.url, PAGE.c.hint, PAGE.c.lastmod, PAGE.c.article_id, PAGE.c.fetched_at
).where(PAGE.c.url_key.in_(bindparam("keys", expanding=True)), func.coalesce(PAGE.c.reason, "") != FORGOTTEN)
REMEMBER = update(PAGE).where(PAGE.c.id == bindparam("row")).values(lastmod=bindparam("new_lastmod"))
DUE = (
    update(PAGE)
    .where(
        PAGE.c.id.in_(bindparam("rows", expanding=True)),
        PAGE.c.state == PageStatus.DONE.value,
        or_(PAGE.c.recheck_at.is_(None), PAGE.c.recheck_at > bindparam("now")),
    )
    .values(recheck_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Of pages that are articles: how many the links name, and which of them are said to be modified (row ids)."""

    known: int
    changed: tuple[int, ...]


def changes(connection: Connection, links: Iterable[Link]) -> Changes:
    """Compare what links say with what was said before, and remember it.

    The hint stays what it was when the page was fetched, or extracting it again would come to other claims.
    """
    said = {url_key(link.url): link for link in links if link.modified is not None}
    known = 0
    changed: list[int] = []
    news = []
    for keys in chunks(tuple(said)):
        for row in connection.execute(SAID, {"keys": keys}):
            link = said[row.url_key]
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
        connection.execute(REMEMBER, news)
    return Changes(known=known, changed=tuple(changed))


def due(connection: Connection, rows: Sequence[int], now: datetime) -> None:
    """Have pages looked at again at once."""
    for some in chunks(rows):
        connection.execute(DUE, {"rows": some, "now": now})


def later(one: Moment, other: Moment) -> bool:
    """Tell whether a moment lies after another for sure."""
    if one.at is not None and other.at is not None:
        return one.at > other.at
    return one.on > other.on


def _after(one: Moment, fetched_at: datetime | None) -> bool:
    if fetched_at is None:
        return False
    return one.at > fetched_at if one.at is not None else one.on > fetched_at.date()
