"""One article as a flat record: the exported columns and their documentation.

The columns are a public interface: columns are added, never renamed.
"""

from __future__ import annotations

from typing import Any

from ingest.model import Image
from ingest.store import StoredArticle
from ingest.text.normalize import body_words

COLUMNS: dict[str, str] = {
    "id": "number of the article in its database",
    "source": "name of the source",
    "url": "address it was read from, after redirects, without tracking parameters",
    "canonical_url": "address the site itself calls the right one, after checks; else the same as url",
    "title": "headline, without the site name",
    "body": "text without boilerplate, one block a line",
    "published": "ISO 8601: with offset if the zone is known, without if not, a date if only the day is known",
    "modified": "the same for the last change that the page states",
    "authors": "list of names as printed on the page",
    "language": "two or three letter code",
    "site_name": "what the site calls itself",
    "section": "rubric",
    "tags": "list of keywords",
    "description": "summary the page gives for search engines and cards",
    "image": "URL of the lead image",
    "paywalled": "true, false, or null when the page does not say",
    "first_seen": "when it was first stored, UTC",
    "fetched": "when this revision was fetched, UTC",
    "revision": "number of the revision, from 1",
    "words": "words in body; where words are not parted, characters",
    "cluster": "number shared by the copies of one text on several sites; null for a text seen once",
    "duplicate_of": "id of the copy that was published first, as far as the copies say; null for that one itself",
    "images": "list of the pictures: url, alt, caption, credit, null where not stated; the lead image first",
}


def row(stored: StoredArticle) -> dict[str, Any]:
    """Return the record of an article's latest revision, keys in the order of COLUMNS, values as JSON has them."""
    article = stored.article
    body = article.body
    return {
        "id": stored.article_id,
        "source": article.source,
        "url": article.url,
        "canonical_url": article.canonical_url or article.url,
        "title": article.title,
        "body": body,
        "published": article.published.iso() if article.published else None,
        "modified": article.modified.iso() if article.modified else None,
        "authors": list(article.authors),
        "language": article.language,
        "site_name": article.site_name,
        "section": article.section,
        "tags": list(article.tags),
        "description": article.description,
        "image": article.image.url if article.image else None,
        "paywalled": article.paywalled,
        "first_seen": stored.first_seen_at.isoformat(),
        "fetched": article.fetched_at.isoformat(),
        "revision": stored.revision,
        "words": body_words(article.title, article.blocks) if stored.words is None else stored.words,
        "cluster": stored.cluster_id,
        "duplicate_of": _copied_from(stored),
        "images": [_picture(image) for image in article.images],
    }


def _picture(image: Image) -> dict[str, str | None]:
    return {"url": image.url, "alt": image.alt, "caption": image.caption, "credit": image.credit}


def _copied_from(stored: StoredArticle) -> int | None:
    return stored.earliest_article_id if stored.earliest_article_id != stored.article_id else None
