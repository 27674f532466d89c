"""Atom 1.0 (RFC 4287).

Holds url, canonical url, title, body (as HTML), authors, tags, section, description, image, language, source, site
name; instants, other times as dc:date. `updated`, which Atom requires, is the latest known instant: of the last
change, of publication, else of fetching.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import IO, Any
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

from ingest.export.edition import Edition
from ingest.export.markup import html_of, xml_text
from ingest.export.rss import dated
from ingest.model import Article, Precision
from ingest.store import StoredArticle
from ingest.version import __version__

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
SPACES: dict[Any, str] = {None: ATOM, "dc": DC}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SECTION = "section"  # label of the category that is the section


def write(articles: Iterable[StoredArticle], out: IO[bytes], edition: Edition) -> int:
    """Write the feed and return how many articles it has."""
    count = 0
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(f"{{{ATOM}}}feed", nsmap=SPACES):
            identity = uuid5(NAMESPACE_URL, f"{edition.link} {edition.title}")
            file.write(_element("id", f"urn:uuid:{identity}"))
            file.write(_element("title", edition.title))
            file.write(_element("updated", edition.made_at.isoformat()))
            file.write(_element("generator", "ingest", version=__version__))
            author = _element("author")  # for articles without one: Atom requires an author
            author.append(_element("name", edition.title))
            file.write(author)
            file.write(_element("link", rel="related", href=edition.link))
            for stored in articles:
                file.write(entry(stored))
                count += 1
    return count


def entry(stored: StoredArticle) -> Any:
    """Return one article as an element."""
    article = stored.article
    made = etree.Element(f"{{{ATOM}}}entry", nsmap=SPACES)
    if article.language:
        made.set(LANG, xml_text(article.language))
    made.append(_element("id", article.url))
    made.append(_element("title", article.title or article.url))
    made.append(_element("link", rel="alternate", type="text/html", href=article.url))
    if article.canonical_url and article.canonical_url != article.url:
        made.append(_element("link", rel="canonical", href=article.canonical_url))
    if article.image is not None:
        made.append(_element("link", rel="enclosure", type="image/*", href=article.image.url))
    _add_times(made, article)
    for name in article.authors:
        author = _element("author")
        author.append(_element("name", name))
        made.append(author)
    made.extend(_element("category", term=tag) for tag in article.tags)
    if article.section:
        made.append(_element("category", term=article.section, label=SECTION))
    if article.description:
        made.append(_element("summary", article.description))
    made.append(_element("content", html_of(article.kept), type="html"))
    if article.site_name:
        made.append(_dc("publisher", article.site_name))
    made.append(_dc("source", article.source))
    made.append(_dc("identifier", str(stored.article_id)))
    return made


def _add_times(made: Any, article: Article) -> None:
    instants: list[datetime] = [article.fetched_at]
    for name, moment in (("published", article.published), ("modified", article.modified)):
        if moment is None:
            continue
        if moment.precision is not Precision.INSTANT:
            made.append(_dc("date", dated(moment)))
            continue
        assert moment.at is not None
        instants.insert(0, moment.at)
        if name == "published":
            made.append(_element("published", moment.iso()))
    known = article.modified if len(instants) > 1 and article.modified and article.modified.at == instants[0] else None
    made.append(_element("updated", known.iso() if known else instants[0].isoformat()))


def _dc(name: str, text: str) -> Any:
    made = etree.Element(f"{{{DC}}}{name}", nsmap=SPACES)
    made.text = xml_text(text)
    return made


def _element(name: str, text: str | None = None, **attributes: str) -> Any:
    made = etree.Element(f"{{{ATOM}}}{name}", nsmap=SPACES)
    for key, value in attributes.items():
        made.set(key, xml_text(value))
    made.text = None if text is None else xml_text(text)
    return made
