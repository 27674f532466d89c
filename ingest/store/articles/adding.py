"""Adding new articles, several with one statement a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from typing import Any

from sqlalchemy import Connection, insert

from ingest.model import Article, Moment
from ingest.store.articles import clusters, fingerprints
from ingest.store.articles.article_rows import revision_values
from ingest.store.articles.clusters import Placed
from ingest.store.db.engine import insert_for
from ingest.store.db.keys import key_or_none, url_key
from ingest.store.db.schema import ArticleRow, RevisionRow, table
from ingest.text import minhash

ARTICLE, REVISION = table(ArticleRow), table(RevisionRow)
ADD_REVISION = insert(REVISION).inline()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArticle:
    """A new article as rows, all but the ids that are made when it is written."""

    row: dict[str, Any]  # of article
    revision: dict[str, Any]
    shingles: frozenset[str]
    near_elsewhere: tuple[int, ...]  # ids of articles of other sources that may have its text, the likest first

    @property
    def signature(self) -> bytes:
        """MinHash of its text."""
        signature: bytes = self.row["signature"]
        return signature


def rows_of(
    article: Article, source_id: int, run_id: int | None, now: datetime, near_elsewhere: tuple[int, ...]
) -> NewArticle:
    """Return a new article as rows; the snapshot of its revision is still to be set."""
    key, canonical_key = url_key(article.url), key_or_none(article.canonical_url)
    revision = revision_values(article)
    shingles = minhash.of_blocks(article.blocks)
    row = {
        "source_id": source_id,
        "url": article.url,
        "url_key": key,
        "canonical_url": article.canonical_url,
        "canonical_key": canonical_key if canonical_key != key else None,
        "revisions": 1,
        "body_digest": revision["body_digest"],
        "signature": minhash.signature(shingles),
        "first_seen_at": article.fetched_at,
        "last_seen_at": article.fetched_at,
        "revised_at": now,
        "dated_at": dated_at(article.published, article.fetched_at),
    }
    revision |= {"no": 1, "run_id": run_id, "snapshot_id": None, "url": None}
    return NewArticle(row=row, revision=revision, shingles=shingles, near_elsewhere=near_elsewhere)


def dated_at(published: Moment | None, first_seen_at: datetime) -> datetime:
    """Return when an article was published as far as it says so, else when it was first seen; to sort by."""
    if published is None:
        return first_seen_at
    return published.at or datetime.combine(published.on, time(), UTC)


def add(connection: Connection, articles: Sequence[NewArticle]) -> tuple[int | None, ...]:
    """Write articles with their first revisions; return their ids, None for one whose address is stored already."""
    made = connection.execute(_adding(connection.dialect.name), [article.row for article in articles]).all()
    ids = {row.url_key: row.id for row in made}
    added = [(ids[one.row["url_key"]], one) for one in articles if one.row["url_key"] in ids]
    if added:
        fingerprints.add(connection, [(number, one.signature) for number, one in added])
        connection.execute(ADD_REVISION, [{**one.revision, "article_id": number} for number, one in added])
    for number, one in added:
        if one.near_elsewhere:
            own = Placed(
                source_id=one.row["source_id"],
                url=one.row["url"],
                signature=one.signature,
                cluster_id=None,
                revised_at=one.row["revised_at"],
            )
            clusters.place(connection, number, own, one.shingles, one.near_elsewhere)
    return tuple(ids.get(one.row["url_key"]) for one in articles)


@cache
def _adding(dialect: str) -> Any:
    row = insert_for(dialect)(ARTICLE).on_conflict_do_nothing(index_elements=["url_key"])
    return row.returning(ARTICLE.c.id, ARTICLE.c.url_key)
