"""Title, authors, dates and the rest of an article: claims gathered from the page, one of them chosen per field.

Gathering is done next door (structured, visible); here stands in which order witnesses are believed and why. Every claim
is kept, the one that won marked, so that `ingest why` can show who said what.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from ingest import urls
from ingest.errors import UrlError
from ingest.extract import bylines, dates, jsonld, languages, names, titles, visible
from ingest.extract.jsonld import Json
from ingest.extract.names import Kind, Names
from ingest.extract.structured import ARTICLE_TYPES, Structured, read_structured
from ingest.extract.visible import Head
from ingest.model import Claim, Field, Image, Moment, Page, SeedKind, Source
from ingest.text import fold, normalise

MAX_CLAIMS = 12  # per field; later ones are repetitions on all pages of the corpus
MAX_CLAIM_CHARS = 1_000
MIN_DESCRIPTION_CHARS = 10

Said = tuple[str, str]  # (origin, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known about an article beside its body. Fields as in model.Article; None and () mean nobody says."""

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
    said = read_structured(tree, page.final_url)
    claims: list[Claim] = []
    site_names = _site_names(said, tree, page)
    site_name = _choose(Field.SITE_NAME, site_names, claims)
    title = _title(said, tree, page, site_names, claims)
    head = visible.read_head(tree, title)
    published, modified = _moments(said, tree, page, source, claims)
    canonical_url, alternate_urls = _addresses(said, page, claims)
    return Metadata(
        title=title,
        description=_description(said, title, claims),
        authors=_authors(said, tree, head, page, site_names, claims),
        published=published,
        modified=modified,
        language=_language(said, tree, page, source, claims),
        canonical_url=canonical_url,
        alternate_urls=alternate_urls,
        site_name=site_name,
        section=_section(said, claims),
        tags=_tags(said, tree, claims),
        image=_image(said, page, claims),
        paywalled=_paywalled(said, claims),
        claims=tuple(claims),
    )


def settle_language(metadata: Metadata, text: str) -> Metadata:
    """Return the metadata with the language the text is in where that is sure, else with the declared one."""
    verdict = languages.of_text(text)
    if verdict is None:
        return metadata
    language, probability = verdict
    declared = [str(claim.value) for claim in metadata.claims if claim.field is Field.LANGUAGE]
    if language == metadata.language or (declared and probability < languages.SURE):
        won = language == metadata.language and not any(c.won for c in metadata.claims if c.field is Field.LANGUAGE)
        claim = Claim(field=Field.LANGUAGE, value=language, origin="text", won=won)
        return replace(metadata, claims=(*metadata.claims, claim))
    claims = tuple(
        replace(claim, won=str(claim.value) == language) if claim.field is Field.LANGUAGE else claim
        for claim in metadata.claims
    )
    agreed = any(claim.won for claim in claims if claim.field is Field.LANGUAGE)
    claim = Claim(field=Field.LANGUAGE, value=language, origin="text", won=not agreed)
    return replace(metadata, language=language, claims=(*claims, claim))


# ---------------------------------------------------------------- claims


def _choose(field: Field, said: Iterable[Said], claims: list[Claim], *, best: int = 0) -> str | None:
    """Book all that was said as claims, the one at `best` as the winner, and return its value."""
    unique = list(dict.fromkeys((origin, value) for origin, value in said if value))
    for at, (origin, value) in enumerate(unique[: max(MAX_CLAIMS, best + 1)]):
        claims.append(Claim(field=field, value=value[:MAX_CLAIM_CHARS], origin=origin, won=at == best))
    return unique[best][1] if unique else None


def _book(field: Field, said: Iterable[tuple[str, str | tuple[str, ...]]], winner: int, claims: list[Claim]) -> None:
    met: set[tuple[str, str | tuple[str, ...]]] = set()
    for at, (origin, value) in enumerate(said):
        if at == winner or ((origin, value) not in met and len(met) < MAX_CLAIMS):
            claims.append(Claim(field=field, value=value, origin=origin, won=at == winner))
        met.add((origin, value))


def _origin(meta_name: str) -> str:
    """Return the origin of a meta element's word."""
    if meta_name.startswith(("og:", "article:", "og_")):
        return "opengraph"
    return "twitter" if meta_name.startswith("twitter:") else "meta"


