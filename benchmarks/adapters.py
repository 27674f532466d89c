"""Our extraction as the corpus runners in ../shared/tools call it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ingest.model import Page

# Corpus pages were fetched at various times up to this one; nothing on them can be later.
FETCHED_AT = datetime(2026, 11, 22, tzinfo=UTC)


def page_of(html: bytes | str, url: str) -> Page:
    """Return a corpus page as if it had just been fetched; a page of unknown address gets a made-up one."""
    url = url or "http://unknown.invalid/page"
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(html, str):  # decoded by the runner, whatever its meta says
        html, headers = html.encode("utf-8", "replace"), (("Content-Type", "text/html; charset=utf-8"),)
    return Page(url=url, final_url=url, source="corpus", status=200, headers=headers, body=html, fetched_at=FETCHED_AT)


def body(html: bytes | str, url: str) -> str:
    """Return the body of a page, one block a line."""
    from ingest.extract import extract

    return extract(page_of(html, url)).body


def metadata(html: bytes, url: str) -> dict[str, Any]:  # the runner's plain dict, any field of any shape
    """Return the metadata of a page in the runner's words. The text for the language is that of its paragraphs."""
    from ingest.extract.metadata import read_metadata, settle_language
    from ingest.extract.tree import parse

    page = page_of(html, url)
    tree = parse(page)
    text = " ".join(str(paragraph.text_content()) for paragraph in tree.iter("p"))
    found = settle_language(read_metadata(tree, page), text)
    return {
        "title": found.title,
        "authors": list(found.authors),
        "published": found.published.iso() if found.published else None,
        "modified": found.modified.iso() if found.modified else None,
        "language": found.language,
        "canonical_url": found.canonical_url,
        "site_name": found.site_name,
        "section": found.section,
        "tags": list(found.tags),
        "image": found.image.url if found.image else None,
        "description": found.description,
        "paywalled": found.paywalled,
    }


def bodies(pages: list[tuple[bytes | str, str]]) -> list[str]:
    """Return the bodies of pages of one site, each stripped of what all of them together teach."""
    from ingest.boilerplate import Learned, strip
    from ingest.boilerplate.learn import Lesson, learn
    from ingest.extract import extract

    articles = [extract(page_of(html, url)) for html, url in pages]
    taught = learn([Lesson(article_id=number, article=article) for number, article in enumerate(articles)])
    learned = Learned(source="corpus", blocks=tuple(block for block in taught.blocks if block.verdict is not None))
    return [strip(article, learned).body for article in articles]
