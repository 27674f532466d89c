"""One article as a flat record: the exported columns and their documentation.

The columns are a public interface: columns are added, never renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from ingest.export.chunks import CHUNK_COLUMNS, chunks_of
from ingest.export.edition import Edition
from ingest.model import Article, Image, Moment, Precision
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
    "published_at": "published as an instant, UTC; null where only the day or a clock of unknown zone is known",
    "published_on": "published as a calendar day, where it was published",
    "published_precision": "instant, wall (a clock of unknown zone) or day",
    "modified_at": "the same for modified",
    "modified_on": "the same for modified",
    "modified_precision": "the same for modified",
}


def row(stored: StoredArticle) -> dict[str, Any]:
    """Return the record of an article's latest revision, keys in the order of COLUMNS, values as JSON has them."""
    kept = {
        "id": stored.article_id,
        "first_seen": stored.first_seen_at.isoformat(),
        "revision": stored.revision,
        "cluster": stored.cluster_id,
        "duplicate_of": _copied_from(stored),
    }
    read = record(stored.article, stored.words)
    return {name: kept[name] if name in kept else read[name] for name in COLUMNS}


def record(article: Article, words: int | None = None) -> dict[str, Any]:
    """Return what a record says of an article that is in no database; `words` where they are counted already."""
    return {
        "source": article.source,
        "url": article.url,
        "canonical_url": article.canonical_url or article.url,
        "title": article.title,
        "body": article.body,
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
        "fetched": article.fetched_at.isoformat(),
        "words": body_words(article.title, article.blocks) if words is None else words,
        "images": [_picture(image) for image in article.images],
        **_times("published", article.published),
        **_times("modified", article.modified),
    }


def _picture(image: Image) -> dict[str, str | None]:
    return {"url": image.url, "alt": image.alt, "caption": image.caption, "credit": image.credit}


def _times(name: str, moment: Moment | None) -> dict[str, str | None]:
    """Return a moment as an instant and a day that tools read as such; nothing is more exact than the page says."""
    instant = moment.at if moment is not None and moment.precision is Precision.INSTANT else None
    return {
        f"{name}_at": None if instant is None else f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"{name}_on": None if moment is None else moment.on.isoformat(),
        f"{name}_precision": None if moment is None else moment.precision.value,
    }


KINDS = {
    "number": ("id", "revision", "words", "cluster", "duplicate_of", "chunk", "chunks", "start"),
    "flag": ("paywalled",),
    "list": ("authors", "tags"),
    "pictures": ("images",),
    "instant": ("first_seen", "fetched", "published_at", "modified_at"),
    "day": ("published_on", "modified_on"),
}
_KIND = {name: kind for kind, names in KINDS.items() for name in names}


def kind_of(name: str) -> str:
    """Return what a column holds: number, flag, list, instant, day or text."""
    return _KIND.get(name, "text")


def columns_of(edition: Edition) -> dict[str, str]:
    """Return the columns of an export with what they mean."""
    return CHUNK_COLUMNS if edition.chunk_words else COLUMNS


def records(articles: Iterable[StoredArticle], edition: Edition) -> Iterator[dict[str, Any]]:
    """Give the record of each article, or those of its chunks."""
    for stored in articles:
        record = row(stored)
        if not edition.chunk_words:
            yield record
            continue
        chunks = chunks_of(stored.article.kept, edition.chunk_words)
        for number, (start, text, count) in enumerate(chunks, start=1):
            place = {"chunk": number, "chunks": len(chunks), "start": start, "text": text, "words": count}
            yield {name: place[name] if name in place else record[name] for name in CHUNK_COLUMNS}


def typed_records(articles: Iterable[StoredArticle], edition: Edition) -> Iterator[dict[str, Any]]:
    """Give the same with instants as aware datetimes and days as dates."""
    instants = [name for name in columns_of(edition) if kind_of(name) == "instant"]
    days = [name for name in columns_of(edition) if kind_of(name) == "day"]
    for record in records(articles, edition):
        for name in instants:
            record[name] = record[name] and datetime.fromisoformat(record[name])
        for name in days:
            record[name] = record[name] and date.fromisoformat(record[name])
        yield record


def _copied_from(stored: StoredArticle) -> int | None:
    return stored.earliest_article_id if stored.earliest_article_id != stored.article_id else None
