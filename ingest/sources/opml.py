"""OPML, the list of feeds that feed readers take and give: outlines -> sources, sources -> outlines.

What readers add to OPML is taken where it translates: pages that FreshRSS scrapes become sections, the selectors of
FreshRSS and Miniflux for the text of an article become rules. The rest is noted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import quoteattr

from lxml import etree

from ingest.errors import SourceError, UrlError
from ingest.model import ExtractionRules, Seed, SeedKind, Source
from ingest.sources.checks import NAME, selector_fault
from ingest.sources.probe import name_of
from ingest.web.urls import host, key, normalise, origin

MAX_BYTES = 20 * 2**20
MAX_OUTLINES = 100_000
NAME_CHARS = 64
SCRAPED = frozenset({"html+xpath"})  # a page with links to articles
_BARE_AMPERSAND = re.compile(rb"&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)")
NO_FEEDS = frozenset({"xml+xpath", "json+dotpath", "json+dotnotation", "html+xpath+json+dotpath",
                      "html+xpath+json+dotnotation"})  # fmt: skip
FOLDERS = frozenset({"include"})
# attributes that hold CSS selectors, of FreshRSS (namespace frss) and Miniflux, by their names in lower case
BODY_RULES = ("cssfullcontent", "scraperrules")
STRIP_RULES = ("cssfullcontentfilter", "csscontentfilter")
NOT_TAKEN = {
    "opmlurl": "the list behind it is not read; import it by itself",
    "cssfullcontentconditions": "its conditions on full content are not taken",
    "blocklistrules": "its block rules are not taken; exclude does that for addresses",
    "keeplistrules": "its keep rules are not taken; match does that for addresses",
    "blockfilterentryrules": "its block rules are not taken; exclude does that for addresses",
    "keepfilterentryrules": "its keep rules are not taken; match does that for addresses",
    "rewriterules": "its rewrite rules are not taken",
    "urlrewriterules": "its rewrite rules are not taken",
    "filtersactionread": "its filters are not taken",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """What an OPML document names."""

    sources: tuple[Source, ...]
    bad: int  # outlines that could not be read
    notes: tuple[str, ...]  # what was not taken, a sentence each with the outline's title


@dataclass(slots=True)
class _Site:
    """What the outlines of one site say."""

    url: str
    title: str
    seeds: dict[Seed, None] = field(default_factory=dict)
    body: dict[str, None] = field(default_factory=dict)
    strip: dict[str, None] = field(default_factory=dict)


def read_opml(data: bytes) -> tuple[tuple[Source, ...], int]:
    """Return the sources of an OPML document and how many outlines could not be read. Raises SourceError."""
    read = read_subscriptions(data)
    return read.sources, read.bad


def read_subscriptions(data: bytes) -> Subscriptions:
    """Return a source for each site in an OPML document, with its feeds.

    Feeds that name one home page are one source's. A feed that names none is a source of its own where others of its
    host name none either: that is how services host the feeds of many. Folders are passed over. Raises SourceError for
    what is no OPML.
    """
    outlines = [_attributes(outline) for outline in _outlines(data)]
    alone = Counter(origin for given in outlines if (origin := _origin_without_home(given)))
    sites: dict[str, _Site] = {}
    notes: list[str] = []
    bad = 0
    for given in outlines:
        if not _is_subscription(given):
            notes += _notes(given, ("opmlurl",))
            continue
        try:
            bad += not _take(given, sites, notes, alone)
        except UrlError:
            bad += 1
    return Subscriptions(sources=_named(tuple(sites.values())), bad=bad, notes=tuple(dict.fromkeys(notes)))


def _local_name(tag: str) -> str:
    """Return the name without namespace or prefix; a recovered document may have any text as a name."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def _outlines(data: bytes) -> list[etree._Element]:
    if len(data) > MAX_BYTES:
        raise SourceError(f"larger than {MAX_BYTES // 2**20} MiB; split it")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(_escaped(data.lstrip()), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"not OPML: {error}") from error
    if root is None or _local_name(root.tag) != "opml":
        raise SourceError("not OPML: its first element is not <opml>")
    return [
        element
        for element in root.iter()
        if isinstance(element.tag, str) and _local_name(element.tag) == "outline" and not _is_commented_out(element)
    ][:MAX_OUTLINES]


