"""Elements of feeds and sitemaps, read one by one from XML of any quality.

Well-formed documents are read as a stream (stream.py), so memory does not grow with them. At the first error the
document is read again by pieces, each entry for itself, so that one bad entry costs only itself. A DTD is cut out
before parsing: nothing is fetched for it and no entity of its making expands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.entities import html5

from lxml import etree

from ingest.discover.stream import CONTROLS, NAMESPACES, XmlNames, prefix_of, streamed, without_floods

CODE = frozenset(("script", "style"))  # in a title written as markup: no text
MAX_PIECES = 60_000  # somewhat more than any reader takes; a document of empty entries has millions
MAX_PIECE_BYTES = 2**20  # one entry; feeds with whole articles stay far below
DOCTYPE = re.compile(rb"<!DOCTYPE\b", re.IGNORECASE)
# What may stand before the root element, and its beginning; a comment may speak of a DOCTYPE.
PROLOG_PART = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!DOCTYPE\b|<[A-Za-z_]", re.IGNORECASE | re.DOTALL)
NAMED_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{0,31});")
NUMBERED = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
BARE_AMPERSAND = re.compile(rb"&(?!#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{0,31};)")
# A tag, or a part whose angle brackets are no tags.
TAG = re.compile(
    rb"<!\[CDATA\[.*?\]\]>|<!--.*?-->|<\?.*?\?>|<(/?)([A-Za-z_][\w.:-]*)(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*>", re.DOTALL
)
CDATA = re.compile(rb"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)

# Around a piece, so that the usual prefixes mean what they mean in whole documents.
WRAP = (
    b"<w %s>%%s</w>"
    % b" ".join(
        b'xmlns:%s="%s"' % (prefix.rstrip(":").encode(), uri.encode()) for uri, prefix in NAMESPACES.items() if prefix
    )
    + b""
)


def name_of(element: etree._Element) -> str:
    """Return an element's name: bare for RSS, Atom and sitemaps, with the usual prefix else ("dc:date", "?:title")."""
    tag: object = element.tag
    if not isinstance(tag, str):  # a comment, an instruction or an entity
        return ""
    if tag[0] != "{":
        return tag.removeprefix("atom:")  # a prefix that no declaration explains stands for what it usually does
    uri, _, local = tag[1:].partition("}")
    prefix = prefix_of(uri)
    return (prefix if prefix is not None else "" if uri == _root_namespace(element) else "?:") + local


def _root_namespace(element: etree._Element) -> str:
    """Return the namespace of the document's root: what its elements are in is its own vocabulary, however written."""
    above = [*element.iterancestors()]
    tag: object = above[-1].tag if above else element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag[0] == "{" else ""


def text_of(element: etree._Element) -> str:
    """Return all text below an element; a name of HTML is its character, any other entity is nothing."""
    parts: list[str] = []
    for part in element.iter():
        if isinstance(part, etree._Entity):
            parts.append(html5.get(f"{part.name};", ""))
        elif part.text and str(part.tag).rpartition("}")[2].lower() not in CODE:
            parts.append(part.text)
        if part is not element and part.tail:
            parts.append(part.tail)
    return "".join(parts)


def entries(utf8: bytes, names: tuple[str, ...]) -> Iterator[etree._Element]:
    """Give every element of these local names, in document order, from a UTF-8 document of any quality.

    An element is good until the next is asked for. After an error some may come a second time: callers know addresses.
    Raises SeedUnreadable("bomb") for a document of more names or elements than any that is meant to be read.
    """
    utf8 = without_floods(utf8)
    read = 0
    try:
        for element in streamed(utf8, names, without=_doctype(utf8)):
            read += 1
            yield element
    except etree.XMLSyntaxError:
        yield from _by_pieces(utf8, names, skip=read)


