"""A plain text of addresses, one a line -> Links: URL lists of a person, and sitemaps in text form."""

from __future__ import annotations

from ingest.discover.found import Found
from ingest.discover.links import LinkFilter
from ingest.model import Link, SeedKind

MAX_URLS = 50_000
LIST_SCORE = 0.9  # a person chose them
TEXT_SITEMAP_SCORE = 0.5


def read(utf8: bytes, *, url: str, kind: SeedKind, link_filter: LinkFilter) -> Found:
    """Return the addresses of a text in its order; blank lines, comments (#) and what is no address are passed over."""
    links: dict[str, Link] = {}
    score = LIST_SCORE if kind is SeedKind.LIST else TEXT_SITEMAP_SCORE
    notes: tuple[str, ...] = ()
    for line in utf8.decode("utf-8", "replace").splitlines():
        line = line.strip()
        if not line.lower().startswith(("http://", "https://")):
            continue
        if len(links) >= MAX_URLS:
            notes = ("too-many-urls",)
            break
        address = link_filter.link(line.split()[0], url)
        if address is not None:
            links.setdefault(address, Link(url=address, found_in=url, found_by=kind, score=score))
    return Found(links=tuple(links.values()), notes=notes)
