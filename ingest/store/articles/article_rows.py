"""Articles as rows, and rows as articles: the columns of one revision and what is made of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from ingest.model import Article, RecordLocation, Validators
from ingest.store.db.codec import (
    blocks_form,
    blocks_of,
    claims_form,
    claims_of,
    image_form,
    image_of,
    moment_columns,
    moment_of_columns,
    parts_form,
    parts_of,
)
from ingest.store.db.schema import ArticleRow, ClusterRow, RevisionRow, SnapshotRow, SourceRow
from ingest.store.values import Revision, StoredArticle
from ingest.text.normalize import body_digest, body_words
from ingest.text.search_terms import index_form

# asked for one row of a batch at a time, by its key; most articles are in no cluster
_EARLIEST = (
    select(ClusterRow.earliest_article_id)
    .where(ClusterRow.id == ArticleRow.cluster_id)
    .scalar_subquery()
    .label("earliest_article_id")
)


def revision_values(article: Article) -> dict[str, Any]:
    """Return the columns of a revision that come from the article itself."""
    return {
        "fetched_at": article.fetched_at,
        "title": article.title,
        "description": article.description,
        "authors": list(article.authors),
        **moment_columns("published", article.published),
        **moment_columns("modified", article.modified),
        "language": article.language,
        "site_name": article.site_name,
        "section": article.section,
        "tags": list(article.tags),
        "image": image_form(article.image),
        "images": [image_form(image) for image in article.images] or None,
        "paywalled": article.paywalled,
        "words": body_words(article.title, article.blocks),
        "body": article.body,
        "title_words": index_form(article.title),
        "body_words": index_form(article.body),
        "body_digest": body_digest(article.title, article.blocks),
        "blocks": blocks_form(article.blocks),
        "claims": claims_form(article.claims),
        "alternate_urls": list(article.alternate_urls),
        "parts": parts_form(article.parts),
    }


def article_columns() -> list[Any]:
    """Return what `stored_of` and `revision_of` read; article joined with revision, source and, outer, snapshot."""
    return [
        ArticleRow.id.label("article_id"),
        ArticleRow.url.label("article_url"),
        ArticleRow.canonical_url,
        ArticleRow.first_seen_at,
        ArticleRow.last_seen_at,
        ArticleRow.revised_at,
        ArticleRow.removed_at,
        ArticleRow.cluster_id,
        _EARLIEST,
        SourceRow.name.label("source"),
        RevisionRow.id.label("revision_id"),
        *(
            column
            for column in RevisionRow.__table__.columns
            if column.name not in ("id", "article_id", "snapshot_id", "body", "title_words", "body_words")
        ),
        SnapshotRow.file,
        SnapshotRow.offset,
        SnapshotRow.length,
        SnapshotRow.digest,
    ]


def stored_of(row: Row[*tuple[Any, ...]]) -> StoredArticle:
    """Read an article with its latest revision."""
    return StoredArticle(
        article_id=row.article_id,
        revision_id=row.revision_id,
        revision=row.no,
        article=_article_of(row),
        body_digest=row.body_digest,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        revised_at=row.revised_at,
        removed_at=row.removed_at,
        cluster_id=row.cluster_id,
        earliest_article_id=row.earliest_article_id,
        words=row.words,
    )


def revision_of(row: Row[*tuple[Any, ...]]) -> Revision:
    """Read one version."""
    return Revision(
        revision_id=row.revision_id,
        article_id=row.article_id,
        no=row.no,
        run_id=row.run_id,
        article=_article_of(row),
        body_digest=row.body_digest,
    )


def _article_of(row: Row[*tuple[Any, ...]]) -> Article:
    return Article(
        source=row.source,
        url=row.url or row.article_url,
        fetched_at=row.fetched_at,
        validators=Validators(),
        title=row.title,
        blocks=blocks_of(row.blocks),
        canonical_url=row.canonical_url,
        alternate_urls=tuple(row.alternate_urls),
        description=row.description,
        authors=tuple(row.authors),
        published=moment_of_columns(
            row.published_at, row.published_on, row.published_offset_min, row.published_precision
        ),
        modified=moment_of_columns(row.modified_at, row.modified_on, row.modified_offset_min, row.modified_precision),
        language=row.language,
        site_name=row.site_name,
        section=row.section,
        tags=tuple(row.tags),
        image=image_of(row.image),
        images=tuple(image for form in row.images or () if (image := image_of(form))),
        paywalled=row.paywalled,
        claims=claims_of(row.claims),
        place=None
        if row.file is None
        else RecordLocation(file=row.file, offset=row.offset, length=row.length, digest=row.digest),
        parts=parts_of(row.parts),
    )
