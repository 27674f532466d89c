"""Title, authors, dates and the rest of an article: claims gathered from the page, one of them chosen per field.

structured, head and bylines gather the claims; this module and authors, moments, titles, tags and sections define the
order in which claims are preferred, and why. Every claim is kept, so that `ingest why` can show its origin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from lxml.html import HtmlElement

from ingest.extract.html import jsonld
from ingest.extract.html.element_index import ElementIndex, home_headings
from ingest.extract.html.element_index import headings as headings_of
from ingest.extract.html.jsonld import Json
from ingest.extract.metadata import languages, titles
from ingest.extract.metadata.addresses import absolute, resolve_addresses
from ingest.extract.metadata.authors import resolve_authors
from ingest.extract.metadata.claims import (
    OriginValue,
    choose,
    hint_origin,
    items,
    known_names,
    metas,
    origin,
    texts,
    tidy,
)
from ingest.extract.metadata.head import Head
from ingest.extract.metadata.moments import resolve_moments
from ingest.extract.metadata.pictures import is_ornament, lead_picture
from ingest.extract.metadata.sections import resolve_section
from ingest.extract.metadata.structured import ARTICLE_TYPES, SITE_TYPES, Structured, read_structured
from ingest.extract.metadata.tags import resolve_tags
from ingest.extract.rules import values as values_of
from ingest.model import Claim, Field, Image, Moment, Page, Source
from ingest.text.normalize import fold, normalise

MIN_DESCRIPTION_CHARS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known about an article beside its body. Fields as in model.Article; None and () mean not stated."""

    title: str | None = None
    description: str | None = None
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    modified: Moment | None = None
    language: str | None = None
    canonical_url: str | None = None
    alternate_urls: tuple[str, ...] = ()
    site_name: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: Image | None = None
    paywalled: bool | None = None
    claims: tuple[Claim, ...] = ()


def read_metadata(tree: HtmlElement, page: Page, *, source: Source | None = None) -> Metadata:
    """Return the metadata of a page with all claims. The tree is not changed; no bytes make it raise."""
    places = ElementIndex(tree)
    structured = read_structured(places, page.final_url)
    claims: list[Claim] = []
    site_names = _site_names(structured, places, page)
    site_name = choose(Field.SITE_NAME, site_names, claims)
    sites = known_names(site_names, page)
    title = _title(structured, places, page, sites, claims, ruled=_ruled_title(tree, source))
    head = Head(places, title)
    published, modified = resolve_moments(structured, tree, head, places, page, source, claims)
    language = _language(structured, tree, page, source, claims)
    authors = resolve_authors(structured, head, places, page, sites, claims)
    canonical_url, alternate_urls = resolve_addresses(structured, page, language, claims)
    return Metadata(
        title=title,
        description=_description(structured, title, claims),
        authors=authors,
        published=published,
        modified=modified,
        language=language,
        canonical_url=canonical_url,
        alternate_urls=alternate_urls,
        site_name=site_name,
        section=resolve_section(structured, places, title, sites, claims),
        tags=resolve_tags(structured, places, sites, authors, claims),
        image=_image(structured, tree, page, claims),
        paywalled=_paywalled(structured, claims),
        claims=tuple(claims),
    )


def settle_language(metadata: Metadata, text: str) -> Metadata:
    """Return the metadata with the language its text is in where that is sure, else with the declared one.

    A template's `lang="en"` stands on many pages in another language. Between languages that are written alike the
    declaration counts.
    """
    verdict = languages.of_text(text)
    if verdict is None:
        return metadata
    language, probability = verdict
    declared = metadata.language
    kept = declared is not None and (
        languages.alike(declared, language)
        or probability < languages.SURE
        or languages.shut_out(declared, language, text)
    )
    if kept:
        claim = Claim(field=Field.LANGUAGE, value=language, origin="text")
        return replace(metadata, claims=(*metadata.claims, claim))
    others = tuple(replace(one, won=False) if one.field is Field.LANGUAGE else one for one in metadata.claims)
    claim = Claim(field=Field.LANGUAGE, value=language, origin="text", won=True)
    return replace(metadata, language=language, claims=(*others, claim))


# ---------------------------------------------------------------- site name, title, description


def _site_names(structured: Structured, places: ElementIndex, page: Page) -> list[OriginValue]:
    """Return what the site calls itself, the best first."""
    publishers = [
        ("json-ld", text) for v in structured.members("publisher") if (text := jsonld.text(structured.deref(v)))
    ]
    own = [
        ("json-ld", text)
        for kinds, node in structured.nodes
        if not kinds.isdisjoint(SITE_TYPES) and (text := jsonld.text(node.get("name")))
    ]
    found = metas(
        structured, "og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "dc.publisher"
    )
    found = [*found[:1], *publishers, *found[1:], *own]
    found += [("heading", text) for text in home_headings(places, page.final_url)]
    return [(o, v) for o, v in tidy(found) if len(v) <= 80 and not v.startswith(("http:", "https:", "@"))]


def _ruled_title(tree: HtmlElement, source: Source | None) -> str | None:
    """Return the title that a person's rule finds, None without a rule or a match."""
    written = source.rules.title if source else ()
    return next((value for one in written for value in values_of(tree, one)), None)


