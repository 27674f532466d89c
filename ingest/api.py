"""One HTML page in, one typed article out: `from ingest import extract`.

Loads neither Scrapy nor a database; the parser and the models load at the first call (about 0.3 s).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date, datetime

    from ingest.model import Article, Block, Learned, Moment, Page, Source

# the address of a page that came without one; with a path, as the dates on a home page are not believed
UNKNOWN_URL = "http://localhost/page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """The article of one page.

    `published` and `modified` are never more exact than the page: an aware datetime when the zone is known, a naive
    one when only the clock is, a date for a bare day. `blocks` holds every block in reading order; those that are not
    part of `text` have a `cut` with who cut them and why. `refusal` is the reason why a crawl would not store the page
    ("listing", "too-short" ...), None for an article. `article` holds everything else, the claims included.
    """

    url: str
    canonical_url: str | None
    title: str | None
    authors: tuple[str, ...]
    published: datetime | date | None
    modified: datetime | date | None
    text: str
    blocks: tuple[Block, ...]
    language: str | None
    description: str | None
    site_name: str | None
    section: str | None
    tags: tuple[str, ...]
    image: str | None
    paywalled: bool | None
    refusal: str | None
    article: Article

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON can hold them, without `blocks` and `article`; times as ISO 8601."""
        return {
            "url": self.url,
            "canonical_url": self.canonical_url,
            "title": self.title,
            "authors": list(self.authors),
            "published": self.article.published.iso() if self.article.published else None,
            "modified": self.article.modified.iso() if self.article.modified else None,
            "text": self.text,
            "language": self.language,
            "description": self.description,
            "site_name": self.site_name,
            "section": self.section,
            "tags": list(self.tags),
            "image": self.image,
            "paywalled": self.paywalled,
            "refusal": self.refusal,
        }


def extract(
    html: str | bytes,
    *,
    url: str = "",
    source: Source | None = None,
    learned: Learned | None = None,
    fetched_at: datetime | None = None,
    min_words: int = 0,
) -> Extracted:
    """Return title, authors, dates, text and blocks of one HTML page; nothing is fetched or stored.

    `html`: bytes are decoded as a browser does; a str is taken as it is. `url`: the page's address, needed for relative
    links and dates in addresses. `source`: a source whose rules apply; `learned`: its known boilerplate. `fetched_at`:
    an aware datetime, by default now. Raises TypeError for other input; a page without text gives an empty `text`.

    >>> extract("<html><body><article><h1>Rain</h1><p>It rained.</p></article></body></html>").title
    'Rain'
    """
    from ingest.steps import read

    reading = read(page_of(html, url, source, fetched_at), source=source, learned=learned, min_words=min_words)
    return _extracted(reading.article, reading.refusal)


def page_of(html: str | bytes, url: str, source: Source | None, fetched_at: datetime | None) -> Page:
    """Return the bytes as a page that was fetched from `url`. Raises TypeError for other input, UrlError for `url`."""
    from datetime import UTC, datetime

    from ingest.model import Page as FetchedPage
    from ingest.web.urls import normalise

    if not isinstance(html, str | bytes):
        raise TypeError(f"extract takes a str or bytes of HTML, not {type(html).__name__}")
    if url:
        normalise(url)
    body = html if isinstance(html, bytes) else html.encode("utf-8", "replace")
    # what is text already is UTF-8 now, whatever its meta element says
    headers = () if isinstance(html, bytes) else (("Content-Type", "text/html; charset=utf-8"),)
    return FetchedPage(
        url=url or UNKNOWN_URL,
        final_url=url or UNKNOWN_URL,
        source=source.name if source else "",
        status=200,
        headers=headers,
        body=body,
        fetched_at=fetched_at or datetime.now(UTC),
    )


def _extracted(article: Article, refusal: str | None) -> Extracted:
    return Extracted(
        url=article.url if article.url != UNKNOWN_URL else "",
        canonical_url=article.canonical_url,
        title=article.title,
        authors=article.authors,
        published=_moment(article.published),
        modified=_moment(article.modified),
        text=article.body,
        blocks=article.blocks,
        language=article.language,
        description=article.description,
        site_name=article.site_name,
        section=article.section,
        tags=article.tags,
        image=article.image.url if article.image else None,
        paywalled=article.paywalled,
        refusal=refusal,
        article=article,
    )


def _moment(moment: Moment | None) -> datetime | date | None:
    """Return the moment as Python's own type for its precision."""
    from datetime import datetime

    if moment is None:
        return None
    return moment.on if moment.at is None else datetime.fromisoformat(moment.iso())
