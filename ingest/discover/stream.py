"""Entries of a well-formed XML document, one by one, in memory that does not grow with the document.

libxml2 reports each tag as it comes and builds no tree. Kept are an entry's first levels, what it lies in and the
first elements beside it: all that feeds and sitemaps are read for. 20 MB of nothing but tags cost 2 MB beside their own
bytes, where a tree takes 600.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from lxml import etree

from ingest.errors import SeedUnreadable
from ingest.web.html_limits import bounded

CHUNK_BYTES = 2**16
HEAD_BYTES = 2**18  # where prefixes that are used and not declared are looked for
MAX_NAMES = 5_000  # of elements and attributes; libxml2 keeps every name it met for good, 50 bytes each
MAX_ELEMENTS = 2_000_000  # 2 s of CPU; the largest sitemaps have half as many, and the reader stops at its last entry
MAX_DEPTH = 200  # below libxml2's own limit; deeper elements are let go with the rest of the document
MAX_ENTRY_DEPTH = 8  # news:news/news:publication/news:language is 3; an Atom title may hold markup
MAX_ENTRY_ELEMENTS = 2_000
MAX_ENTRY_CHARS = 2_000_000  # what follows is the article's text, which nobody reads here
MAX_BESIDE = 1_000  # elements outside entries that are kept: the channel's language is one of them
LONG_TAG = re.compile(rb"<[A-Za-z_:\x80-\xff][^<]{6000,}")
NAME = re.compile(
    rb"<([A-Za-z_:\x80-\xff][^\s/>\"'<=]{0,500})|[\s\"']([A-Za-z_:\x80-\xff][^\s/>\"'<=]{0,500})\s{0,9}=\s{0,9}[\"']"
)
PREFIXED = re.compile(rb"(?!xml)[A-Za-z_][\w.-]{0,30}:[^:]+")
ROOT = re.compile(rb"<[A-Za-z_][^\s/>]{0,100}")
CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r")  # not allowed in XML 1.0
ATTRIBUTES = frozenset(
    (
        *("href", "hreflang", "media", "rel", "type", "isPermaLink"),
        *(f"{{http://www.w3.org/XML/1998/namespace}}{name}" for name in ("lang", "base")),
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about",
    )
)

SITEMAP = re.compile(r"(?:google\.com|sitemaps\.org)/schemas/sitemap(?:/|$)|^sitemaps\.org")
NAMESPACES = {
    "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "",  # Atom 0.3
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap/0.84": "",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://www.google.com/schemas/sitemap-news/0.9": "news:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
}
_SCHEME = re.compile(r"https?://(?:www\.)?")


def _plain(uri: str) -> str:
    return _SCHEME.sub("", uri.strip().lower()).rstrip("/#")


_BY_PLAIN = {_plain(uri): prefix for uri, prefix in NAMESPACES.items()}


@lru_cache(maxsize=1000)
def prefix_of(uri: str) -> str | None:
    """Return the usual prefix of a namespace, None for one that is not read.

    With https, in capitals or without its last sign it is another namespace by the letter, and the same one is meant.
    """
    found = NAMESPACES.get(uri)
    if found is None:
        found = _BY_PLAIN.get(_plain(uri))
    if found is None:
        plain = _plain(uri)
        if "sitemap-news" in plain:
            return "news:"
        if SITEMAP.search(plain) or ("purl.org/rss" in plain and "modules" not in plain):
            return ""
    return found


PREFIXES = {prefix.rstrip(":"): uri for uri, prefix in NAMESPACES.items() if prefix} | {
    "atom": "http://www.w3.org/2005/Atom"
}


class XmlNames:
    """The names of elements and attributes in parts of a document, counted before libxml2 sees them."""

    def __init__(self) -> None:
        self.met: set[tuple[bytes, bytes]] = set()

    def count(self, utf8: bytes) -> None:
        """Count those of a part; raises SeedUnreadable("bomb") for a flood of them."""
        self.met.update(NAME.findall(utf8))
        if len(self.met) > MAX_NAMES:
            raise _too_many_names()

    def undeclared(self) -> list[str]:
        """Return the prefixes that are used and not declared."""
        used = {name.partition(b":")[0] for name, _ in self.met if PREFIXED.fullmatch(name)}
        declared = {name.partition(b":")[2] for _, name in self.met if name.startswith(b"xmlns:")}
        return sorted(prefix.decode("ascii") for prefix in used - declared)


def without_floods(utf8: bytes) -> bytes:
    """Return the document with every tag cut down to its first two thousand attributes."""
    parts, done = [], 0
    for tag in LONG_TAG.finditer(utf8):
        short = bounded(tag.group())
        if len(short) < tag.end() - tag.start():
            parts += [utf8[done : tag.start()], short]
            done = tag.end()
    return b"".join((*parts, utf8[done:])) if parts else utf8


def streamed(utf8: bytes, names: tuple[str, ...], *, without: tuple[int, int]) -> Iterator[etree._Element]:
    """Parse strictly, but for the bytes between two places, and give each element of these local names when it ends.

    Raises XMLSyntaxError at the first error, SeedUnreadable("bomb") past MAX_ELEMENTS and MAX_NAMES.
    """
    kept = _Kept(frozenset(names))
    parser = etree.XMLParser(
        target=kept,  # type: ignore[arg-type]  # its stubs ask for methods that libxml2 calls only where they are
        encoding="utf-8",  # whatever the declaration says: it was followed when the bytes were brought to UTF-8
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    error: etree.XMLSyntaxError | None = None
    for chunk in _chunks(utf8, without):
        try:
            parser.feed(chunk.translate(None, CONTROLS))
        except etree.XMLSyntaxError as cause:
            error = cause
        yield from kept.whole()
        if error is not None:
            raise error
    parser.close()
    yield from kept.whole()


def _chunks(utf8: bytes, without: tuple[int, int]) -> Iterator[bytes]:
    """Give the document without the bytes between two places, its root declaring the prefixes that nothing declares."""
    first, last = without
    root = ROOT.search(utf8, last)
    place = root.end() if root else last
    yield utf8[:first] + utf8[last:place]
    head = XmlNames()
    head.count(utf8[:HEAD_BYTES])
    yield "".join(f" xmlns:{prefix}='{PREFIXES.get(prefix, 'undeclared')}'" for prefix in head.undeclared()).encode()
    for begin in range(place, len(utf8), CHUNK_BYTES):
        yield utf8[begin : begin + CHUNK_BYTES]


def _too_many_names() -> SeedUnreadable:
    return SeedUnreadable("bomb", f"more than {MAX_NAMES:,} names of elements and attributes")


def _too_deep() -> etree.XMLSyntaxError:
    """Return an error like any other of the document's: what follows is read by pieces."""
    message = f"deeper than {MAX_DEPTH} elements"
    return etree.XMLSyntaxError(message, 0, 0, 0)  # type: ignore[call-arg,arg-type]  # its stubs know no arguments


