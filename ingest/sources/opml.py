"""OPML, the list of feeds that feed readers take and give: outlines -> sources, sources -> outlines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from xml.sax.saxutils import quoteattr

from lxml import etree

from ingest.errors import SourceError, UrlError
from ingest.model import Seed, SeedKind, Source
from ingest.sources.ad_hoc import ad_hoc
from ingest.web.urls import normalise, origin

MAX_BYTES = 20 * 2**20
MAX_OUTLINES = 100_000


def read_opml(data: bytes) -> tuple[tuple[Source, ...], int]:
    """Return a source for each site in an OPML document, with its feeds, and how many outlines could not be read.

    Feeds of one site, by the address of its home page, are one source's. Folders are passed over. Raises SourceError
    for what is no OPML.
    """
    if len(data) > MAX_BYTES:
        raise SourceError(f"larger than {MAX_BYTES // 2**20} MiB; part it")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"not OPML: {error}") from error
    if root is None or root.tag != "opml":
        raise SourceError("not OPML: its first element is not <opml>")
    feeds: dict[str, list[str]] = {}
    bad = 0
    for outline in list(root.iter("outline"))[:MAX_OUTLINES]:
        feed = outline.get("xmlUrl") or outline.get("xmlurl")
        home = outline.get("htmlUrl") or outline.get("htmlurl")
        if not feed and outline.get("type") != "link":
            continue  # a folder
        try:
            address = normalise(feed) if feed else None
            site = _site(home or outline.get("url"), address)
        except UrlError:
            bad += 1
            continue
        feeds.setdefault(site, []).extend([address] if address and address not in feeds.get(site, []) else [])
    made = ad_hoc(feeds)
    return tuple(
        replace(source, seeds=tuple(Seed(url=url, kind=SeedKind.FEED) for url in feeds.get(source.url, ())))
        for source in made
    ), bad


def _site(home: str | None, feed: str | None) -> str:
    """Return the address a source has: of the home page where it can be read, else where the feed lies."""
    if home:
        try:
            return normalise(home)
        except UrlError:
            if feed is None:
                raise
    if feed is None:
        raise UrlError("no address")
    return f"{origin(feed)}/"


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
    told = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f"    <outline text={quoteattr(source.name)}{told}/>"


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
