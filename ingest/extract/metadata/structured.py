"""What a page says about itself for machines: meta and link elements, microdata and JSON-LD.

Gives the raw words, in page order. metadata.py decides which of them to use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.html import HtmlElement

from ingest.extract.html import jsonld
from ingest.extract.html.element_index import ElementIndex
from ingest.extract.html.jsonld import Json, Node
from ingest.text.normalize import fold

_MARKS = re.compile(r"[:._-]+")
MAX_VALUES = 200  # values kept per meta name or property
MAX_VALUE_CHARS = 20_000


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


ARTICLE_TYPES = _set(
    "Article NewsArticle BlogPosting ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BackgroundNewsArticle "
    "ReviewNewsArticle AskPublicNewsArticle SatiricalArticle AdvertiserContentArticle TechArticle ScholarlyArticle "
    "MedicalScholarlyArticle LiveBlogPosting SocialMediaPosting DiscussionForumPosting Report Review CriticReview "
    "Recipe HowTo Blog Newsarticle article newsarticle blogposting"
)
PAGE_TYPES = _set(
    "WebPage ItemPage AboutPage FAQPage QAPage VideoObject VideoGallery ImageGallery MediaGallery "
    "CreativeWork Event Book PodcastEpisode AudioObject MedicalWebPage ProfilePage"
)
SITE_TYPES = _set("WebSite NewsMediaOrganization Organization")
_KNOWN_TYPES = ARTICLE_TYPES | PAGE_TYPES | SITE_TYPES | {"BreadcrumbList"}
_ITEMPROPS = _set(
    "headline name author creator datepublished datemodified datecreated keywords articlesection image description "
    "isaccessibleforfree inlanguage"
)
_OTHER_SCOPES = re.compile(
    r"Comment|Review|Answer|Rating|Offer|Breadcrumb|ListItem|Organization|SiteNavigation|WPHeader|WPFooter"
)
_ARTICLE_SCOPES = re.compile(r"Article|Posting|Recipe|Report")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTag:
    """One link element."""

    rel: frozenset[str]
    href: str
    hreflang: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """Everything the page says for machines. Keys of `meta` are `meta_key`s, those of `items` lower case."""

    meta: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: tuple[LinkTag, ...] = ()
    items: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # microdata
    nodes: tuple[tuple[frozenset[str], Node], ...] = ()  # JSON-LD objects with their types, the article's first
    by_id: Mapping[str, Node] = field(default_factory=dict)

    def metas(self, *names: str) -> Iterator[tuple[str, str]]:
        """Yield (name, value) for the names in the given order."""
        for name in names:
            for value in self.meta.get(meta_key(name), ()):
                yield name, value

    def one(self, *names: str) -> str | None:
        """Return the first value of the first of these meta names that has one."""
        return next((value for _, value in self.metas(*names)), None)

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a meta name."""
        return self.meta.get(meta_key(name), ())

    def deref(self, value: Json) -> Json:
        """Return the full object for a bare {"@id": ...} reference, else the value."""
        if isinstance(value, dict) and len(value) <= 2 and "name" not in value:
            name = value.get("@id")
            if isinstance(name, str):
                return self.by_id.get(name, value)
        return value

    def members(self, *keys: str, kinds: frozenset[str] = ARTICLE_TYPES | PAGE_TYPES) -> Iterator[Json]:
        """Yield the members of these names, object by object, from objects of the given types."""
        for types, node in self.nodes:
            if not kinds.isdisjoint(types):
                for key in keys:
                    if (value := node.get(key)) not in (None, "", [], {}):
                        yield self.deref(value)


@lru_cache(maxsize=2_000)
def meta_key(name: str) -> str:
    """Return the key a meta name is kept under: og:site_name, og:site:name and og.site-name are one."""
    return _MARKS.sub(":", name.strip().lower())


def read_structured(places: ElementIndex, url: str) -> Structured:
    """Return what the page holds for machines. `url` tells the page's own JSON-LD article from others'."""
    meta: dict[str, list[str]] = {}
    links: list[LinkTag] = []
    scripts: list[str] = []
    titles: list[str] = []
    for element in places.tagged("meta", "link", "script", "title"):
        if element.tag == "meta":
            _add_meta(meta, element)
        elif element.tag == "link":
            if tag := _link(element):
                links.append(tag)
        elif element.tag == "script":
            if "ld+json" in (element.get("type") or "").lower():
                scripts.append(str(element.text_content()))
        elif element.text:
            titles.append(element.text)
    values = [value for script in scripts for value in jsonld.loads(script)]
    known_titles = [fold(title) for title in (*titles[:1], *meta.get("og:title", ())[:1])]
    addresses = [url, *(tag.href for tag in links if "canonical" in tag.rel), *meta.get("og:url", ())]
    return Structured(
        meta={name: tuple(found) for name, found in meta.items()},
        links=tuple(links),
        items=_microdata(places),
        nodes=_own_first(jsonld.nodes(values), {_bare(address) for address in addresses}, known_titles),
        by_id=jsonld.by_id(values),
    )


