"""A seed's bytes: unpacked within bounds, brought to UTF-8, and looked at to see what they really are.

Servers call feeds text/html and pages application/rss+xml; the root element does not lie.
"""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from ingest.errors import SeedUnreadable

MAX_UNPACKED_BYTES = 50 * 2**20  # sitemaps.org: a sitemap has 50 MiB at most, unpacked
MAX_RATIO = 200  # unpacked to packed; text packs 5 to 30 fold, bombs a thousand fold
RATIO_FROM_BYTES = 2**20  # small documents of repeated text may pack better
CHUNK_BYTES = 2**16
LOOK_BYTES = 2**16  # how far to look for the root element behind declarations and comments

GZIP_MAGIC = b"\x1f\x8b"
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NO_BOM = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"), (b"{\x00", "utf-16-le"), (b"\x00{", "utf-16-be"))
DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
IN_HEADER = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
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
    and ("bomb") past MAX_RATIO.
    """
    cut_off = False
    for _ in range(2):
        if not body.startswith(GZIP_MAGIC):
            break
        body, cut = _gunzip(body)
        cut_off = cut_off or cut
    return Unpacked(body=body, cut_off=cut_off)


def _gunzip(body: bytes) -> tuple[bytes, bool]:
    """Unpack all members of one gzip layer; the second value tells whether the end was missing or broken.

    Packed bytes go in by the chunk: what zlib leaves over is copied, and of a whole document that takes minutes.
    """
    out = BytesIO()
    size, place = 0, 0
    while body.startswith(GZIP_MAGIC, place):
        stream = zlib.decompressobj(wbits=31)
        while not stream.eof:
            packed = stream.unconsumed_tail or body[place : (place := place + CHUNK_BYTES)]
            try:
                piece = stream.decompress(packed, CHUNK_BYTES)
            except zlib.error:
                return out.getvalue(), True
            if not packed and not piece:
                return out.getvalue(), True
            size += len(piece)
            if size > MAX_UNPACKED_BYTES:
                raise SeedUnreadable("too-large", f"more than {MAX_UNPACKED_BYTES // 2**20} MiB unpacked")
            if size > RATIO_FROM_BYTES and size > MAX_RATIO * len(body):
                raise SeedUnreadable("bomb", f"unpacks to more than {MAX_RATIO} times its size")
            out.write(piece)
        place = min(place, len(body)) - len(stream.unused_data)
    return out.getvalue(), False


def as_utf8(body: bytes, content_type: str | None = None) -> bytes:
    """Return a document as UTF-8 without byte order mark; bad bytes become U+FFFD. Never raises.

    Order: byte order mark, bytes that can only be UTF-16, XML declaration, header, UTF-8. The declaration goes before
    the header here: feed servers send one header for all their files.
    """
    for bom, charset in BOMS:
        if body.startswith(bom):
            rest = body[len(bom) :]
            return rest if charset == "utf-8" and _is_sound(rest) else _recoded(rest, charset)
    for start, charset in NO_BOM:
        if body.startswith(start):
            return _recoded(body, charset)
    declared = DECLARED.match(body[:400])
    named = declared.group(1).decode("ascii") if declared else ""
    if not named and content_type and (in_header := IN_HEADER.search(content_type)):
        named = in_header.group(1)
    charset = _codec(named)
    sound = charset in ("utf-8", "ascii") and _is_sound(body)
    return body if sound else _recoded(body, "utf-8" if charset == "ascii" else charset)


def _is_sound(body: bytes) -> bool:
    """Tell whether bytes are UTF-8. libxml2 lets encoded surrogates pass, and lxml fails on them later."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), CHUNK_BYTES):
            decoder.decode(body[start : start + CHUNK_BYTES], start + CHUNK_BYTES >= len(body))
    except UnicodeDecodeError:
        return False
    return True


def _codec(name: str) -> str:
    """Return Python's name of a text codec; utf-8 for what is unknown, or UTF-16 said of bytes that are not."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return "utf-8"
    if not getattr(found, "_is_text_encoding", True) or found.name.startswith(("utf-16", "utf-32", "utf-7")):
        return "utf-8"
    # what the WHATWG encoding standard reads these labels as
    return {"iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}.get(found.name, found.name)


def _recoded(body: bytes, charset: str) -> bytes:
    """Decode and encode in chunks: a large UTF-16 document must not stand in memory three times."""
    out = BytesIO()
    try:
        decoder = codecs.getincrementaldecoder(charset)("replace")
        for start in range(0, len(body), CHUNK_BYTES):
            text = decoder.decode(body[start : start + CHUNK_BYTES], start + CHUNK_BYTES >= len(body))
            out.write(text.encode("utf-8", "replace"))
    except (LookupError, ValueError):  # a codec without a decoder for streams, such as idna or punycode
        return body
    return out.getvalue()


def shape_of(utf8: bytes) -> Shape:
    """Tell what a UTF-8 document is by its first element or character."""
    head = utf8[:LOOK_BYTES]
    start = 0
    while match := PROLOG.match(head, start):
        if HTML_DOCTYPE.search(match.group()):
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
