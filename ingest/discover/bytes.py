"""A seed's bytes: unpacked within bounds, and looked at to see what they really are.

Servers call feeds text/html and pages application/rss+xml; the root element does not lie.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from ingest.errors import SeedUnreadable
from ingest.web.gunzip import GZIP_START, UndecodableError, collect, gunzip

MAX_UNPACKED_BYTES = 50 * 2**20  # sitemaps.org: a sitemap has 50 MiB at most, unpacked
LOOK_BYTES = 2**16  # how far to look for the root element behind declarations and comments

PROLOG = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\b[^>\[]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE)
ROOT = re.compile(rb"\s*<([A-Za-z_][\w.:-]{0,80})")
HTML_DOCTYPE = re.compile(rb"<!DOCTYPE\s+html", re.IGNORECASE)
A_URL_LINE = re.compile(rb"\s*https?://\S+\s*(?:\n|\r|$)", re.IGNORECASE)


class Shape(StrEnum):
    """What bytes are, whatever they are called."""

    FEED = "feed"
    JSON = "json"
    SITEMAP = "sitemap"
    HTML = "html"
    XML = "xml"  # some other vocabulary
    URLS = "urls"  # plain text, an address a line
    TEXT = "text"
    EMPTY = "empty"


ROOTS = {
    b"rss": Shape.FEED,
    b"feed": Shape.FEED,
    b"rdf": Shape.FEED,
    b"channel": Shape.FEED,
    b"urlset": Shape.SITEMAP,
    b"sitemapindex": Shape.SITEMAP,
    b"html": Shape.HTML,
    b"head": Shape.HTML,
    b"body": Shape.HTML,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """Bytes out of their gzip layers; `cut_off` when the stream ended before its end."""

    body: bytes
    cut_off: bool = False


def unpack(body: bytes) -> Unpacked:
    """Undo up to two layers of gzip, which sitemaps come in whatever the headers say.

    What a cut or broken stream gave until then is kept. Raises SeedUnreadable("too-large") past MAX_UNPACKED_BYTES
    and ("bomb") for what unpacks to too much.
    """
    cut_off = False
    for _ in range(2):
        if not body.startswith(GZIP_START):
            break
        body, cut = _gunzip(body)
        cut_off = cut_off or cut
    return Unpacked(body=body, cut_off=cut_off)


def _gunzip(body: bytes) -> tuple[bytes, bool]:
    """Unpack one gzip layer; the second value says whether the end was missing or broken."""
    with BytesIO() as out:
        try:
            collect(out, gunzip(body), packed_bytes=len(body), max_bytes=MAX_UNPACKED_BYTES)
        except zlib.error:
            return out.getvalue(), True
        except UndecodableError as error:
            if error.reason != "truncated":
                raise SeedUnreadable(error.reason, error.detail) from error
            return out.getvalue(), True
        return out.getvalue(), False


def shape_of(utf8: bytes) -> Shape:
    """Tell what a UTF-8 document is by its first element or character."""
    head = utf8[:LOOK_BYTES]
    start = 0
    while match := PROLOG.match(head, start):
        if HTML_DOCTYPE.match(match.group().lstrip()):
            return Shape.HTML
        start = match.end()
    if root := ROOT.match(head, start):
        return ROOTS.get(
            root.group(1).rpartition(b":")[2].lower(), Shape.XML if head.lstrip()[:5] == b"<?xml" else Shape.HTML
        )
    rest = head[start:].lstrip()
    if not rest:
        return Shape.EMPTY
    if rest[:1] in (b"{", b"["):
        return Shape.JSON
    if A_URL_LINE.match(rest):
        return Shape.URLS
    return Shape.HTML if rest[:1] == b"<" else _inner(head)


def _inner(head: bytes) -> Shape:
    """Look behind junk before the document: a warning of PHP, an empty line before the declaration."""
    places = {
        name: head.find(b"<" + name) for name in (b"rss", b"feed", b"rdf:RDF", b"urlset", b"sitemapindex", b"html")
    }
    found = {name: place for name, place in places.items() if place >= 0}
    if not found:
        return Shape.TEXT
    return ROOTS[min(found, key=lambda name: found[name]).partition(b":")[0].lower()]
