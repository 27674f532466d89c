"""RSS 0.9x-2.0, RDF, Atom and JSON Feed -> Links with title, dates and authors as the feed has them.

A link needs six small values of an entry, so entries are read one by one and dropped: 0.3 s of CPU and hardly any
memory for 20 MB of 5,000 whole articles, where feedparser, which cleans every text, takes 1.4 s and 50 to 127 MB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson
from lxml import etree

from ingest.discover.found import Found, in_order
from ingest.discover.links import LinkFilter, plain_title
from ingest.discover.xml import entries, name_of, text_of
from ingest.errors import SeedUnreadable
from ingest.model import Link, Moment, SeedKind
from ingest.text.dates.reader import DateContext, read
from ingest.text.normalize import normalise as normalise_text
from ingest.web.suffix_countries import country_of_host

MAX_ENTRIES = 5_000
MAX_AUTHORS = 20
MAX_VALUES = (
    1_000_000  # of JSON, 120 bytes each at worst; commas in texts are counted with them, 20 MB of prose has half
)
FEED_SCORE = 0.9  # almost all that feeds list are articles; podcasts, galleries and products are the rest

PUBLISHED = ("pubDate", "published", "issued", "dc:date", "dcterms:created", "dcterms:issued", "created", "date")
MODIFIED = ("updated", "modified", "dcterms:modified")
_AT, _DOT = r"\s?(?:@|[\[(](?:at|@)[\])])\s?", r"\s?(?:\.|[\[(](?:dot|\.)[\])])\s?"
MAIL = re.compile(rf"(?:mailto:)?[\w.+-]+{_AT}[\w-]+(?:{_DOT}[\w-]+)+", re.IGNORECASE)  # also in disguise
AUTHOR = ("author", "dc:creator")  # RFC 4287 keeps atom:contributor apart: photographers, translators
FEED_AUTHOR = ("author", "dc:creator", "managingEditor")
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"


def read_xml(utf8: bytes, *, url: str, link_filter: LinkFilter) -> Found:
    """Return the links of an RSS, RDF or Atom document at `url`, newest first.

    Entries without a usable address are passed over; what an ill-formed document holds besides is kept.
    """
    links: dict[str, Link] = {}
    language: str | None = None
    notes: set[str] = set()
    for number, entry in enumerate(entries(utf8, ("item", "entry"))):
        if number == 0:
            language = _feed_language(entry)
        if number >= MAX_ENTRIES:
            notes.add("too-many-entries")
            break
        link = _link(entry, url=url, link_filter=link_filter, language=language)
        if link is not None:
            links.setdefault(link.url, link)
    return Found(links=in_order(links.values()), notes=tuple(sorted(notes)))


def read_json(utf8: bytes, *, url: str, link_filter: LinkFilter) -> Found:
    """Return the links of a JSON Feed (1.0 and 1.1), newest first; raises SeedUnreadable for other JSON."""
    if sum(map(utf8.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise SeedUnreadable("bomb", f"more than {MAX_VALUES:,} values")
    try:
        document = orjson.loads(utf8)
    except orjson.JSONDecodeError as cause:
        raise SeedUnreadable("bad-json", str(cause)) from cause
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise SeedUnreadable("not-a-feed", "JSON without items")
    language = _text(document.get("language"))
    links: dict[str, Link] = {}
    inherited = {key: document[key] for key in ("authors", "author") if document.get(key)}
    for item in document["items"][:MAX_ENTRIES]:
        if isinstance(item, dict) and not (item.get("authors") or item.get("author")):
            item = {**item, **inherited}
        link = _json_link(item, url=url, link_filter=link_filter, language=language) if isinstance(item, dict) else None
        if link is not None:
            links.setdefault(link.url, link)
    notes = ("too-many-entries",) if len(document["items"]) > MAX_ENTRIES else ()
    return Found(links=in_order(links.values()), notes=notes)


def _link(entry: etree._Element, *, url: str, link_filter: LinkFilter, language: str | None) -> Link | None:
    base = _base(entry, url)
    address = next((found for raw in _addresses(entry, language) if (found := link_filter.link(raw, base))), None)
    if address is None:
        return None
    context = _context(url, language)
    published = _moment(entry, PUBLISHED, context)
    modified = _moment(entry, MODIFIED, context)
    title = next((plain_title(text_of(child)) for child in entry if name_of(child) in ("title", "dc:title")), None)
    return Link(
        url=address,
        found_in=url,
        found_by=SeedKind.FEED,
        title=title,
        published=published,
        modified=modified,
        authors=_authors(entry) or _source_authors(entry) or _feed_authors(entry),
        language=_language(entry.get(XML_LANG)) or language,
        score=FEED_SCORE,
    )


def _addresses(entry: etree._Element, language: str | None) -> Iterator[str]:
    """Give what an entry may mean as its page, the best first.

    Of several alternates (RFC 4287, 4.2.7) that is HTML for any device in the language of the entry, then the first.
    """
    wanted = _language(entry.get(XML_LANG)) or language
    alternates: list[tuple[int, str]] = []  # what speaks against each; sorting keeps their order
    later: list[str] = []
    for child in entry:
        name = name_of(child)
        text = (child.text or "").strip()
        if name == "feedburner:origLink" and text:
            yield text
        elif name == "link":
            href = child.get("href")
            relation = (child.get("rel") or "alternate").lower()
            if text and not href:
                alternates.append((0, text))
            elif href and relation == "alternate":
                alternates.append((_against(child, wanted), href))
        elif (name == "id" or (name == "guid" and _is_permalink(child))) and "/" in text:
            later.append(text)
    yield from (address for _, address in sorted(alternates, key=lambda one: one[0]))
    yield from later
    about = next((value for name, value in entry.attrib.items() if str(name).endswith("}about")), None)
    if about:
        yield str(about)


def _against(link: etree._Element, language: str | None) -> int:
    """Return how much speaks against an alternate as the page of an entry, 0 for nothing."""
    other_type = "html" not in (link.get("type") or "html").lower()
    other_device = (link.get("media") or "all").strip().lower() not in ("all", "screen")
    said = _language(link.get("hreflang"))
    other_language = bool(said and language and _primary(said) != _primary(language))
    return 4 * other_type + 2 * other_device + other_language


def _primary(tag: str) -> str:
    return tag.lower().replace("_", "-").partition("-")[0]


def _is_permalink(guid: etree._Element) -> bool:
    return (guid.get("isPermaLink") or "true").lower() != "false"


def _moment(entry: etree._Element, names: tuple[str, ...], context: DateContext) -> Moment | None:
    found = {name_of(child): (child.text or "") for child in entry if name_of(child) in names}
    return next((moment for name in names if name in found and (moment := read(found[name], context))), None)


def _context(url: str, language: str | None) -> DateContext:
    """Return what decides between several readings of a date: the country of the feed's host, the feed's language."""
    tag = (language or "").lower().replace("_", "-")
    region = tag.split("-")[-1].upper() if re.fullmatch(r"[a-z]{2}-[a-z]{2}", tag) else None
    return DateContext(
        country=country_of_host(_host(url)) or region,
        language=tag.split("-")[0] or None,
        month_first=tag == "en-us",
        declared=False,
    )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _authors(entry: etree._Element, tags: tuple[str, ...] = AUTHOR) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for child in entry:
        if name_of(child) in ("item", "entry"):
            break
        if name_of(child) in tags:
            inner = next((part for part in child if name_of(part) == "name"), None)
            name = plain_title(text_of(inner if inner is not None else child))
            if name:
                names.setdefault(_without_address(name))
    return tuple(name for name in names if name)[:MAX_AUTHORS]


def _source_authors(entry: etree._Element) -> tuple[str, ...]:
    """Return the authors of the feed that an entry was taken from, which come first (RFC 4287, section 4.2.1)."""
    source = next((child for child in entry if name_of(child) == "source"), None)
    return _authors(source) if source is not None else ()


def _feed_authors(entry: etree._Element) -> tuple[str, ...]:
    """Return the authors of the whole feed, who wrote the entries that name nobody (RFC 4287, section 4.1.1)."""
    for parent in entry.iterancestors():
        for child in parent:
            if name_of(child) in ("item", "entry"):
                break
            if name_of(child) in FEED_AUTHOR:
                return _authors(parent, FEED_AUTHOR)
    return ()


def _without_address(name: str) -> str:
    """RSS wants "mail@example.com (Name)": give the name, or nothing when there is a mail address alone."""
    without = MAIL.sub(" ", name)
    return name if without == name else " ".join(without.strip(" ()<>[]\"',;:-").split())


def _feed_language(entry: etree._Element) -> str | None:
    """Return the language the feed says it is in: the root's xml:lang or the channel's language element."""
    for parent in entry.iterancestors():
        if found := _language(parent.get(XML_LANG)):
            return found
        for child in parent:
            if name_of(child) in ("language", "dc:language") and (found := _language(child.text)):
                return found
    return None


def _language(text: str | None) -> str | None:
    text = (text or "").strip()
    return text if 2 <= len(text) <= 20 and text.replace("-", "").replace("_", "").isalnum() else None


def _base(entry: etree._Element, url: str) -> str:
    """Return what relative addresses of an entry are relative to: the nearest xml:base, else the feed."""
    bases = [found for step in (entry, *entry.iterancestors()) if (found := step.get(XML_BASE))]
    try:
        for base in reversed(bases):
            url = urljoin(url, base)
    except ValueError:  # a base such as "http://["
        pass
    return url


def _json_link(item: dict[str, Any], *, url: str, link_filter: LinkFilter, language: str | None) -> Link | None:
    places = (item.get(name) for name in ("url", "external_url", "id"))
    address = next(
        (found for raw in places if isinstance(raw, str) and "/" in raw and (found := link_filter.link(raw, url))), None
    )
    if address is None:
        return None
    context = _context(url, language)
    people = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    said = (_text(person.get("name")) for person in people or [] if isinstance(person, dict))
    names = [_without_address(name) for name in said if name]
    return Link(
        url=address,
        found_in=url,
        found_by=SeedKind.FEED,
        title=plain_title(_text(item.get("title"))),
        published=read(_text(item.get("date_published")), context),
        modified=read(_text(item.get("date_modified")), context),
        authors=tuple(dict.fromkeys(normalise_text(name) for name in names if name))[:MAX_AUTHORS],
        language=_language(_text(item.get("language"))) or _language(language),
        score=FEED_SCORE,
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
