"""Saving an article: a new one, a new revision, or only that it was seen again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, null, select, update

from ingest.model import Article, Candidates, Verdict, VerdictKind
from ingest.store.articles import clusters, fingerprints
from ingest.store.articles.article_rows import revision_values
from ingest.store.articles.candidates import key_or_none
from ingest.store.db.engine import insert_for
from ingest.store.db.keys import url_key
from ingest.store.db.schema import ArticleRow, RevisionRow, table
from ingest.text import minhash
from ingest.text.normalize import body_digest

ARTICLE, REVISION = table(ArticleRow), table(RevisionRow)
SELECT_BY_URL_KEY = select(ARTICLE.c.id).where(ARTICLE.c.url_key == bindparam("key"))
# locked on PostgreSQL until the transaction ends; SQLite has one writer anyway
SELECT_FOR_UPDATE = (
    select(ARTICLE.c.url, ARTICLE.c.revisions, ARTICLE.c.body_digest)
    .where(ARTICLE.c.id == bindparam("article"))
    .with_for_update()
)
UPDATE_ARTICLE = update(ARTICLE).where(
    ARTICLE.c.id == bindparam("article")
)  # the other parameters name the columns to set
# an archived page, older than what is stored, does not show whether the article is still online
TOUCH_ARTICLE = (
    update(ARTICLE)
    .where(ARTICLE.c.id == bindparam("article"), ARTICLE.c.last_seen_at < bindparam("at"))
    .values(last_seen_at=bindparam("at"), removed_at=null())
)
ADD_REVISION = insert(REVISION).inline()
SET_REVISION = update(REVISION).where(REVISION.c.id == bindparam("revision"))
# the body is kept as text for the latest revision only: older ones have it in their blocks
DROP_BODY = (
    update(REVISION)
    .where(REVISION.c.article_id == bindparam("article"), REVISION.c.no == bindparam("latest"))
    .values(body=null(), title_words=null(), body_words=null())
)
LATEST = (
    select(REVISION.c.id, REVISION.c.blocks)
    .join(ARTICLE, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .where(ARTICLE.c.id == bindparam("article"))
)
STRIPPED = ("blocks", "body", "body_words", "body_digest", "words")  # the columns that stripping changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """Saving one article in an open transaction."""

    connection: Connection
    source_id: int
    now: datetime
    run_id: int | None
    note_snapshot: Callable[[], int | None]  # gives the id of the raw page's row, if there is one
    candidates: Candidates | None

    def save(self, article: Article, verdict: Verdict) -> tuple[Verdict, int]:
        """Write what the verdict asks for; see Articles.save."""
        if verdict.kind is VerdictKind.NEW:
            article_id = self._add(article)
            if article_id is not None:
                return verdict, article_id
            stored: int = self.connection.execute(SELECT_BY_URL_KEY, {"key": url_key(article.url)}).scalar_one()
            verdict = Verdict(kind=VerdictKind.REVISION, of=stored, reason="second-look")
        assert verdict.of is not None, "only a new article is of no other"
        if verdict.kind is VerdictKind.REVISION:
            verdict = self._revise(article, verdict)
        if verdict.kind is VerdictKind.UNCHANGED:
            self.connection.execute(TOUCH_ARTICLE, {"article": verdict.of, "at": article.fetched_at})
        assert verdict.of is not None
        return verdict, verdict.of

    def _add(self, article: Article) -> int | None:
        """Write a new article with its first revision; return None when its address is stored already."""
        key, canonical_key = url_key(article.url), key_or_none(article.canonical_url)
        values = revision_values(article)
        shingles = minhash.of_blocks(article.blocks)
        signature = minhash.signature(shingles)
        row = {
            "source_id": self.source_id,
            "url": article.url,
            "url_key": key,
            "canonical_url": article.canonical_url,
            "canonical_key": canonical_key if canonical_key != key else None,
            "revisions": 1,
            "body_digest": values["body_digest"],
            "signature": signature,
            "first_seen_at": article.fetched_at,
            "last_seen_at": article.fetched_at,
            "revised_at": self.now,
        }
        article_id = _add_row(self.connection, row)
        if article_id is None:
            return None
        more = {"article_id": article_id, "no": 1, "run_id": self.run_id, "snapshot_id": self.note_snapshot()}
        self.connection.execute(ADD_REVISION, values | more | {"url": None})
        own = clusters.Placed(
            source_id=self.source_id, url=article.url, signature=signature, cluster_id=None, revised_at=self.now
        )
        clusters.place(self.connection, article_id, own, shingles, self._near_elsewhere(signature))
        return article_id

    def _near_elsewhere(self, signature: bytes) -> tuple[int, ...]:
        if self.candidates is not None and self.candidates.signature == signature:
            return self.candidates.near_elsewhere
        return fingerprints.near(self.connection, signature, self.source_id).others

    def _revise(self, article: Article, verdict: Verdict) -> Verdict:
        """Write a further revision, unless another process has written the same one."""
        connection = self.connection
        stored = connection.execute(SELECT_FOR_UPDATE, {"article": verdict.of}).one()
        if stored.body_digest == body_digest(article.title, article.blocks):
            return Verdict(kind=VerdictKind.UNCHANGED, of=verdict.of, reason=verdict.reason)
        connection.execute(DROP_BODY, {"article": verdict.of, "latest": stored.revisions})
        values = revision_values(article)
        more = {
            "article_id": verdict.of,
            "no": stored.revisions + 1,
            "run_id": self.run_id,
            "snapshot_id": self.note_snapshot(),
            "url": article.url if article.url != stored.url else None,
        }
        connection.execute(ADD_REVISION, values | more)
        changed = {"revisions": stored.revisions + 1, "body_digest": values["body_digest"], "revised_at": self.now}
        connection.execute(UPDATE_ARTICLE, {"article": verdict.of, **changed})
        connection.execute(TOUCH_ARTICLE, {"article": verdict.of, "at": article.fetched_at})
        assert verdict.of is not None
        _compare_again(connection, verdict.of, article)
        return verdict


def _add_row(connection: Connection, row: dict[str, Any]) -> int | None:
    """Write the row of a new article and its bands; None when its address is stored already."""
    if connection.dialect.name == "postgresql":
        values = fingerprints.values_of(row["signature"])
        added: int | None = connection.execute(_adding_with_bands(tuple(row)), row | values).scalar()
        return added
    made: int | None = connection.execute(_adding(connection.dialect.name), row).scalar()
    if made is not None:
        fingerprints.add(connection, made, row["signature"])
    return made


@cache
def _adding(dialect: str) -> Any:
    return insert_for(dialect)(ARTICLE).on_conflict_do_nothing(index_elements=["url_key"]).returning(ARTICLE.c.id)


@cache
def _adding_with_bands(columns: tuple[str, ...]) -> Any:
    """Both in one statement, which PostgreSQL knows and SQLite does not."""
    made = _adding("postgresql").values({column: bindparam(column) for column in columns}).cte("made")
    return select(made.c.id).add_cte(fingerprints.adding_to(made))


def _compare_again(connection: Connection, article_id: int, article: Article) -> None:
    """Give an article the fingerprint and the cluster of its changed text."""
    shingles = minhash.of_blocks(article.blocks)
    fingerprints.replace(connection, article_id, minhash.signature(shingles))
    clusters.place_again(connection, article_id, shingles)


def reread(connection: Connection, article_id: int, article: Article) -> None:
    """Write what extraction makes of the latest revision's raw page today; see Articles.reread."""
    stored = connection.execute(LATEST, {"article": article_id}).one()
    connection.execute(SET_REVISION, {"revision": stored.id, **revision_values(article)})
    key, canonical_key = url_key(article.url), key_or_none(article.canonical_url)
    changed = {
        "body_digest": body_digest(article.title, article.blocks),
        "canonical_url": article.canonical_url,
        "canonical_key": canonical_key if canonical_key != key else None,
    }
    connection.execute(UPDATE_ARTICLE, {"article": article_id, **changed})
    _compare_again(connection, article_id, article)


def restrip(connection: Connection, article_id: int, article: Article) -> bool:
    """Write which blocks are cut into the latest revision; see Articles.restrip."""
    stored = connection.execute(LATEST, {"article": article_id}).one()
    values = {name: value for name, value in revision_values(article).items() if name in STRIPPED}
    if values["blocks"] == stored.blocks:
        return False
    connection.execute(SET_REVISION, {"revision": stored.id, **values})
    connection.execute(UPDATE_ARTICLE, {"article": article_id, "body_digest": values["body_digest"]})
    _compare_again(connection, article_id, article)
    return True
