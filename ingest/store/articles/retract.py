"""Taking back an article that turned out to be none: its row and texts go, its pages are fetched again later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from ingest.model import OutcomeKind
from ingest.store.articles import fingerprints
from ingest.store.articles.clusters import tidy
from ingest.store.db import counters
from ingest.store.db.schema import ArticleRow, PageRow, table
from ingest.store.values import PageStatus

ARTICLE, PAGE = table(ArticleRow), table(PageRow)
ABOUT = select(ARTICLE.c.source_id, ARTICLE.c.cluster_id).where(ARTICLE.c.id == bindparam("article"))
PAGES = select(PAGE.c.id, PAGE.c.outcome, PAGE.c.run_id).where(PAGE.c.article_id == bindparam("article"))
TAKE_BACK = (
    update(PAGE)
    .where(PAGE.c.article_id == bindparam("article"))
    .values(
        state=PageStatus.QUEUED.value,
        outcome=OutcomeKind.SCREENED.value,
        reason=bindparam("why"),
        ended_at=bindparam("now"),
        not_before=bindparam("retry_at"),
        attempts=1,
        rank=1,
        recheck_at=None,
        etag=None,
        last_modified=None,
        alias_of=None,
        article_id=None,
    )
)


def retract(
    connection: Connection,
    article_id: int,
    reason: str,
    now: datetime,
    run_id: int,
    retry_at: datetime,
    counted: Mapping[str, int],
) -> dict[str, int]:
    """Delete the article and queue its pages; return how many of this run's outcomes of each kind became screened.

    `counted`: what the article had added to the source's counters, if it was stored in this run.
    """
    about = connection.execute(ABOUT, {"article": article_id}).one()
    ended: dict[str, int] = {}
    for page in connection.execute(PAGES, {"article": article_id}):
        if page.run_id == run_id and page.outcome is not None:
            ended[page.outcome] = ended.get(page.outcome, 0) + 1
    given: dict[str, Any] = {"article": article_id, "why": reason, "now": now, "retry_at": retry_at}
    connection.execute(TAKE_BACK, given)
    fingerprints.forget(connection, ARTICLE.c.id == article_id)
    connection.execute(delete(ARTICLE).where(ARTICLE.c.id == article_id))  # revisions and block uses with it
    if about.cluster_id is not None:
        tidy(connection, (about.cluster_id,))
    changes = {kind: -pages for kind, pages in ended.items()}
    changes["screened"] = changes.get("screened", 0) + sum(ended.values())
    less = {name: -count for name, count in counted.items()} if ended.get(OutcomeKind.STORED.value) else {}
    counters.add(connection, run_id, about.source_id, **changes, **less)
    return ended