def _metas(said: Structured, *wanted: str) -> list[Said]:
    return [(_origin(name), value) for name, value in said.metas(*wanted)]


def _texts(said: Structured, *keys: str, articles_only: bool = False) -> list[Said]:
    values = said.said(*keys, kinds=ARTICLE_TYPES) if articles_only else said.said(*keys)
    return [("json-ld", text) for value in values for text in jsonld.strings(value)]


def _items(said: Structured, *wanted: str) -> list[Said]:
    return [("microdata", value) for name in wanted for value in said.items.get(name, ())]


def _tidy(said: Iterable[Said]) -> list[Said]:
    return [(origin, tidy) for origin, value in said if (tidy := normalise(value))]


# ---------------------------------------------------------------- site name, title, description


def _site_names(said: Structured, tree: HtmlElement, page: Page) -> list[Said]:
    """Return what the site calls itself, the best first."""
    publishers = [("json-ld", text) for v in said.said("publisher") if (text := jsonld.text(said.deref(v)))]
    own = [
        ("json-ld", text)
        for node in said.nodes
        if {"WebSite", "NewsMediaOrganization", "Organization"}.intersection(jsonld.types(node))
        and (text := jsonld.text(node.get("name")))
    ]
    found = _metas(said, "og:site_name", "application-name", "apple-mobile-web-app-title", "publisher", "dc.publisher")
    found = [*found[:1], *publishers, *found[1:], *own]
    return [(o, v) for o, v in _tidy(found) if len(v) <= 80 and not v.startswith(("http:", "https:", "@"))]


def _known_names(site_names: Sequence[Said], page: Page) -> list[str]:
    """Return the site's names and its host in the forms titles and bylines use it."""
    try:
        unit = urls.polite_unit(page.final_url)
    except UrlError:
        return [value for _, value in site_names]
    return [value for _, value in site_names] + [unit, unit.split(".")[0], "www." + unit]


def _title(
    said: Structured, tree: HtmlElement, page: Page, site_names: Sequence[Said], claims: list[Claim]
) -> str | None:
    doc_title = [("title", str(e.text_content())) for e in list(tree.iter("title"))[:1]]
    declared = [
        *_texts(said, "headline", articles_only=True),
        *_metas(said, "og:title", "citation_title"),
        *_items(said, "headline"),
        *_metas(said, "twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title"),
        *_texts(said, "headline", "name")[:1],
        *doc_title,
    ]
    if page.hint and page.hint.title:
        declared.append((_hint_origin(page), page.hint.title))
    headings = visible.headings(tree)
    chosen = titles.choose(headings, declared, _known_names(site_names, page))
    everything = _tidy([*(("h1", text) for text in headings), *declared])
    if chosen:
        value, origin = chosen
        everything = [(origin, value), *(one for one in everything if one != (origin, value))]
    return _choose(Field.TITLE, [(o, v) for o, v in everything if len(v) <= titles.MAX_TITLE_CHARS], claims)


def _description(said: Structured, title: str | None, claims: list[Claim]) -> str | None:
    found = _tidy(
        [
            *_metas(said, "og:description", "description"),
            *_texts(said, "description", articles_only=True),
            *_metas(said, "twitter:description", "dc.description", "dcterms.description", "sailthru.description"),
            *_items(said, "description"),
        ]
    )
    found = [(o, v) for o, v in found if len(v) >= MIN_DESCRIPTION_CHARS and fold(v) != fold(title or "")]
    return _choose(Field.DESCRIPTION, found, claims)


# ---------------------------------------------------------------- authors


AUTHOR_METAS = (
    "author", "article:author", "parsely-author", "citation_author", "dc.creator", "dcterms.creator", "sailthru.author",
    "article:author_name", "cxenseparse:author", "byl", "og:article:author", "authors",
)  # fmt: skip


