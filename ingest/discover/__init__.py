"""Bytes of a seed -> links and further seeds.

A seed's kind says what its operator believes it is; the bytes decide. Nothing is fetched here: a page comes in, values
go out. A new kind of seed is one file and one line in `read`.

feeds.py, sitemaps.py, sections.py, url_lists.py    one reader for each kind of seed; found.py what it gives
xml.py, stream.py    elements of XML of any quality; bytes.py unpacking and decoding; html.py links of a page
links.py             which addresses may become links; dates.py dates of feeds and sitemaps
link_sets.py         links of one list and form, scored together; exploration.py a few of them fetched first
pagination.py        the next page of a list; window.py which links and archives a backfill wants
url_form_model.py    how likely a link is an article; listings.py which listings are fetched; polling.py when seeds are
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from ingest.discover import feeds, sections, sitemaps, url_lists
from ingest.discover.bytes import Shape, shape_of, unpack
from ingest.discover.found import Found
from ingest.discover.links import LinkFilter
from ingest.errors import SeedUnreadable
from ingest.model import Page, Seed, SeedKind, Source
from ingest.web.charset import xml_as_utf8
from ingest.web.sniff import binary_kind

__all__ = ["Found", "SeedReader", "kind_of", "read"]

# A reader of one's own, named in INGEST_SEED_READERS: gives None for a seed that it leaves to the others.
SeedReader = Callable[[Page, Seed, Source], Found | None]

# Text whose first line is no address may still be a person's list, but no sitemap.
TEXT_LISTS = ((SeedKind.LIST, Shape.URLS), (SeedKind.LIST, Shape.TEXT), (SeedKind.SITEMAP, Shape.URLS))


# What the bytes of a home page can be beside a page: `ingest add` may be given a feed's own address.
KINDS = {Shape.FEED: SeedKind.FEED, Shape.SITEMAP: SeedKind.SITEMAP}
MIN_SHARE = 0.6  # of a feed's entries on one other site: that is where its articles are


def kind_of(page: Page) -> SeedKind | None:
    """Return what kind of seed a home page's bytes are, None for a page."""
    try:
        return KINDS.get(shape_of(xml_as_utf8(unpack(page.body).body, page.header("Content-Type"))))
    except SeedUnreadable:
        return None


def read(page: Page, seed: Seed, source: Source, readers: Iterable[SeedReader] = ()) -> Found:
    """Return what a seed's page links to: pages of the source that it wants, and further seeds, the best first.

    A feed that is really a sitemap is read as one, and the other way round, with a note. Raises SeedUnreadable when
    the bytes cannot give links: reasons "empty", "not-a-feed", "not-a-sitemap", "not-a-section", "not-a-list",
    "bad-json", "bomb", "too-large", "needs-rendering". The operator's own `readers` are asked first; one that raises
    makes the seed unreadable ("reader-failed"), never the run.
    """
    for reader in readers:
        if (own := _by_own(reader, page, seed, source)) is not None:
            return own
    unpacked = unpack(page.body)
    if kind := binary_kind(unpacked.body):
        raise SeedUnreadable(f"not-a-{seed.kind}", f"the bytes are {kind}")
    utf8 = xml_as_utf8(unpacked.body, page.header("Content-Type"))
    link_filter = LinkFilter.of(source, page.final_url)
    found = _read(page, utf8, seed=seed, link_filter=link_filter)
    if not found.links and _is_hosted(seed, source) and (hosted := link_filter.most_refused(MIN_SHARE)) is not None:
        found = _read(page, utf8, seed=seed, link_filter=replace(link_filter, sites=link_filter.sites | {hosted}))
    if link_filter.linked:
        found = _as_linked(found, link_filter)
    if unpacked.cut_off:
        found = replace(found, notes=(*found.notes, "cut-off"))
    return found


def _as_linked(found: Found, link_filter: LinkFilter) -> Found:
    sets = (replace(one, links=tuple(map(link_filter.as_linked, one.links))) for one in found.doubtful)
    return replace(found, links=tuple(map(link_filter.as_linked, found.links)), doubtful=tuple(sets))


def _is_hosted(seed: Seed, source: Source) -> bool:
    """Return whether all that is known of a source is a feed: the site that its entries lie on is the source's."""
    return seed.kind is SeedKind.FEED and urlsplit(source.url).path.rstrip("/") != "" and source.url == seed.url


def _by_own(reader: SeedReader, page: Page, seed: Seed, source: Source) -> Found | None:
    try:
        return reader(page, seed, source)
    except SeedUnreadable:
        raise
    except Exception as error:
        raise SeedUnreadable("reader-failed", f"{type(error).__name__}: {error}") from error


def _read(page: Page, utf8: bytes, *, seed: Seed, link_filter: LinkFilter) -> Found:
    shape = shape_of(utf8)
    if shape is Shape.EMPTY:
        raise SeedUnreadable("empty")
    if shape is Shape.FEED:
        return _noted(feeds.read_xml(utf8, url=page.final_url, link_filter=link_filter), shape, seed)
    if shape is Shape.SITEMAP:
        return _noted(
            sitemaps.read_xml(utf8, url=page.final_url, depth=seed.depth, link_filter=link_filter), shape, seed
        )
    if shape is Shape.JSON and seed.kind is SeedKind.FEED:
        return feeds.read_json(utf8, url=page.final_url, link_filter=link_filter)
    if (seed.kind, shape) in TEXT_LISTS:
        return url_lists.read(utf8, url=page.final_url, kind=seed.kind, link_filter=link_filter)
    if shape in (Shape.HTML, Shape.TEXT) and seed.kind is SeedKind.SECTION:
        return sections.read(page, seed=seed, link_filter=link_filter)
    raise SeedUnreadable(f"not-a-{seed.kind}", f"the bytes are {shape}")


def _noted(found: Found, shape: Shape, seed: Seed) -> Found:
    """Say so when the bytes were another kind than the seed's."""
    if shape.value == seed.kind.value:
        return found
    return replace(found, notes=(*found.notes, f"read-as-{shape}"))
