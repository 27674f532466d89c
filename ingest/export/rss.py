"""RSS 2.0 with the modules that readers know: content, dc, dcterms, media.

Holds url, title, body (as HTML), authors, tags, section, description, image, language, source, site name, id; of times
instants, and days as dc:date. RSS has no form for a clock time of an unknown zone: its day is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import format_datetime
from typing import IO, Any

from lxml import etree

from ingest.export.edition import Edition
from ingest.export.markup import html_of, xml_text
from ingest.model import Moment, Precision
from ingest.store import StoredArticle
from ingest.version import __version__

SPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
}


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write the feed and return how many articles it has."""
    count = 0
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element("rss", {"version": "2.0"}, nsmap=SPACES), file.element("channel"):
            head = (
                ("title", edition.title),
                ("link", edition.link),
                ("description", f"Articles kept by ingest: {edition.title}"),
                ("lastBuildDate", format_datetime(edition.made_at, usegmt=True)),
                ("generator", f"ingest {__version__}"),
            )
            for name, value in head:
                file.write(_element(name, value))
            for stored in articles:
                file.write(item(stored))
                count += 1
    return count


def item(stored: StoredArticle) -> Any:
    """Return one article as an element."""
    article = stored.article
    made = etree.Element("item", nsmap=SPACES)
    made.append(_element("title", article.title or article.url))
    made.append(_element("link", article.url))
    made.append(_element("guid", article.url, isPermaLink="true"))
    if article.description:
        made.append(_element("description", article.description))
    made.append(_element("content:encoded", html_of(article.kept)))
    if article.published is not None:
        if article.published.precision is Precision.INSTANT:
            assert article.published.at is not None
            made.append(_element("pubDate", format_datetime(article.published.at, usegmt=True)))
        made.append(_element("dc:date", dated(article.published)))
    if article.modified is not None:
        made.append(_element("dcterms:modified", dated(article.modified)))
    made.extend(_element("dc:creator", author) for author in article.authors)
    made.extend(_element("category", tag) for tag in article.tags)
    if article.section:
        made.append(_element("category", article.section, domain="section"))
    if article.language:
        made.append(_element("dc:language", article.language))
    if article.site_name:
        made.append(_element("dc:publisher", article.site_name))
    made.append(_element("dc:identifier", str(stored.article_id)))
    made.append(_element("dc:source", article.source))
    if article.image is not None:
        made.append(_element("media:content", None, url=article.image.url, medium="image"))
    return made


def dated(moment: Moment) -> str:
    """Return a date of W3CDTF: an instant, else the day."""
    return moment.iso() if moment.precision is Precision.INSTANT else moment.on.isoformat()


def _element(name: str, text: str | None, **attributes: str) -> Any:
    space, _, local = name.rpartition(":")
    made = etree.Element(f"{{{SPACES[space]}}}{local}" if space else local)
    for key, value in attributes.items():
        made.set(key, xml_text(value))
    made.text = None if text is None else xml_text(text)
    return made