class _Kept:
    """The target of a parser: receives each tag from libxml2 and keeps what entries need."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.elements = 0
        self.met: set[str] = set()  # names; libxml2 is at most a chunk ahead
        self.beside = 0
        self.open: list[etree._Element | None] = []  # from the root down; None for what is not kept
        self.entry_depth = 0  # of the open entry, 0 for none
        self.in_entry = 0  # elements of it
        self.chars = 0  # of its text
        self.text: list[str] = []
        self.last: etree._Element | None = None  # the element that ended last: text after it is its tail
        self.ended: list[etree._Element] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self.text:
            self._place_text()
        self.elements += 1
        self.met.add(tag)
        if attributes:
            self.met.update(attributes)
        if len(self.met) > MAX_NAMES:
            raise _too_many_names()
        if self.elements > MAX_ELEMENTS:
            raise SeedUnreadable("bomb", f"more than {MAX_ELEMENTS:,} elements")
        if len(self.open) >= MAX_DEPTH:
            raise _too_deep()
        self.last = None
        begins = not self.entry_depth and tag.rpartition("}")[2] in self.names
        if not begins and not self._is_kept():
            self.open.append(None)
            return
        self.open.append(self._made(tag, attributes))
        if begins:
            self.entry_depth, self.in_entry, self.chars = len(self.open), 0, 0

    def end(self, tag: str) -> None:
        if self.text:
            self._place_text()
        element = self.last = self.open.pop()
        if element is not None and len(self.open) + 1 == self.entry_depth:
            self.entry_depth = 0
            self.ended.append(element)
            self.last = None

    def data(self, text: str) -> None:
        wanted = self.open and self.open[-1] is not None and (self.entry_depth or self.last is None)
        if wanted and self.chars < MAX_ENTRY_CHARS:
            self.chars += len(text)
            self.text.append(text)

    def close(self) -> None:
        """Nothing is left to do."""

    def whole(self) -> Iterator[etree._Element]:
        """Give the entries that ended since the last call, and let go of each when the next is asked for."""
        ended, self.ended = self.ended, []
        for element in ended:
            yield element
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)

    def _is_kept(self) -> bool:
        if not self.entry_depth:
            self.beside += 1
            return self.beside <= MAX_BESIDE
        self.in_entry += 1
        return (
            self.open[-1] is not None
            and len(self.open) - self.entry_depth < MAX_ENTRY_DEPTH
            and self.in_entry <= MAX_ENTRY_ELEMENTS
        )

    def _made(self, tag: str, attributes: Mapping[str, str]) -> etree._Element:
        kept = {name: value for name, value in attributes.items() if name in ATTRIBUTES}
        parent = next((element for element in reversed(self.open) if element is not None), None)
        for name in (tag, f"{{undeclared}}{tag.rpartition('}')[2]}", "unnamed"):
            try:
                return etree.Element(name, kept) if parent is None else etree.SubElement(parent, name, kept)
            except ValueError:  # what libxml2 reads, lxml need not write: a namespace of brackets
                continue
        raise AssertionError("there is a name for every element")

    def _place_text(self) -> None:
        text, self.text = "".join(self.text), []
        if self.last is not None:
            self.last.tail = text
        elif (element := self.open[-1]) is not None and element.text is None:
            element.text = text
