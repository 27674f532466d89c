"""Which stored articles a new one may be the same as. Whether it is one of them, ingest.identity decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Boolean, Connection, String, bindparam, cast, null, select, union_all

from ingest.model import Article, Candidate, Candidates
from ingest.store.articles import fingerprints
from ingest.store.db.codec import moment_of_columns
from ingest.store.db.keys import key_or_none
from ingest.store.db.schema import ArticleRow, PageRow, RevisionRow, SourceRow, table
from ingest.text import minhash
from ingest.text.normalize import body_digest

SAME_TEXT = 20  # candidates with the very same text; of more, the oldest are enough

ARTICLE, PAGE, REVISION, SOURCE = table(ArticleRow), table(PageRow), table(RevisionRow), table(SourceRow)


_KEYS: BindParameter[str] = bindparam("keys", expanding=True)
_BY_TEXT = (
    select(ARTICLE.c.id, cast(null(), String).label("via"))
    .where(ARTICLE.c.body_digest == bindparam("digest"))
    .order_by(ARTICLE.c.id)
    .limit(SAME_TEXT)
    .subquery()
)
# one query of four parts, each with an index of its own; with `_sharing` it is all of the look-up of most articles
_LEADS = (
    select(ARTICLE.c.id, ARTICLE.c.url_key.label("via")).where(ARTICLE.c.url_key.in_(_KEYS)),
    select(ARTICLE.c.id, ARTICLE.c.canonical_key).where(ARTICLE.c.canonical_key.in_(_KEYS)),
    select(PAGE.c.article_id, PAGE.c.url_key).where(PAGE.c.url_key.in_(_KEYS), PAGE.c.article_id.is_not(None)),
    select(_BY_TEXT.c.id, _BY_TEXT.c.via),
)


@cache
def _look_up(dialect: str, bands: int) -> Any:
    """Return the query for what an article may be; of a text long enough, its near-duplicates too."""
    nothing = (
        cast(null(), ARTICLE.c.signature.type).label("signature"),
        cast(null(), Boolean).label("own"),
    )
    leads = [part.add_columns(*nothing) for part in _LEADS]
    if not bands:
        return union_all(*leads)
    near = fingerprints.sharing(dialect, bands).subquery("near")
    return union_all(*leads, select(near.c.id, cast(null(), String), near.c.signature, near.c.own))


ABOUT = (
    select(
        ARTICLE,
        SOURCE.c.name.label("source"),
        REVISION.c.title,
        REVISION.c.fetched_at,
        REVISION.c.published_at,
        REVISION.c.published_on,
        REVISION.c.published_offset_min,
        REVISION.c.published_precision,
    )
    .join(SOURCE, SOURCE.c.id == ARTICLE.c.source_id)
    .join(REVISION, (REVISION.c.article_id == ARTICLE.c.id) & (REVISION.c.no == ARTICLE.c.revisions))
    .where(ARTICLE.c.id.in_(bindparam("articles", expanding=True)))
    .order_by(ARTICLE.c.id)
)


def candidates(connection: Connection, article: Article, signature: bytes, source_id: int) -> Candidates:
    """Return the articles known by one of its addresses, or with its text, in the order they were stored.

    With its text: of any source word for word, of its own source nearly so; those of others that may have nearly its
    text are only named. `signature`: of the text.
    """
    dialect = connection.dialect.name
    asked = {"keys": tuple(keys_of(article)), "digest": body_digest(article.title, article.blocks)}
    asked |= fingerprints.asked(dialect, signature, source_id) if signature else {}
    rows = connection.execute(_look_up(dialect, len(minhash.bands(signature))), asked).all()
    via: dict[int, set[str]] = {}
    for row in rows:
        if row.signature is None:
            via.setdefault(row.id, set()).update(() if row.via is None else (row.via,))
    near = fingerprints.likest(signature, (row for row in rows if row.signature is not None))
    found = _found(connection, via, fingerprints.shingles_of(connection, near.own))
    return Candidates(found=found, signature=signature, near_elsewhere=near.others)


def _found(
    connection: Connection, via: dict[int, set[str]], near: Mapping[int, frozenset[str]]
) -> tuple[Candidate, ...]:
    for article_id in near:
        via.setdefault(article_id, set())
    if not via:
        return ()
    return tuple(
        Candidate(
            article_id=row.id,
            source=row.source,
            url=row.url,
            url_key=row.url_key,
            canonical_key=row.canonical_key,
            keys=tuple(sorted(via[row.id])),
            body_digest=row.body_digest,
            title=row.title,
            revision=row.revisions,
            revised_at=row.revised_at,
            fetched_at=row.fetched_at,
            published=moment_of_columns(
                row.published_at, row.published_on, row.published_offset_min, row.published_precision
            ),
            shingles=near.get(row.id, frozenset()),
        )
        for row in connection.execute(ABOUT, {"articles": tuple(via)})
    )


def keys_of(article: Article) -> Iterator[str]:
    """Give the URL keys of all addresses the article goes by, each once."""
    given: set[str] = set()
    for url in (article.url, article.asked_url, article.canonical_url, *article.alternate_urls):
        key = key_or_none(url)
        if key is not None and key not in given:
            given.add(key)
            yield key