def _authors(
    said: Structured, tree: HtmlElement, head: Head, page: Page, site_names: Sequence[Said], claims: list[Claim]
) -> tuple[str, ...]:
    """Return the authors: of the best kind of name anybody gives, from the first witness that gives such.

    People before nicknames before organisations before the site itself: an agency or a newsroom in the structured data
    stands beside a person in the byline on one news page in ten.
    """
    known = _known_names(site_names, page)
    groups: list[tuple[str, list[str]]] = []
    bodies: set[str] = set()
    for key in ("author", "creator"):
        for value in said.said(key, kinds=ARTICLE_TYPES):
            groups.append(("json-ld", _author_names(said, value)))
            if (kinds := _author_types(said, value)) and not any("Person" in kind for kind in kinds):
                bodies.update(groups[-1][1])
    for name in AUTHOR_METAS:
        if values := said.meta.get(name):
            groups.append((_origin(name), list(values)))
    if (data := said.one("twitter:data1")) and said.one("twitter:label1") and not re.search(r"\d", data):
        groups.append(("twitter", [data]))
    if items := [*said.items.get("author", ()), *said.items.get("creator", ())]:
        groups.append(("microdata", items))
    read = [(origin, found) for origin, texts in groups if (found := names.read_names(texts, known, bodies))]
    declared = len(read)
    if not any(found.kind is Kind.PERSON for _, found in read):
        read += bylines.read_bylines(head, tree, known)
    if page.hint and page.hint.authors and (hinted := names.read_names(page.hint.authors, known)):
        read.append((_hint_origin(page), hinted))
    winner = _best_names(read, declared)
    _book(Field.AUTHORS, [(origin, found.names) for origin, found in read], winner, claims)
    return read[winner][1].names if read else ()


def _best_names(read: Sequence[tuple[str, Names]], declared: int) -> int:
    """Return which witness to believe; the first `declared` ones are what the page says for machines."""

    def rank(at: int) -> tuple[int, int]:
        kind = read[at][1].kind
        if at < declared:
            order = {Kind.PERSON: 0, Kind.HANDLE: 2, Kind.ORGANISATION: 3, Kind.SITE: 5}
        else:
            order = {Kind.PERSON: 1, Kind.ORGANISATION: 6, Kind.HANDLE: 7, Kind.SITE: 8}
        return (9 if read[at][0] == "dateline" else order[kind]), at

    return min(range(len(read)), key=rank, default=-1)


def _author_names(said: Structured, value: Json) -> list[str]:
    """Return the names in a JSON-LD author: texts, objects, references, lists of them."""
    parts = value if isinstance(value, list) else [value]
    return [text for part in parts[:50] for text in jsonld.strings(said.deref(part)) if not text.startswith("http")]


def _author_types(said: Structured, value: Json) -> list[str]:
    parts = [said.deref(part) for part in (value if isinstance(value, list) else [value])]
    return [kind for part in parts if isinstance(part, dict) for kind in jsonld.types(part)]


# ---------------------------------------------------------------- dates


def _moments(
    said: Structured, tree: HtmlElement, page: Page, source: Source | None, claims: list[Claim]
) -> tuple[Moment | None, Moment | None]:
    published = [
        *_texts(said, "datePublished", articles_only=True),
        *_metas(said, "article:published_time", "og:article:published_time", "article:published", "parsely-pub-date",
                "datepublished", "sailthru.date", "cxenseparse:recs:publishtime", "publish-date", "publishdate", "pubdate",
                "date.published", "dcterms.created", "dc.date.issued", "dcterms.issued", "citation_publication_date",
                "citation_date", "dc.date.created", "og:published_time", "publication_date", "publish_date",
                "article.published", "dcterms.date", "dc.date", "date", "created", "last-published"),
        *_items(said, "datepublished"),
        *_texts(said, "datePublished", "dateCreated", "uploadDate"),
        *visible.times(tree),
    ]  # fmt: skip
    modified = [
        *_texts(said, "dateModified", articles_only=True),
        *_metas(said, "article:modified_time", "og:updated_time", "article:updated_time", "og:article:modified_time",
                "article:updated", "dcterms.modified", "dc.date.modified", "last-modified", "lastmod", "revised",
                "date.updated", "og:modified_time"),
        *_items(said, "datemodified"),
        *_texts(said, "dateModified"),
    ]  # fmt: skip
    hint = page.hint
    first = _moment(
        Field.PUBLISHED, published, hint.published if hint else None, page=page, source=source, claims=claims
    )
    last = _moment(Field.MODIFIED, modified, hint.modified if hint else None, page=page, source=source, claims=claims)
    return first, last


