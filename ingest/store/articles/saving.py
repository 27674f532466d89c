"""Saving an article: a new one, a new revision, or only that it was seen again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, null, select, update

from ingest.model import Article, Candidates, Verdict, VerdictKind
from ingest.store.articles import adding, clusters, fingerprints
from ingest.store.articles.article_rows import revision_values
from ingest.store.db.keys import key_or_none, url_key
from ingest.store.db.schema import ArticleRow, RevisionRow, table
from ingest.text import minhash
from ingest.text.normalize import body_digest

ARTICLE, REVISION = table(ArticleRow), table(RevisionRow)
SELECT_BY_URL_KEY = select(ARTICLE.c.id).where(ARTICLE.c.url_key == bindparam("key"))
# locked on PostgreSQL until the transaction ends; SQLite has one writer anyway
SELECT_FOR_UPDATE = (
    select(ARTICLE.c.url, ARTICLE.c.revisions, ARTICLE.c.body_digest, ARTICLE.c.first_seen_at)
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
SET_REVISION = update(REVISION).where(REVISION.c.id == bindparam("revision"))
# the body is kept as text for the latest revision only: older ones have it in their blocks
DROP_BODY = (
    update(REVISION)
    .where(REVISION.c.article_id == bindparam("article"), REVISION.c.no == bindparam("latest"))
    .values(body=null(), title_words=null(), body_words=null())
)
LATEST = (
    select(REVISION.c.id, REVISION.c.blocks, ARTICLE.c.first_seen_at)
    .join(ARTICLE, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .where(ARTICLE.c.id == bindparam("article"))
)
LATEST_OF = (
    select(ARTICLE.c.id.label("article"), ARTICLE.c.signature, REVISION.c.id, REVISION.c.blocks)
    .join(REVISION, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .where(ARTICLE.c.id.in_(bindparam("articles", expanding=True)))
)
RESTATED = ("authors", "tags", "image", "images", "claims")  # what all of a source's articles say about one
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
        signature = minhash.signature(minhash.of_blocks(article.blocks))
        new = adding.rows_of(article, self.source_id, self.run_id, self.now, self._near_elsewhere(signature))
        new.revision["snapshot_id"] = self.note_snapshot()
        (article_id,) = adding.add(self.connection, [new])
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
        connection.execute(adding.ADD_REVISION, values | more)
        changed = {
            "revisions": stored.revisions + 1,
            "body_digest": values["body_digest"],
            "revised_at": self.now,
            "dated_at": adding.dated_at(article.published, stored.first_seen_at),
        }
        connection.execute(UPDATE_ARTICLE, {"article": verdict.of, **changed})
        connection.execute(TOUCH_ARTICLE, {"article": verdict.of, "at": article.fetched_at})
        assert verdict.of is not None
        _compare_again(connection, verdict.of, article)
        return verdict


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
        "dated_at": adding.dated_at(article.published, stored.first_seen_at),
    }
    connection.execute(UPDATE_ARTICLE, {"article": article_id, **changed})
    _compare_again(connection, article_id, article)


def restrip(connection: Connection, articles: Mapping[int, Article]) -> tuple[int, ...]:
    """Write which blocks are cut into the latest revisions, given by article; see Articles.restrip."""
    stored = {row.article: row for row in connection.execute(LATEST_OF, {"articles": tuple(articles)})}
    revisions, changed, signatures = [], [], {}
    for article_id, article in articles.items():
        values = {name: value for name, value in revision_values(article).items() if name in STRIPPED}
        if values["blocks"] != stored[article_id].blocks:
            revisions.append({"revision": stored[article_id].id, **values})
            signature = minhash.signature(minhash.of_blocks(article.blocks))
            changed.append({"article": article_id, "body_digest": values["body_digest"], "signature": signature})
            if signature != stored[article_id].signature:
                signatures[article_id] = stored[article_id].signature, signature
    if not changed:
        return ()
    connection.execute(SET_REVISION, revisions)
    connection.execute(UPDATE_ARTICLE, changed)
    fingerprints.replace_all(connection, signatures)
    for row in changed:
        clusters.place_again(connection, row["article"], minhash.of_blocks(articles[row["article"]].blocks))
    return tuple(row["article"] for row in changed)


def restate(connection: Connection, articles: Mapping[int, Article]) -> None:
    """Write authors, tags and pictures into the latest revisions, given by article; see Articles.restate."""
    stored = connection.execute(LATEST_OF, {"articles": tuple(articles)})
    revisions = [
        {"revision": row.id, **{f: v for f, v in revision_values(articles[row.article]).items() if f in RESTATED}}
        for row in stored
    ]
    if revisions:
        connection.execute(SET_REVISION, revisions)
