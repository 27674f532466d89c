"""Which stored articles a new one may be the same as. Whether it is one of them, ingest.identity decides."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BindParameter, Connection, String, bindparam, null, select, type_coerce, union_all

from ingest.errors import UrlError
from ingest.model import Article, Candidate
from ingest.store.articles import fingerprints
from ingest.store.db.codec import moment_of_columns
from ingest.store.db.keys import url_key
from ingest.store.db.schema import ArticleRow, PageRow, RevisionRow, SourceRow, table
from ingest.text.normalize import body_digest

SAME_TEXT = 20  # candidates with the very same text; of more, the oldest are enough

ARTICLE, PAGE, REVISION, SOURCE = table(ArticleRow), table(PageRow), table(RevisionRow), table(SourceRow)


_KEYS: BindParameter[str] = bindparam("keys", expanding=True)
_BY_TEXT = (
    select(ARTICLE.c.id, type_coerce(null(), String).label("via"))
    .where(ARTICLE.c.body_digest == bindparam("digest"))
    .order_by(ARTICLE.c.id)
    .limit(SAME_TEXT)
    .subquery()
)
# one query of four parts, each with an index of its own
LEADS = union_all(
    select(ARTICLE.c.id, ARTICLE.c.url_key.label("via")).where(ARTICLE.c.url_key.in_(_KEYS)),
    select(ARTICLE.c.id, ARTICLE.c.canonical_key).where(ARTICLE.c.canonical_key.in_(_KEYS)),
    select(PAGE.c.article_id, PAGE.c.url_key).where(PAGE.c.url_key.in_(_KEYS), PAGE.c.article_id.is_not(None)),
    select(_BY_TEXT.c.id, _BY_TEXT.c.via),
)
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


def candidates(connection: Connection, article: Article, near_ids: tuple[int, ...]) -> tuple[Candidate, ...]:
    """Return the articles known by one of its addresses, or with its text, in the order they were stored.

    With its text: of any source word for word, of its own source nearly so. `near_ids`: those that may have that.
    """
    asked = {"keys": tuple(_keys(article)), "digest": body_digest(article.title, article.blocks)}
    via: dict[int, set[str]] = {}
    for article_id, key in connection.execute(LEADS, asked):
        via.setdefault(article_id, set()).update(() if key is None else (key,))
    near = fingerprints.shingles_of(connection, near_ids)
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


def key_or_none(url: str | None) -> str | None:
    """Return the URL key, None for no URL and for one that cannot be read: sites write anything into their pages."""
    try:
        return None if url is None else url_key(url)
    except UrlError:
        return None


def _keys(article: Article) -> Iterator[str]:
    """Give the URL keys of all addresses the article goes by, each once."""
    given: set[str] = set()
    for url in (article.url, article.asked_url, article.canonical_url, *article.alternate_urls):
        key = key_or_none(url)
        if key is not None and key not in given:
            given.add(key)
            yield key
