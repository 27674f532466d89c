"""Addresses of an article's text: the canonical URL a page claims, if it can be, and the other ones it names."""

from __future__ import annotations

from urllib.parse import urlsplit

from ingest.errors import UrlError
from ingest.extract.html.jsonld import Json
from ingest.extract.metadata.claims import metas, record
from ingest.extract.metadata.languages import primary
from ingest.extract.metadata.structured import ARTICLE_TYPES, LinkTag, Structured
from ingest.model import Claim, Field, Page
from ingest.web import urls

MAX_ALTERNATES = 20


def resolve_addresses(
    structured: Structured, page: Page, language: str | None, claims: list[Claim]
) -> tuple[str | None, tuple[str, ...]]:
    """Return the canonical URL and other addresses of the same text.

    A canonical URL is believed on the same site only, and not when it is the home page of a page that is not.
    """
    found = [("link", tag.href) for tag in structured.links if "canonical" in tag.rel]
    found += metas(structured, "og:url")
    found += [
        ("json-ld", text)
        for v in structured.members("mainEntityOfPage", "url", kinds=ARTICLE_TYPES)
        if (text := _url_of(v))
    ]
    read = [(origin, absolute(value, page)) for origin, value in found]
    believed = [(origin, url) for origin, url in read if url]
    winner = next((at for at, (_, url) in enumerate(believed) if _own(url, page)), -1)
    record(Field.CANONICAL_URL, believed, winner, claims)
    alternates = [
        url
        for tag in structured.links
        if _is_same_text(tag, language) and (url := absolute(tag.href, page)) and _own(url, page)
    ]
    canonical = believed[winner][1] if winner >= 0 else None
    alternates = [url for url in dict.fromkeys(alternates) if url != canonical and url != page.final_url][
        :MAX_ALTERNATES
    ]
    record(Field.ALTERNATE_URL, [("link", url) for url in alternates], -1, claims)
    return canonical, tuple(alternates)


def _is_same_text(tag: LinkTag, language: str | None) -> bool:
    """Return whether a link element names another address of this text: its AMP form, its form for another country.

    A translation is another text, or the identity of articles would take it for a duplicate.
    """
    if "amphtml" in tag.rel:
        return True
    return "alternate" in tag.rel and language is not None and primary(tag.hreflang) == language


def _url_of(value: Json) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    return value if isinstance(value, str) else None


def absolute(url: str, page: Page) -> str | None:
    """Return an address as the page means it, normalised, None for what is none."""
    try:
        return urls.normalise(url.strip(), page.final_url)
    except UrlError:
        return None


def _own(url: str, page: Page) -> bool:
    """Return whether an address can be another one of this page's text."""
    try:
        if not urls.same_site(url, page.final_url):
            return False
    except UrlError:
        return False
    here, there = urlsplit(page.final_url), urlsplit(url)
    home = there.path in ("", "/") and not there.query
    return not home or (here.path in ("", "/") and not here.query)