def _title(
    structured: Structured,
    places: ElementIndex,
    page: Page,
    sites: Sequence[str],
    claims: list[Claim],
    *,
    ruled: str | None,
) -> str | None:
    doc_title = [("title", str(e.text_content())) for e in islice(places.tagged("title"), 1)]
    declared = [
        *texts(structured, "headline", articles_only=True),
        *metas(structured, "og:title", "citation_title"),
        *items(structured, "headline"),
        *metas(structured, "twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title"),
        *texts(structured, "headline", "name")[:1],
        *doc_title,
    ]
    own = tuple(headings_of(places))
    chosen = titles.choose(
        own,
        declared,
        sites,
        lesser=headings_of(places, "h2", "h3"),
        about=structured.one("description") or "",
        sections=[text for _, text in (*metas(structured, "article:section"), *texts(structured, "articleSection"))],
    )
    if page.hint and page.hint.title:
        declared.append((hint_origin(page), page.hint.title))
        if chosen is None and (hinted := normalise(page.hint.title)):
            chosen = hinted, hint_origin(page)
    everything = tidy([*(("h1", text) for text in own), *declared])
    if ruled is not None and len(ruled) <= titles.MAX_TITLE_CHARS:
        chosen = ruled, "rule"
    if chosen:
        value, origin = chosen
        everything = [(origin, value), *(one for one in everything if one != (origin, value))]
    return choose(Field.TITLE, [(o, v) for o, v in everything if len(v) <= titles.MAX_TITLE_CHARS], claims)


def _description(structured: Structured, title: str | None, claims: list[Claim]) -> str | None:
    found = tidy(
        [
            *metas(structured, "og:description", "description"),
            *texts(structured, "description", articles_only=True),
            *metas(structured, "twitter:description", "dc.description", "dcterms.description", "sailthru.description"),
            *items(structured, "description"),
        ]
    )
    found = [(o, v) for o, v in found if len(v) >= MIN_DESCRIPTION_CHARS and fold(v) != fold(title or "")]
    return choose(Field.DESCRIPTION, found, claims)


# ---------------------------------------------------------------- language


def _language(
    structured: Structured, tree: HtmlElement, page: Page, source: Source | None, claims: list[Claim]
) -> str | None:
    root = tree.getroottree().getroot()
    declared = [
        *(("html-lang", value) for value in (root.get("lang"), root.get("xml:lang")) if value),
        *texts(structured, "inLanguage"),
        *metas(structured, "og:locale", "content-language", "language", "dc.language", "dcterms.language"),
        *items(structured, "inlanguage"),
        *(("header", value) for value in [page.header("Content-Language")] if value),
        *((hint_origin(page), value) for value in [page.hint.language if page.hint else None] if value),
        *(("source", value) for value in [source.language if source else None] if value),
    ]
    found = [(origin, code) for origin, value in declared if (code := languages.primary(value))]
    return choose(Field.LANGUAGE, found, claims)


# ---------------------------------------------------------------- image, free or paid


def _image(structured: Structured, tree: HtmlElement, page: Page, claims: list[Claim]) -> Image | None:
    found = metas(structured, "og:image", "og:image:secure_url", "og:image:url")
    found += [
        ("json-ld", url) for v in structured.members("image", kinds=ARTICLE_TYPES) if (url := _image_url(structured, v))
    ]
    found += metas(structured, "twitter:image", "twitter:image:src", "parsely-image-url", "sailthru.image.full")
    found += items(structured, "image")
    read = [(origin, url) for origin, value in found if (url := absolute(value, page))]
    read = list(dict.fromkeys(read))
    best = next((at for at, (_, url) in enumerate(read) if not is_ornament(url)), -1)
    urls = [url for _, url in read]
    large = [url for origin, url in read if origin != "meta" and not is_ornament(url)]  # other metas give thumbnails
    if (lead := lead_picture(tree, page, large)) is not None:
        best = urls.index(lead) if lead in urls else len(urls)
        read += [] if lead in urls else [("lead-figure", lead)]
    if best < 0:
        return None
    url = choose(Field.IMAGE, read, claims, best=best)
    assert url is not None, "the best claim has a value"
    width = re.fullmatch(r"\s*(\d{1,5})(?:px|\.0+)?\s*", structured.one("og:image:width") or "")
    alt = normalise(structured.one("og:image:alt", "twitter:image:alt") or "")
    return Image(url=url, width=int(width[1]) if width and read[0][0] == "opengraph" else None, alt=alt or None)


def _image_url(structured: Structured, value: Json) -> str | None:
    for part in _listed(value):
        part = structured.deref(part)
        if isinstance(part, dict):
            part = part.get("url") or part.get("contentUrl") or part.get("@id")
            part = part[0] if isinstance(part, list) and part else part
        if isinstance(part, str) and part.strip():
            return part
    return None


_FREE = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _paywalled(structured: Structured, claims: list[Claim]) -> bool | None:
    """Return whether readers have to pay: by the article's word, else its parts', else the publisher's tier."""
    free: list[tuple[str, bool]] = []
    for origin_, values in (
        ("json-ld", [jsonld.text(value) for value in structured.members("isAccessibleForFree", kinds=ARTICLE_TYPES)]),
        ("microdata", structured.items.get("isaccessibleforfree", ())),
        ("json-ld", _of_parts(structured)),
    ):
        words = [(value or "").strip().lower().rsplit("/", 1)[-1] for value in values]
        free += [(origin_, _FREE[word]) for word in words if word in _FREE]
    for name, value in structured.metas("article:content_tier", "og:article:content_tier"):
        tier = value.strip().lower()
        free += [(origin(name), tier != "locked")] if tier in ("free", "metered", "locked") else []
    chosen = choose(Field.PAYWALLED, [(who, "false" if is_free else "true") for who, is_free in free], claims)
    return None if chosen is None else chosen == "true"


def _of_parts(structured: Structured) -> list[str | None]:
    """Return what the article's parts state: one that is not free makes it a paid one."""
    parts = [part for value in structured.members("hasPart", kinds=ARTICLE_TYPES) for part in _listed(value)]
    found = [jsonld.text(part.get("isAccessibleForFree")) for part in parts if isinstance(part, dict)]
    return sorted(found, key=lambda word: word or "")


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