def _doctype(utf8: bytes) -> tuple[int, int]:
    """Return where a DOCTYPE before the root element begins and ends; (0, 0) when there is none."""
    found = next((one for one in PROLOG_PART.finditer(utf8) if not one.group().startswith((b"<!-", b"<?"))), None)
    if found is None or not DOCTYPE.match(found.group()):
        return 0, 0
    place, quote, depth = found.end(), b"", 0
    for mark in re.compile(rb"""["'\[\]>]|<!--|-->""").finditer(utf8, place):
        sign = mark.group()
        if quote:
            quote = b"" if sign == quote else quote
        elif sign == b"<!--":
            quote = b"-->"
        elif sign in (b'"', b"'"):
            quote = sign
        elif sign == b"[":
            depth += 1
        elif sign == b"]":
            depth -= 1
        elif sign == b">" and depth <= 0:
            return found.start(), mark.end()
    return found.start(), len(utf8)


def _by_pieces(utf8: bytes, names: tuple[str, ...], *, skip: int) -> Iterator[etree._Element]:
    """Cut the document at its entries' tags and parse each piece for itself, as far as it goes."""
    alternatives = b"|".join(name.encode() for name in names)
    opening = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(%s)(?=[\s>/])" % alternatives)
    closing = re.compile(rb"</(?:[A-Za-z_][\w.-]*:)?(?:%s)\s*>" % alternatives)
    place, seen, met = _doctype(utf8)[1], 0, XmlNames()
    while seen < MAX_PIECES and (begin := opening.search(utf8, place)):
        following = opening.search(utf8, begin.end())
        limit = min(following.start() if following else len(utf8), begin.start() + MAX_PIECE_BYTES)
        close = closing.search(utf8, begin.end(), limit)
        place = close.end() if close else limit
        seen += 1
        if seen <= skip:
            continue
        piece = utf8[begin.start() : place]
        met.count(piece)
        element = _piece(piece, names)
        if element is not None:
            yield element


def _piece(piece: bytes, names: tuple[str, ...]) -> etree._Element | None:
    """Parse one entry with libxml2's recovery, its entities and control characters set right first."""
    clean = b"".join(
        part
        if part.startswith(b"<![CDATA[")
        else BARE_AMPERSAND.sub(b"&amp;", NUMBERED.sub(_allowed, NAMED_ENTITY.sub(_character, part)))
        for part in CDATA.split(_closed(piece.translate(None, CONTROLS)))
    )
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8")
    try:
        root = etree.fromstring(WRAP % _balanced(clean).decode("utf-8", "replace").encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    return next((found for found in root.iter() if name_of(found).rpartition(":")[2] in names), None)


def _allowed(match: re.Match[bytes]) -> bytes:
    """Keep a numbered character that XML allows; libxml2 recovers surrogates into bytes that lxml cannot read."""
    code = int(match.group(1), 16) if match.group(1) else int(match.group(2))
    fine = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return match.group() if fine else b""


def _closed(piece: bytes) -> bytes:
    """Drop what opens a CDATA section, comment or instruction that never ends: each would be looked for to the end."""
    for opening, closing in ((b"<![CDATA[", b"]]>"), (b"<!--", b"-->"), (b"<?", b"?>")):
        last = max(piece.rfind(closing), 0)
        if opening in piece[last:]:
            piece = piece[:last] + piece[last:].replace(opening, b"")
    return piece


def _balanced(piece: bytes) -> bytes:
    """Drop end tags that close nothing and close what a wrong end tag left open: libxml2 guesses worse."""
    out: list[bytes] = []
    open_tags: list[bytes] = []
    counts: Counter[bytes] = Counter()
    place = 0
    for match in TAG.finditer(piece):
        out.append(piece[place : match.start()])
        place = match.end()
        whole, closing, name = match.group(0, 1, 2)
        if name is None or (not closing and whole.endswith(b"/>")):
            out.append(whole)
        elif not closing:
            open_tags.append(name)
            counts[name] += 1
            out.append(whole)
        elif counts[name]:
            while open_tags:
                last = open_tags.pop()
                counts[last] -= 1
                out.append(b"</%s>" % last)
                if last == name:
                    break
    out.append(piece[place:])
    out.extend(b"</%s>" % name for name in reversed(open_tags))
    return b"".join(out)


def _character(match: re.Match[bytes]) -> bytes:
    """Put the character an HTML name stands for; XML knows five names only."""
    name = match.group(1).decode("ascii")
    return html5.get(f"{name};", "").encode()