def _add_meta(meta: dict[str, list[str]], element: HtmlElement) -> None:
    content = element.get("content")
    if not content or not content.strip():
        return
    for attribute in ("property", "name", "http-equiv"):
        if name := element.get(attribute):
            for part in {meta_key(word) for word in (name[:200], *name[:200].split())}:
                values = meta.setdefault(part, [])
                if len(values) < MAX_VALUES and content not in values:
                    values.append(content[:MAX_VALUE_CHARS])


def _link(element: HtmlElement) -> LinkTag | None:
    href, rel = element.get("href"), element.get("rel")
    if not href or not rel:
        return None
    rels = frozenset(rel.lower().split())
    if not rels & {"canonical", "alternate", "amphtml", "author", "image_src", "shortlink"}:
        return None
    return LinkTag(rel=rels, href=href.strip(), hreflang=element.get("hreflang"), type=element.get("type"))


def _bare(address: str) -> str:
    """Return host and path of an address, for comparing."""
    return re.sub(r"^https?://(www\.)?|[?#].*$", "", address.strip()).rstrip("/").lower()


def _own_first(
    nodes: Iterator[Node], addresses: set[str], titles: list[str]
) -> tuple[tuple[frozenset[str], Node], ...]:
    """Order the objects of known types: articles first, and among these the one with this page's address or title."""

    def rank(typed: tuple[frozenset[str], Node]) -> tuple[int, int]:
        kinds, node = typed
        if kinds & ARTICLE_TYPES:
            kind = 0 if kinds - {"Review", "Blog", "CriticReview"} else 1
        elif kinds & PAGE_TYPES:
            kind = 2
        else:
            return 3, 0
        own = 2
        headline = fold(jsonld.text(node.get("headline")) or jsonld.text(node.get("name")) or "")
        if headline and any(headline in title or (title and title in headline) for title in titles):
            own = 0
        for key in ("url", "mainEntityOfPage", "@id"):
            value = node.get(key)
            named = value.get("@id") or value.get("url") if isinstance(value, dict) else value
            if own and isinstance(named, str) and _bare(named) in addresses:
                own = 1
        return kind, own

    typed = [(frozenset(jsonld.types(node)), node) for node in nodes]
    return tuple(sorted((one for one in typed if not one[0].isdisjoint(_KNOWN_TYPES)), key=rank))


# ---------------------------------------------------------------- microdata


def _microdata(places: ElementIndex) -> dict[str, tuple[str, ...]]:
    """Return the article's microdata; properties of comments, ratings, list items and the like are not its own."""
    found: dict[str, list[str]] = {}
    first_author: HtmlElement | None = None  # where the first one outside of any scope stands; later ones are teasers'
    own: HtmlElement | None = None  # the article element around the first author; other such elements are teasers
    main: HtmlElement | None = None  # the first article's own scope; what later articles say is theirs
    for element in places.with_itemprop:
        for name in (element.get("itemprop") or "").lower().split():
            if name not in _ITEMPROPS:
                continue
            owner = _owner(element)
            if name in ("author", "creator"):
                around = next(element.iterancestors("article"), None)
                own = around if own is None else own
                if around is not None and around is not own:
                    continue
            if owner is None and name in ("author", "creator"):
                near = element.getparent()
                first_author = near if first_author is None else first_author
                if near is not first_author and near is not None and near.getparent() is not first_author.getparent():
                    continue
            scope = None if owner is None else owner.get("itemtype") or ""
            if owner is not None and scope is not None and _ARTICLE_SCOPES.search(scope):
                main = owner if main is None else main
                if owner is not main:
                    continue
            if name == "name" and (scope is None or not re.search("Article|Posting|Recipe", scope)):
                continue
            if scope is not None and (_OTHER_SCOPES.search(scope) or "Person" in scope):
                continue
            for value in _item_values(element, name):
                values = found.setdefault(name, [])
                if value not in values and len(values) < MAX_VALUES:
                    values.append(value[:MAX_VALUE_CHARS])
    return {name: tuple(values) for name, values in found.items()}


def _owner(element: HtmlElement) -> HtmlElement | None:
    """Return the element whose thing a property describes, None outside of any."""
    return next((parent for parent in element.iterancestors() if parent.get("itemscope") is not None), None)


def _item_values(element: HtmlElement, name: str) -> list[str]:
    if element.get("itemscope") is not None:
        named = element.xpath(".//*[contains(concat(' ', @itemprop, ' '), ' name ')]")
        inner = [_value(part, name) for part in named[:20]]
        if any(inner):
            return [value for value in inner if value]
    value = _value(element, name)
    return [value] if value else []


def _value(element: HtmlElement, name: str) -> str:
    for attribute in ("content", "datetime", *(("src", "href") if name == "image" else ())):
        if value := (element.get(attribute) or "").strip():
            return value
    return " ".join(str(element.text_content()).split())[:MAX_VALUE_CHARS]