def _escaped(data: bytes) -> bytes:
    """Return a document with its bare "&" escaped: libxml2 drops them with the name behind, "?a=1&b=2" is "?a=1=2"."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16
        return data
    return _BARE_AMPERSAND.sub(b"&amp;", data)


def _is_commented_out(outline: etree._Element) -> bool:
    """Return whether an outline or one above it is commented out: OPML 2.0, "common attributes"."""
    return any(
        str(value).strip().lower() == "true"
        for one in (outline, *outline.iterancestors())
        for name, value in one.attrib.items()
        if str(name).lower() == "iscomment"
    )


def _attributes(outline: etree._Element) -> dict[str, str]:
    """Return the attributes by their local names in lower case: xmlUrl, xmlURL and XMLURL are written."""
    return {
        str(name).rpartition("}")[2].rpartition(":")[2].lower(): str(value).strip()
        for name, value in outline.attrib.items()
    }


def _is_subscription(given: Mapping[str, str]) -> bool:
    kind = given.get("type", "").lower()
    return kind not in FOLDERS and bool(given.get("xmlurl") or kind == "link")


def _take(given: Mapping[str, str], sites: dict[str, _Site], notes: list[str], alone: Counter[str]) -> bool:
    """Add an outline to its site; tell whether it names an address. Raises UrlError for one that cannot be read."""
    kind = given.get("type", "").lower()
    address = _address(given["xmlurl"]) if given.get("xmlurl") else None
    if _is_muted(given):
        notes.append(f"{_title(given)}: switched off there, not taken")
        return True
    url = _site_url(given, address, alone)
    site = sites.setdefault(key(url), _Site(url, _title(given)))
    if kind in SCRAPED and address:
        site.seeds[Seed(url=address, kind=SeedKind.SECTION)] = None
    elif kind in NO_FEEDS:
        notes.append(
            f"{_title(given)}: no feed but {given['type']}; its site is taken, seeds are found at the first run"
        )
    elif address:
        site.seeds[Seed(url=address, kind=SeedKind.FEED)] = None
    for rules, names in ((site.body, BODY_RULES), (site.strip, STRIP_RULES)):
        for selector in (line.strip() for name in names for line in given.get(name, "").splitlines()):
            if selector and (fault := selector_fault(selector)):
                notes.append(f"{_title(given)}: {selector!r} is {fault}")
            elif selector:
                rules[selector] = None
    notes += _notes(given, NOT_TAKEN)
    return True


def _notes(given: Mapping[str, str], names: Iterable[str]) -> list[str]:
    return [f"{_title(given)}: {NOT_TAKEN[name]}" for name in names if given.get(name)]


def _title(given: Mapping[str, str]) -> str:
    return " ".join((given.get("title") or given.get("text") or given.get("xmlurl") or "an outline").split())[:80]


def _is_muted(given: Mapping[str, str]) -> bool:
    """Tell whether the reader does not ask this feed: Miniflux's disabled, FreshRSS' negative time to live."""
    return given.get("disabled", "").lower() in ("true", "1") or given.get("ttl", "").startswith("-")


def _address(written: str) -> str:
    """Return an address; readers write feed:https://... and feed://... too. Raises UrlError."""
    scheme, colon, rest = written.partition(":")
    if colon and scheme.lower() == "feed":
        written = f"http:{rest}" if rest.startswith("//") else rest
    return normalise(written)


def _origin_without_home(given: Mapping[str, str]) -> str | None:
    if given.get("htmlurl") or not given.get("xmlurl"):
        return None
    try:
        return origin(_address(given["xmlurl"]))
    except UrlError:
        return None


def _site_url(given: Mapping[str, str], address: str | None, alone: Counter[str]) -> str:
    """Return the address that a source has: its home page, else where its feed lies. Raises UrlError."""
    home = given.get("htmlurl") or (given.get("url") if given.get("type", "").lower() == "link" else None)
    if home:
        try:
            return _address(home)
        except UrlError:
            if address is None:
                raise
    if address is None:
        raise UrlError("no address")
    return address if alone[origin(address)] > 1 else f"{origin(address)}/"


def _named(sites: Sequence[_Site]) -> tuple[Source, ...]:
    """Return the sites as sources, named after their hosts; several of one host after their titles."""
    hosts = Counter(host(site.url) for site in sites)
    used: set[str] = set()
    made = []
    for site in sites:
        wanted = name_of(site.url)
        if hosts[host(site.url)] > 1:
            wanted = _slug(site.title) or wanted
        name, number = wanted, 2
        while name in used:
            name, number = f"{wanted[: NAME_CHARS - 6]}-{number}", number + 1
        used.add(name)
        rules = ExtractionRules(body=tuple(site.body), strip=tuple(site.strip))
        made.append(Source(name=name, url=site.url, seeds=tuple(site.seeds), rules=rules))
    return tuple(made)


def _slug(title: str) -> str:
    slug = re.sub(r"[\W_]+", "-", title.lower()).strip("-")[:NAME_CHARS].strip("-")
    return slug if NAME.fullmatch(slug) else ""


def write_opml(sources: Iterable[Source]) -> str:
    """Return the sources as OPML 2.0: an outline for each feed, a link for a source without one."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "  <head><title>Sources of ingest</title></head>",
        "  <body>",
    ]
    for source in sources:
        feeds = [seed.url for seed in source.seeds if seed.kind is SeedKind.FEED]
        lines += [_outline(source, type="rss", xmlUrl=feed, htmlUrl=source.url) for feed in feeds]
        if not feeds:
            lines.append(_outline(source, type="link", url=source.url))
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _outline(source: Source, **attributes: str) -> str:
    shown = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"    <outline text={quoteattr(source.name)}{shown}/>"


def unknown(read: Sequence[Source], declared: Iterable[Source]) -> tuple[Source, ...]:
    """Return the sources that are not declared yet, by address and by feed, under names that are not taken."""
    declared = tuple(declared)
    addresses = {source.url for source in declared} | {seed.url for source in declared for seed in source.seeds}
    names = {source.name for source in declared}
    new = []
    for source in read:
        if source.url in addresses or (source.seeds and all(seed.url in addresses for seed in source.seeds)):
            continue
        name, number = source.name, 2
        while name in names:
            name, number = f"{source.name}-{number}", number + 1
        names.add(name)
        new.append(replace(source, name=name))
    return tuple(new)