def _moment(
    field: Field,
    said: Sequence[Said],
    hinted: Moment | None,
    *,
    page: Page,
    source: Source | None,
    claims: list[Claim],
) -> Moment | None:
    """Return the first moment that can be, completed from later ones of the same day."""
    read: list[tuple[str, str, Moment | None]] = []
    for origin, value in dict.fromkeys(said):
        moment = dates.parse(value, now=page.fetched_at, month_first=False)
        read.append((origin, moment.iso() if moment else normalise(value)[:80], moment))
    if hinted:
        read.append((_hint_origin(page), hinted.iso(), hinted))
    winner = next((at for at, (_, _, moment) in enumerate(read) if moment is not None), -1)
    _book(field, [(origin, value) for origin, value, _ in read], winner, claims)
    if winner < 0:
        return None
    chosen = read[winner][2]
    assert chosen is not None, "the winner has a moment"
    chosen = dates.more_exact(chosen, [moment for _, _, moment in read[winner + 1 :] if moment is not None])
    return dates.in_zone(chosen, source.timezone if source else None)


def _hint_origin(page: Page) -> str:
    """Return who hinted: "feed", "sitemap", "section" or "list"."""
    return str(page.hint.found_by if page.hint else SeedKind.LIST)


# ---------------------------------------------------------------- language


def _language(
    said: Structured, tree: HtmlElement, page: Page, source: Source | None, claims: list[Claim]
) -> str | None:
    root = tree.getroottree().getroot()
    declared = [
        *(("html-lang", value) for value in (root.get("lang"), root.get("xml:lang")) if value),
        *_texts(said, "inLanguage"),
        *_metas(said, "og:locale", "content-language", "language", "dc.language", "dcterms.language"),
        *_items(said, "inlanguage"),
        *(("header", value) for value in [page.header("Content-Language")] if value),
        *((_hint_origin(page), value) for value in [page.hint.language if page.hint else None] if value),
        *(("source", value) for value in [source.language if source else None] if value),
    ]
    found = [(origin, code) for origin, value in declared if (code := languages.primary(value))]
    return _choose(Field.LANGUAGE, found, claims)


# ---------------------------------------------------------------- addresses


def _addresses(said: Structured, page: Page, claims: list[Claim]) -> tuple[str | None, tuple[str, ...]]:
    """Return the canonical URL and other addresses of the same text.

    A canonical URL is believed on the same site only, and not when it is the home page of a page that is not.
    """
    found = [("link", tag.href) for tag in said.links if "canonical" in tag.rel]
    found += _metas(said, "og:url")
    found += [
        ("json-ld", text) for v in said.said("mainEntityOfPage", "url", kinds=ARTICLE_TYPES) if (text := _url_of(v))
    ]
    read = [(origin, _absolute(value, page)) for origin, value in found]
    believed = [(origin, url) for origin, url in read if url]
    winner = next((at for at, (_, url) in enumerate(believed) if _own(url, page)), -1)
    _book(Field.CANONICAL_URL, believed, winner, claims)
    alternates = [
        url
        for tag in said.links
        if "amphtml" in tag.rel or ("alternate" in tag.rel and tag.hreflang and "xml" not in (tag.type or ""))
        if (url := _absolute(tag.href, page)) and _own(url, page)
    ]
    canonical = believed[winner][1] if winner >= 0 else None
    alternates = [url for url in dict.fromkeys(alternates) if url != canonical and url != page.final_url][:20]
    _book(Field.ALTERNATE_URL, [("link", url) for url in alternates], -1, claims)
    return canonical, tuple(alternates)


def _url_of(value: Json) -> str | None:
    if isinstance(value, dict):
        value = value.get("@id") or value.get("url")
    return value if isinstance(value, str) else None


def _absolute(url: str, page: Page) -> str | None:
    try:
        return urls.normalise(url.strip(), page.final_url)
    except UrlError:
        return None


def _own(url: str, page: Page) -> bool:
    """Tell whether an address can be another one of this page's text."""
    try:
        if not urls.same_site(url, page.final_url):
            return False
    except UrlError:
        return False
    here, there = urlsplit(page.final_url), urlsplit(url)
    home = there.path in ("", "/") and not there.query
    return not home or (here.path in ("", "/") and not here.query)


# ---------------------------------------------------------------- section, tags, image, free or paid


def _section(said: Structured, claims: list[Claim]) -> str | None:
    found = _tidy(
        [
            *_metas(said, "article:section"),
            *_texts(said, "articleSection", articles_only=True),
            *_metas(
                said, "og:article:section", "parsely-section", "section", "cxenseparse:section", "cxenseparse:category"
            ),
            *_items(said, "articlesection"),
        ]
    )
    return _choose(Field.SECTION, [(o, v) for o, v in found if len(v) <= 80], claims)


def _tags(said: Structured, tree: HtmlElement, claims: list[Claim]) -> tuple[str, ...]:
    groups = [
        ("json-ld", _listed(text for _, text in _texts(said, "keywords", articles_only=True))),
        ("opengraph", _listed(said.meta.get("article:tag", ()))),
        ("meta", _listed(said.meta.get("news_keywords", ()))),
        ("meta", _listed(said.meta.get("keywords", ()))),
        ("meta", _listed(said.meta.get("parsely-tags", ()))),
        ("microdata", _listed(said.items.get("keywords", ()))),
        ("rel-tag", _listed(visible.tag_links(tree))),
    ]
    groups = [(origin, found) for origin, found in groups if found]
    _book(Field.TAGS, groups, 0 if groups else -1, claims)
    return groups[0][1] if groups else ()


def _listed(texts: Iterable[str]) -> tuple[str, ...]:
    """Return keywords, lists of them joined by commas or semicolons parted."""
    found: dict[str, str] = {}
    for text in texts:
        for part in re.split(r"[,;|،、，]", text):
            if (tidy := normalise(part)) and len(tidy) <= 100:
                found.setdefault(fold(tidy), tidy)
    return tuple(list(found.values())[:60])


def _image(said: Structured, page: Page, claims: list[Claim]) -> Image | None:
    found = _metas(said, "og:image", "og:image:secure_url", "og:image:url")
    found += [("json-ld", url) for v in said.said("image", kinds=ARTICLE_TYPES) if (url := _image_url(said, v))]
    found += _metas(said, "twitter:image", "twitter:image:src", "parsely-image-url", "sailthru.image.full")
    found += _items(said, "image")
    read = [(origin, url) for origin, value in found if (url := _absolute(value, page))]
    url = _choose(Field.IMAGE, read, claims)
    if url is None:
        return None
    width = re.fullmatch(r"\s*(\d{1,5})(?:px|\.0+)?\s*", said.one("og:image:width") or "")
    alt = normalise(said.one("og:image:alt", "twitter:image:alt") or "")
    return Image(url=url, width=int(width[1]) if width and read[0][0] == "opengraph" else None, alt=alt or None)


def _image_url(said: Structured, value: Json) -> str | None:
    for part in value if isinstance(value, list) else [value]:
        part = said.deref(part)
        if isinstance(part, dict):
            part = part.get("url") or part.get("contentUrl") or part.get("@id")
            part = part[0] if isinstance(part, list) and part else part
        if isinstance(part, str) and part.strip():
            return part
    return None


def _paywalled(said: Structured, claims: list[Claim]) -> bool | None:
    found: list[Said] = []
    for value in said.said("isAccessibleForFree", kinds=ARTICLE_TYPES):
        if (word := (jsonld.text(value) or "").strip().lower().rsplit("/", 1)[-1]) in ("true", "false", "yes", "no"):
            found.append(("json-ld", "false" if word in ("true", "yes") else "true"))
    for name, value in said.metas("article:content_tier", "og:article:content_tier"):
        found.append((_origin(name), "false" if value.strip().lower() == "free" else "true"))
    for _, value in _items(said, "isaccessibleforfree"):
        if value.strip().lower() in ("true", "false"):
            found.append(("microdata", "false" if value.strip().lower() == "true" else "true"))
    chosen = _choose(Field.PAYWALLED, found, claims)
    return None if chosen is None else chosen == "true"
